/* Which system calls are left (Engine 3, 10). Everything else kills the process. */
#ifndef OL_SANDBOX_SECCOMP_H
#define OL_SANDBOX_SECCOMP_H

#include "lib/base/err.h"

/* A filter made ahead, so that loading it is one system call. */
typedef struct ol_seccomp {
    struct sock_filter *code; /* owned */
    uint16_t count;
} ol_seccomp;

/* Zygote and templates: fork, waiting, loading artifacts. No exec, no sockets, no namespaces. */
ol_rc ol_seccomp_for_template(ol_seccomp *ret, ol_err *err);
/* A run: no fork, no files, no executable memory. */
ol_rc ol_seccomp_for_run(ol_seccomp *ret, ol_err *err);
void ol_seccomp_deinit(ol_seccomp *filter);

/* For good. A second filter adds to the first: both must allow a call. */
ol_rc ol_seccomp_load(const ol_seccomp *filter, ol_err *err);

#endif
