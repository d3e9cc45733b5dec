#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP_BYTES = 64 * 1024, PATH_BYTES_MAX = 4096 };

void ol_fd_deinit(ol_fd *fd)
{
    if (fd->n >= 0)
        (void)close(fd->n);
    fd->n = -1;
}

ol_fd ol_fd_take(ol_fd *fd)
{
    ol_fd moved = *fd;
    fd->n = -1;
    return moved;
}

ol_rc ol_open(const char *path, int flags, ol_fd *ret, ol_err *err)
{
    int n = open(path, flags | O_CLOEXEC, 0600);
    if (n < 0)
        return ol_fail_errno(err, errno == ENOENT ? OL_ERR_NOT_FOUND : OL_ERR_IO, "Cannot open %s",
                             path);
    ret->n = n;
    return OL_OK;
}

ol_rc ol_socketpair(int type, ol_fd *ret_ours, ol_fd *ret_theirs, ol_err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot make a socket pair");
    ret_ours->n = pair[0];
    ret_theirs->n = pair[1];
    return OL_OK;
}

ol_rc ol_read_all(ol_fd fd, ol_buf *into, ol_err *err)
{
    for (;;) {
        size_t room = into->max - into->len;
        size_t step = room < READ_STEP_BYTES ? room : READ_STEP_BYTES;
        uint8_t beyond;
        uint8_t *at = step == 0 ? &beyond : ol_buf_reserve(into, step);
        if (at == NULL)
            return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
        ssize_t got = read(fd.n, at, step == 0 ? 1 : step);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ol_fail_errno(err, OL_ERR_IO, "Read failed");
        if (got == 0)
            return OL_OK;
        if (step == 0)
            return ol_fail(err, OL_ERR_LIMIT, "Larger than %zu bytes", into->max);
        into->len += (size_t)got;
    }
}

ol_rc ol_write_all(ol_fd fd, ol_bytes bytes, ol_err *err)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd.n, bytes.data, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return ol_fail_errno(err, OL_ERR_IO, "Write failed");
        bytes.data += put;
        bytes.len -= (size_t)put;
    }
    return OL_OK;
}

ol_rc ol_file_load(const char *path, ol_buf *into, ol_err *err)
{
    OL_AUTO(ol_fd) file = OL_FD_NONE;
    OL_TRY(ol_open(path, O_RDONLY, &file, err));
    OL_TRY_NOTE(err, ol_read_all(file, into, err), "read %s", path);
    return OL_OK;
}

static ol_rc sync_folder(const char *path, ol_err *err)
{
    char folder[PATH_BYTES_MAX];
    ol_str head;
    ol_str tail;
    if (!ol_str_cut_last(ol_str_of(path), '/', &head, &tail))
        head = OL_STR(".");
    if (head.len == 0)
        head = OL_STR("/");
    (void)snprintf(folder, sizeof folder, "%.*s", OL_FMT(head));
    OL_AUTO(ol_fd) dir = OL_FD_NONE;
    OL_TRY(ol_open(folder, O_RDONLY | O_DIRECTORY, &dir, err));
    if (fsync(dir.n) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot sync %s", folder);
    return OL_OK;
}

ol_rc ol_file_save(const char *path, ol_bytes bytes, unsigned mode, ol_err *err)
{
    char beside[PATH_BYTES_MAX];
    int len = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof beside)
        return ol_fail(err, OL_ERR_LIMIT, "Path too long: %s", path);
    OL_AUTO(ol_fd) file = {mkostemp(beside, O_CLOEXEC)};
    if (file.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot write %s", path);
    ol_rc rc = ol_write_all(file, bytes, err);
    if (rc == OL_OK &&
        (fchmod(file.n, mode) != 0 || fsync(file.n) != 0 || rename(beside, path) != 0))
        rc = ol_fail_errno(err, OL_ERR_IO, "Cannot write %s", path);
    if (rc != OL_OK) {
        (void)unlink(beside);
        return rc;
    }
    return sync_folder(path, err);
}

ol_rc ol_dir_make(const char *path, ol_err *err)
{
    char part[PATH_BYTES_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part)
        return ol_fail(err, OL_ERR_LIMIT, "Path empty or too long: %s", path);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return ol_fail_errno(err, OL_ERR_IO, "Cannot make folder %s", part);
    }
    return OL_OK;
}
