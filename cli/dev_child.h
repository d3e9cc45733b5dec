/* A program that `outlayer dev` started: its log lines, its end. No child outlives dev: each dies
 * with it by the kernel's hand, should dev be killed. */
#ifndef CLI_DEV_CHILD_H
#define CLI_DEV_CHILD_H

#include <sys/types.h>

#include "cli/cli.h"
#include "lib/base/fd.h"

enum { DEV_LINE_BYTES_MAX = 16 * 1024, DEV_VARIABLES_MAX = 32 };

typedef struct dev_child {
    const char *name; /* coordinator, worker, command */
    pid_t pid;        /* 0: not running */
    ol_fd self;       /* pidfd */
    ol_fd log;        /* what it writes on standard error; none when inherited */
    bool log_ended;
    size_t held; /* bytes of an unfinished line */
    char line[DEV_LINE_BYTES_MAX];
} dev_child;

typedef struct dev_spawn {
    const char *name;
    const char *program; /* path */
    char *const *argv;   /* NULL: the program's name alone */
    /* NAME=VALUE; the child has these, and with `inherit` ours besides. */
    const char *variable[DEV_VARIABLES_MAX];
    size_t variables;
    bool inherit;             /* our environment and streams, our process group */
    bool inherit_environment; /* our environment alone: HOME and the cache folder */
    bool result; /* the pipe carries standard output in place of standard error, which is ours */
} dev_spawn;

void dev_variable(const cli *it, dev_spawn *spawn, const char *name, ol_str value);

ol_rc dev_child_start(const dev_spawn *spawn, dev_child *ret, ol_err *err);
void dev_child_signal(const dev_child *child, int number);
/* Reaps it when it has ended; *ret_status as waitpid. */
bool dev_child_ended(dev_child *child, int *ret_status);
/* Waits for its end up to `ms`, then kills it. */
void dev_child_stop(dev_child *child, int ms);

/* Reads what came; each whole line goes to `on_line`, without its end. false at the end of the
 * stream. Longer lines are cut. */
typedef void dev_on_line(void *context, dev_child *child, ol_str line);
bool dev_child_read(dev_child *child, dev_on_line *on_line, void *context);

/* A short program to its end: what it wrote on standard output, in the arena. */
ol_rc dev_program_run(const cli *it, dev_spawn *spawn, ol_str *ret, ol_err *err);

#endif
