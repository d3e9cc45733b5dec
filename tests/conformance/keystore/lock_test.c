/* Keystore 1: where memory cannot be locked. A program of its own: what it gives up stays given up.
 */
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/conformance/keystore/lab.h"

enum { BYTES = 1024 * 1024 }; /* less than the program has, more than the masters need */

/* Sanitizers lock nothing and say they did. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

static bool sanitized(void)
{
    return __asan_init != NULL || __tsan_init != NULL;
}

/* As an ordinary user: for this program's children, root's too. */
static void limit_locking(void)
{
    const struct rlimit limit = {BYTES, BYTES};
    (void)prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0); /* who may not has not got it */
    CHECK_EQ(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
}

TEST("without leave to lock its memory the keystore does not start")
{
    limit_locking();
    if (sanitized())
        ol_test_skip("a sanitizer locks nothing");
    lab_check_refused((const char *const[]){"LOCK_MEMORY=true", NULL},
                      OL_STR("memory cannot be locked"));
}

TEST("for development it starts all the same, and warns")
{
    lab it;
    limit_locking();
    lab_start(&it, 1, (const char *const[]){"LOCK_MEMORY=false", NULL});
    CHECK_EQ(lab_get(&it, "/health", "").status, 200);
    lab_log_rest(&it);
    if (!sanitized())
        CHECK_HAS(ol_buf_str(&it.seen), OL_STR("memory_not_locked"), "warned");
    lab_stop(&it);
}
