/* File descriptors that close themselves, and whole-file reading and writing. */
#ifndef OL_BASE_FD_H
#define OL_BASE_FD_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

typedef struct ol_fd {
    int n; /* < 0: none */
} ol_fd;

#define OL_FD_NONE ((ol_fd){-1})

void ol_fd_deinit(ol_fd *fd); /* closes; afterwards none */
ol_fd ol_fd_take(ol_fd *fd);  /* moves out; *fd is none */

static inline bool ol_fd_is_open(ol_fd fd)
{
    return fd.n >= 0;
}

/* open(2) and friends, close-on-exec always. Paths are NUL-terminated. */
ol_rc ol_open(const char *path, int flags, ol_fd *ret, ol_err *err);
/* Two connected ends of a message socket (SOCK_SEQPACKET) or byte stream. */
ol_rc ol_socketpair(int type, ol_fd *ret_ours, ol_fd *ret_theirs, ol_err *err);

/* Reads to the end; more than the buffer's maximum is OL_ERR_LIMIT. */
ol_rc ol_read_all(ol_fd fd, ol_buf *into, ol_err *err);
ol_rc ol_write_all(ol_fd fd, ol_bytes bytes, ol_err *err);

/* A whole file. The text names the path. */
ol_rc ol_file_load(const char *path, ol_buf *into, ol_err *err);
/* Writes beside, syncs, renames over `path`, syncs the folder: whole or not at all. */
ol_rc ol_file_save(const char *path, ol_bytes bytes, unsigned mode, ol_err *err);
/* mkdir -p with mode 0700. */
ol_rc ol_dir_make(const char *path, ol_err *err);

#endif
