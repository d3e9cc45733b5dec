#include "services/aot/fence.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "lib/base/num.h"
#include "lib/sandbox/fences.h"
#include "lib/sandbox/sanitized.h"

enum {
    DESCRIPTORS_MAX = 16,
    CPU_SECONDS_BASE = 30, /* Engine 5 */
    CPU_SECONDS_PER_MB = 10,
    MEMORY_PER_INPUT_BYTE = 30,
};

static const int ALLOWED[] = {
    SCMP_SYS(read),          SCMP_SYS(write),        SCMP_SYS(pwrite64),
    SCMP_SYS(ftruncate),     SCMP_SYS(fstat),        SCMP_SYS(close),
    SCMP_SYS(munmap),        SCMP_SYS(mremap),       SCMP_SYS(madvise),
    SCMP_SYS(brk),           SCMP_SYS(futex),        SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),          SCMP_SYS(sched_yield),  SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),        SCMP_SYS(getpid),       SCMP_SYS(exit),
    SCMP_SYS(exit_group),    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),  SCMP_SYS(sigaltstack),  SCMP_SYS(tgkill), /* abort() */
    SCMP_SYS(clock_gettime), SCMP_SYS(getrandom),    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
};

/* What libraries try and live without. */
static const struct {
    int call, answer;
} REFUSED[] = {
    {SCMP_SYS(openat), ENOENT}, {SCMP_SYS(open), ENOENT},       {SCMP_SYS(readlink), ENOENT},
    {SCMP_SYS(clone3), ENOSYS}, /* glibc then uses clone, whose flags a filter can read */
    {SCMP_SYS(statx), ENOENT},  {SCMP_SYS(newfstatat), ENOENT},
};

static bool rules_add(scmp_filter_ctx filter)
{
    int bad = 0;
    for (size_t i = 0; i < sizeof ALLOWED / sizeof ALLOWED[0]; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, ALLOWED[i], 0);
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint16_t)REFUSED[i].answer),
                                REFUSED[i].call, 0);
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    return bad == 0;
}

ol_rc fence_close(size_t wasm_bytes, size_t artifact_bytes_max, ol_err *err)
{
    uint64_t seconds = CPU_SECONDS_BASE + CPU_SECONDS_PER_MB * (wasm_bytes / OL_MIB(1) + 1);
    OL_TRY(ol_rlimit_lower(RLIMIT_CPU, seconds, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_DATA, OL_MIB(2048) + MEMORY_PER_INPUT_BYTE * wasm_bytes, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_FSIZE, artifact_bytes_max, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_NOFILE, DESCRIPTORS_MAX, err));
    OL_TRY(ol_rlimit_lower(RLIMIT_CORE, 0, err));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "no_new_privs");

    scmp_filter_ctx filter = seccomp_init(OL_INSTRUMENTED ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return ol_fail(err, OL_ERR_SANDBOX, "seccomp: no filter");
    bool good = rules_add(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good ? OL_OK : ol_fail(err, OL_ERR_SANDBOX, "seccomp: filter refused");
}
