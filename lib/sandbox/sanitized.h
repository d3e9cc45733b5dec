/* Fences and sanitizers contradict each other: an instrumented program reserves a shadow of
 * terabytes, reads /proc and writes a report when it finds something. In a target built with
 * AddressSanitizer three things differ, and nothing else:
 *   - RLIMIT_DATA and RLIMIT_FSIZE stay as they are (fences.c, ol_rlimit_lower);
 *   - a forbidden system call is logged by the kernel instead of being death (seccomp.c and
 *     services/aot/fence.c);
 *   - standard error stays open, so that the report reaches the worker's log (zygote.c).
 * Tests of exactly these skip, visibly. Everywhere else the constant is 0 and costs nothing. */
#ifndef OL_SANDBOX_SANITIZED_H
#define OL_SANDBOX_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) /* GCC */
enum { OL_INSTRUMENTED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) /* Clang */
enum { OL_INSTRUMENTED = 1 };
#else
enum { OL_INSTRUMENTED = 0 };
#endif
#else
enum { OL_INSTRUMENTED = 0 };
#endif

#define OL_INSTRUMENTED_WHY "this fence is open in programs built with AddressSanitizer"

#endif
