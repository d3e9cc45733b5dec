/* Starting a program of ours with chosen descriptors and nothing else: no environment, a process
 * group of its own, no descriptor beyond those listed. Safe in programs with threads. */
#ifndef OL_SANDBOX_SPAWN_H
#define OL_SANDBOX_SPAWN_H

#include <sys/types.h>

#include "lib/base/fd.h"

enum { OL_SPAWN_KEEP_MAX = 8 };

typedef struct ol_spawn_plan {
    const char *program;     /* path */
    const char *const *argv; /* NULL-terminated, argv[0] included */
    /* keep[i] becomes descriptor i of the child; OL_FD_NONE is /dev/null. 0, 1, 2 are stdio. */
    const ol_fd *keep;
    size_t keep_count; /* at most OL_SPAWN_KEEP_MAX; the child has no other descriptor */
} ol_spawn_plan;

typedef struct ol_process {
    pid_t pid;   /* 0: none, or reaped */
    ol_fd pidfd; /* owned */
} ol_process;

#define OL_PROCESS_NONE ((ol_process){0, OL_FD_NONE})

/* OL_ERR_ENVIRONMENT when the program cannot be started. The child should set PR_SET_PDEATHSIG
 * itself (ol_die_with_parent); posix_spawn cannot. */
ol_rc ol_spawn(const ol_spawn_plan *plan, ol_process *ret, ol_err *err);
/* Kills the process and its group, and reaps it. */
void ol_process_deinit(ol_process *process);
/* Reaps an ended process: its wait status. */
int ol_process_wait(ol_process *process);

/* In the child: SIGKILL when the thread that started us ends. false: it has ended already, where
 * `parent` is the process id it should have. */
bool ol_die_with_parent(pid_t parent);

#endif
