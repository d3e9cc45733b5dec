#include "lib/sandbox/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sandbox/pidfd.h"

/* Moves every kept descriptor beyond the target numbers first, so that none is overwritten before
 * it has been copied. */
static int actions_fill(const ol_spawn_plan *plan, ol_fd *moved,
                        posix_spawn_file_actions_t *actions)
{
    int bad = 0;
    for (size_t i = 0; i < plan->keep_count; i++) {
        if (ol_fd_is_open(plan->keep[i])) {
            moved[i].n = fcntl(plan->keep[i].n, F_DUPFD_CLOEXEC, OL_SPAWN_KEEP_MAX);
            if (moved[i].n < 0)
                return errno;
            bad |= posix_spawn_file_actions_adddup2(actions, moved[i].n, (int)i);
        } else {
            bad |= posix_spawn_file_actions_addopen(actions, (int)i, "/dev/null", O_RDWR, 0);
        }
    }
    return bad | posix_spawn_file_actions_addclosefrom_np(actions, (int)plan->keep_count);
}

static int attributes_fill(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int bad = posix_spawnattr_setpgroup(attributes, 0);
    bad |= posix_spawnattr_setsigmask(attributes, &none);
    bad |= posix_spawnattr_setsigdefault(attributes, &all);
    return bad |
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
}

ol_rc ol_spawn(const ol_spawn_plan *plan, ol_process *ret, ol_err *err)
{
    static char *const no_environment[] = {NULL};
    ol_fd moved[OL_SPAWN_KEEP_MAX];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ol_process process = OL_PROCESS_NONE;

    OL_ASSERT(plan->keep_count >= 3 && plan->keep_count <= OL_SPAWN_KEEP_MAX);
    for (size_t i = 0; i < OL_COUNT(moved); i++)
        moved[i] = OL_FD_NONE;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    (void)posix_spawnattr_init(&attributes); /* cannot fail in glibc */
    int bad = actions_fill(plan, moved, &actions);
    bad = bad != 0 ? bad : attributes_fill(&attributes);
    if (bad == 0)
        bad = posix_spawn(&process.pid, plan->program, &actions, &attributes,
                          (char *const *)(uintptr_t)plan->argv, no_environment);
    for (size_t i = 0; i < OL_COUNT(moved); i++)
        ol_fd_deinit(&moved[i]);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (bad != 0) {
        (void)ol_fail(err, OL_ERR_ENVIRONMENT, "Cannot start %s", plan->program);
        return ol_note(err, "%s", strerror(bad));
    }
    ol_rc rc = ol_pidfd_open(process.pid, &process.pidfd, err);
    if (rc != OL_OK) {
        ol_process_deinit(&process);
        return rc;
    }
    *ret = process;
    return OL_OK;
}

int ol_process_wait(ol_process *process)
{
    int status = 0;
    if (process->pid <= 0)
        return 0;
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) {
    }
    process->pid = 0;
    return status;
}

void ol_process_deinit(ol_process *process)
{
    if (process->pid > 0) {
        /* Not reaped yet, so the number is still its own; so is the group's. */
        (void)kill(-process->pid, SIGKILL);
        (void)kill(process->pid, SIGKILL);
        (void)ol_process_wait(process);
    }
    ol_fd_deinit(&process->pidfd);
}

bool ol_die_with_parent(pid_t parent)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}
