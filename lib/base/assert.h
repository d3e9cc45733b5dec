/* Assertions, and the few macros every file uses. Assertions stay on in release builds: errors are
 * for what the world does, assertions for what we promised. */
#ifndef OL_BASE_ASSERT_H
#define OL_BASE_ASSERT_H

#include <stddef.h>

/* Prints the broken promise to standard error and aborts. */
_Noreturn void ol_assert_failed(const char *condition, const char *file, int line);

#ifdef OL_ASSERT_TRAPS
/* Where a text costs too much to carry, as in contracts: an illegal instruction. */
#define OL_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#define OL_UNREACHABLE() __builtin_trap()
#else
#define OL_ASSERT(condition)                                                                       \
    ((condition) ? (void)0 : ol_assert_failed(#condition, __FILE__, __LINE__))
#define OL_UNREACHABLE() ol_assert_failed("unreachable", __FILE__, __LINE__)
#endif

#define OL_COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Walks an array by pointer: OL_EACH (row, table) { … row->member … } */
#define OL_EACH(item, array)                                                                       \
    for (__typeof__(&(array)[0]) item = (array); item < (array) + OL_COUNT(array); item++)

/* A variable that ends with its scope: OL_AUTO(ol_fd) file = OL_FD_NONE; calls ol_fd_deinit(&file).
 * Every deinit accepts a zeroed or half-built value. */
#define OL_AUTO(type) __attribute__((cleanup(type##_deinit))) type

#define OL_PRINTF(format_index, first_argument)                                                    \
    __attribute__((format(printf, format_index, first_argument)))
#define OL_MUST_USE __attribute__((warn_unused_result))

#endif
