/* Calls that must succeed, or fail with a text; else the test ends. */
#include "tests/chain/contract_bench.h"
#include "tests/harness/test.h"

const bench_outcome *bench_call_ok(bench *b, const char *who, ol_u128 deposit, const char *method,
                                   ol_str arguments, const char *file, int line)
{
    const bench_outcome *it = bench_call(b, who, NULL, deposit, method, arguments);
    if (!it->ok)
        ol_test_fail(file, line, "%s failed: %.*s", method, OL_FMT(it->error));
    return it;
}

static void check_failed(const bench_outcome *it, const char *method, const char *text,
                         const char *file, int line)
{
    if (it->ok)
        ol_test_fail(file, line, "%s did not fail with: %s", method, text);
    ol_check_has(it->error, ol_str_of(text), method, file, line);
}

void bench_call_fails(bench *b, const char *who, ol_u128 deposit, const char *method,
                      ol_str arguments, const char *text, const char *file, int line)
{
    check_failed(bench_call(b, who, NULL, deposit, method, arguments), method, text, file, line);
}

ol_str bench_view_ok(bench *b, const char *method, ol_str arguments, const char *file, int line)
{
    const bench_outcome *it = bench_view(b, method, arguments);
    if (!it->ok)
        ol_test_fail(file, line, "%s failed: %.*s", method, OL_FMT(it->error));
    return it->value;
}

void bench_view_fails(bench *b, const char *method, ol_str arguments, const char *text,
                      const char *file, int line)
{
    check_failed(bench_view(b, method, arguments), method, text, file, line);
}
