/* The test harness: a test is a sentence about behaviour. A failed check names its row, ends its
 * test and lets the others run. The program exits 0, 1 when a test failed, 77 when all skipped.
 *
 *   TEST("a repeated key keeps its first place") { CHECK_EQ(f(1), 2); }
 *
 * Arguments of the program are substrings: only tests whose sentence holds one of them run. */
#ifndef OL_TESTS_HARNESS_TEST_H
#define OL_TESTS_HARNESS_TEST_H

#include "lib/base/assert.h"
#include "lib/base/err.h"
#include "lib/base/num.h"
#include "lib/base/str.h"

typedef void ol_test_fn(void);
void ol_test_register(const char *sentence, ol_test_fn *fn, const char *file, int line);

#define OL_TEST_JOIN_(a, b) a##b
#define OL_TEST_JOIN(a, b) OL_TEST_JOIN_(a, b)
#define OL_TEST_DEFINE(sentence, id)                                                               \
    static void OL_TEST_JOIN(test_, id)(void);                                                     \
    __attribute__((constructor)) static void OL_TEST_JOIN(register_, id)(void)                     \
    {                                                                                              \
        ol_test_register(sentence, OL_TEST_JOIN(test_, id), __FILE__, __LINE__);                   \
    }                                                                                              \
    static void OL_TEST_JOIN(test_, id)(void)
#define TEST(sentence) OL_TEST_DEFINE(sentence, __LINE__)

/* Ends the test as failed / as skipped (shown with its reason). They do not return. */
_Noreturn void ol_test_fail(const char *file, int line, const char *format, ...) OL_PRINTF(3, 4);
_Noreturn void ol_test_skip(const char *reason);

void ol_check_str(ol_str got, ol_str want, const char *row, const char *file, int line);
void ol_check_starts(ol_str got, ol_str want, const char *row, const char *file, int line);
void ol_check_ends(ol_str got, ol_str want, const char *row, const char *file, int line);
void ol_check_has(ol_str got, ol_str want, const char *row, const char *file, int line);
void ol_check_number(ol_i128 got, ol_i128 want, const char *what, const char *row, const char *file,
                     int line);
void ol_check_ok(ol_rc rc, const ol_err *err, const char *what, const char *file, int line);

#define CHECK(condition)                                                                           \
    ((condition) ? (void)0 : ol_test_fail(__FILE__, __LINE__, "not true: %s", #condition))
#define CHECK_ROW(condition, row)                                                                  \
    ((condition) ? (void)0                                                                         \
                 : ol_test_fail(__FILE__, __LINE__, "not true: %s (row %s)", #condition, (row)))
/* Numbers (and enums, booleans), up to 127 bits. */
#define CHECK_EQ(got, want)                                                                        \
    ol_check_number((ol_i128)(got), (ol_i128)(want), #got, NULL, __FILE__, __LINE__)
#define CHECK_EQ_ROW(got, want, row)                                                               \
    ol_check_number((ol_i128)(got), (ol_i128)(want), #got, (row), __FILE__, __LINE__)
/* Texts: both sides ol_str. C strings go through ol_str_of. */
#define CHECK_STR(got, want) ol_check_str((got), (want), NULL, __FILE__, __LINE__)
#define CHECK_STR_ROW(got, want, row) ol_check_str((got), (want), (row), __FILE__, __LINE__)
#define CHECK_STARTS(got, want, row) ol_check_starts((got), (want), (row), __FILE__, __LINE__)
#define CHECK_ENDS(got, want, row) ol_check_ends((got), (want), (row), __FILE__, __LINE__)
#define CHECK_HAS(got, want, row) ol_check_has((got), (want), (row), __FILE__, __LINE__)
/* A call that takes an `ol_err err` in scope and must succeed. */
#define CHECK_OK(expression) ol_check_ok((expression), &err, #expression, __FILE__, __LINE__)

#endif
