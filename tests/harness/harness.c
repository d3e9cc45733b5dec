#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/test.h"

enum { TESTS_MAX = 2000 };

typedef struct test {
    const char *sentence;
    ol_test_fn *fn;
    const char *file;
    int line;
} test;

typedef enum outcome { PASSED, FAILED, SKIPPED } outcome;

static struct {
    test tests[TESTS_MAX];
    size_t count;
    jmp_buf way_out;
    outcome end;
} suite;

void ol_test_register(const char *sentence, ol_test_fn *fn, const char *file, int line)
{
    OL_ASSERT(suite.count < TESTS_MAX);
    suite.tests[suite.count++] = (test){sentence, fn, file, line};
}

void ol_test_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "    %s:%d: ", file, line);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    suite.end = FAILED;
    longjmp(suite.way_out, 1);
}

void ol_test_skip(const char *reason)
{
    (void)fprintf(stderr, "    skipped: %s\n", reason);
    suite.end = SKIPPED;
    longjmp(suite.way_out, 1);
}

static void text_fault(const char *relation, ol_str got, ol_str want, const char *row,
                       const char *file, int line)
{
    ol_test_fail(file, line, "%s%s%s\n      got:  %.*s\n      want: %.*s", relation,
                 row != NULL ? ", row " : "", row != NULL ? row : "", OL_FMT(got), OL_FMT(want));
}

void ol_check_str(ol_str got, ol_str want, const char *row, const char *file, int line)
{
    if (!ol_str_eq(got, want))
        text_fault("not equal", got, want, row, file, line);
}

void ol_check_starts(ol_str got, ol_str want, const char *row, const char *file, int line)
{
    if (!ol_str_starts(got, want))
        text_fault("other start", got, want, row, file, line);
}

void ol_check_ends(ol_str got, ol_str want, const char *row, const char *file, int line)
{
    if (!ol_str_ends(got, want))
        text_fault("other end", got, want, row, file, line);
}

void ol_check_has(ol_str got, ol_str want, const char *row, const char *file, int line)
{
    size_t at;
    if (!ol_str_find(got, want, &at))
        text_fault("not within", got, want, row, file, line);
}

void ol_check_number(ol_i128 got, ol_i128 want, const char *what, const char *row, const char *file,
                     int line)
{
    if (got == want)
        return;
    ol_u128_text g = ol_u128_format((ol_u128)(got < 0 ? -got : got));
    ol_u128_text w = ol_u128_format((ol_u128)(want < 0 ? -want : want));
    ol_test_fail(file, line, "%s is %s%s, not %s%s%s%s", what, got < 0 ? "-" : "", g.data,
                 want < 0 ? "-" : "", w.data, row != NULL ? ", row " : "", row != NULL ? row : "");
}

void ol_check_ok(ol_rc rc, const ol_err *err, const char *what, const char *file, int line)
{
    if (rc == OL_OK)
        return;
    for (unsigned i = 0; i < err->notes; i++)
        (void)fprintf(stderr, "    note: %s\n", err->note[i]);
    ol_test_fail(file, line, "%s failed: %s: %s", what, ol_reason_of(rc)->name, err->text);
}

static bool chosen(const char *sentence, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strstr(sentence, argv[i]) != NULL)
            return true;
    }
    return argc < 2;
}

/* The end is kept outside of the function, which longjmp may come back to. */
static outcome run_one(const test *one)
{
    static const char *const WORDS[] = {"ok  ", "FAIL", "skip"};
    suite.end = PASSED;
    if (setjmp(suite.way_out) == 0)
        one->fn();
    (void)fprintf(stderr, "%s  %s\n", WORDS[suite.end], one->sentence);
    return suite.end;
}

int main(int argc, char **argv)
{
    size_t count[3] = {0};
    for (size_t i = 0; i < suite.count; i++) {
        if (chosen(suite.tests[i].sentence, argc, argv))
            count[run_one(&suite.tests[i])]++;
    }
    (void)fprintf(stderr, "%zu passed, %zu failed, %zu skipped\n", count[PASSED], count[FAILED],
                  count[SKIPPED]);
    if (count[FAILED] > 0)
        return 1;
    return count[PASSED] == 0 ? 77 : 0;
}
