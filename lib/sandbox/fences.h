/* The fences a runner raises around itself once, before it serves anything (Engine 3). Children
 * inherit all of them. */
#ifndef OL_SANDBOX_FENCES_H
#define OL_SANDBOX_FENCES_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

typedef struct ol_fences {
    bool user;     /* a user namespace of its own (an ordinary user started us) */
    bool identity; /* gave up root's identity and all capabilities */
    bool network;  /* a network namespace without any interface that is up */
    bool mount;    /* an empty read-only file system */
    bool ipc;
    bool uts;
    bool landlock; /* denies every file, also through descriptors of folders */
    bool limits;   /* no core files, no dump by others, no file growth, few descriptors */
    bool seccomp;  /* set by whoever loads the filter */
} ol_fences;

/* Raises what the kernel permits; single-threaded programs only. OL_ERR_SANDBOX when one that we
 * insist on is not to be had: the network must be unreachable. */
ol_rc ol_fences_raise(ol_fences *ret, ol_err *err);

/* Is there a network interface that is up in this namespace? */
ol_rc ol_network_check_unreachable(ol_err *err);

/* "user identity net mount ipc uts landlock limits seccomp": the active ones. */
void ol_fences_format(const ol_fences *fences, ol_buf *into);

/* Lowers a limit, hard and soft; a stricter one that is there already stays. */
ol_rc ol_rlimit_lower(int resource, uint64_t value, ol_err *err);

#endif
