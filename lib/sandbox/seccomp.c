#include "lib/sandbox/seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/sandbox/sanitized.h"

enum { INSTRUCTIONS_MAX = 1024 };

/* What a guest's work needs: memory, its job socket, time, randomness, and the event loop that
 * waits for outgoing HTTP. */
static const int RUN[] = {
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(close),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(fstat),
    SCMP_SYS(fcntl),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(eventfd2),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Beyond that, what keeps templates: processes and their ends, artifacts. */
static const int TEMPLATE[] = {
    SCMP_SYS(mmap),       SCMP_SYS(mprotect),  SCMP_SYS(openat),          SCMP_SYS(statx),
    SCMP_SYS(newfstatat), SCMP_SYS(lseek),     SCMP_SYS(pread64),         SCMP_SYS(dup),
    SCMP_SYS(dup2),       SCMP_SYS(dup3),      SCMP_SYS(close_range),     SCMP_SYS(wait4),
    SCMP_SYS(pidfd_open), SCMP_SYS(prctl),     SCMP_SYS(prlimit64),       SCMP_SYS(getppid),
    SCMP_SYS(seccomp),    SCMP_SYS(rseq),      SCMP_SYS(set_tid_address), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getrlimit), SCMP_SYS(setrlimit),
};

static int allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
    int bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return bad;
}

/* fork, as glibc does it: a copy of the process, no shared memory, no new namespaces. */
static int allow_fork(scmp_filter_ctx filter)
{
    const unsigned long refused = CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_NEWNS |
                                  CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                  CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE | CLONE_UNTRACED |
                                  CLONE_PARENT;
    int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, refused, 0));
    /* glibc then uses clone, whose flags a filter can read. */
    return bad | seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int allow_data_memory(scmp_filter_ctx filter)
{
    int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return bad | seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* libseccomp writes its program to a descriptor only. */
static ol_rc code_take(scmp_filter_ctx filter, ol_seccomp *ret, ol_err *err)
{
    ol_seccomp made = {.code = calloc(INSTRUCTIONS_MAX, sizeof(struct sock_filter))};
    int fd = memfd_create("filter", MFD_CLOEXEC);
    bool good = made.code != NULL && fd >= 0 && seccomp_export_bpf(filter, fd) == 0 &&
                lseek(fd, 0, SEEK_SET) == 0;
    ssize_t bytes = good ? read(fd, made.code, INSTRUCTIONS_MAX * sizeof(struct sock_filter)) : -1;
    if (fd >= 0)
        (void)close(fd);
    if (bytes <= 0 || (size_t)bytes >= INSTRUCTIONS_MAX * sizeof(struct sock_filter)) {
        ol_seccomp_deinit(&made);
        return ol_fail(err, OL_ERR_SANDBOX, "seccomp: no filter");
    }
    made.count = (uint16_t)((size_t)bytes / sizeof(struct sock_filter));
    *ret = made;
    return OL_OK;
}

static ol_rc filter_make(bool for_run, ol_seccomp *ret, ol_err *err)
{
    scmp_filter_ctx filter = seccomp_init(OL_INSTRUMENTED ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return ol_fail(err, OL_ERR_SANDBOX, "seccomp: no filter");
    int bad = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
    bad |= allow_all(filter, RUN, OL_COUNT(RUN));
    if (for_run)
        bad |= allow_data_memory(filter);
    else
        bad |= allow_all(filter, TEMPLATE, OL_COUNT(TEMPLATE)) | allow_fork(filter);
    ol_rc rc = bad == 0 ? code_take(filter, ret, err)
                        : ol_fail(err, OL_ERR_SANDBOX, "seccomp: a rule was refused");
    seccomp_release(filter);
    return rc;
}

ol_rc ol_seccomp_for_template(ol_seccomp *ret, ol_err *err)
{
    return filter_make(false, ret, err);
}

ol_rc ol_seccomp_for_run(ol_seccomp *ret, ol_err *err)
{
    return filter_make(true, ret, err);
}

void ol_seccomp_deinit(ol_seccomp *filter)
{
    free(filter->code);
    *filter = (ol_seccomp){0};
}

ol_rc ol_seccomp_load(const ol_seccomp *filter, ol_err *err)
{
    struct sock_fprog program = {.len = filter->count, .filter = filter->code};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return ol_fail_errno(err, OL_ERR_SANDBOX, "seccomp: filter refused");
    return OL_OK;
}
