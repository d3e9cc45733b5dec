#include "cli/home_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

enum { PATH_BYTES = 4096 };

ol_rc home_lock(const char *home, ol_str network, const char *name, ol_fd *ret, ol_err *err)
{
    char path[PATH_BYTES];
    OL_AUTO(ol_fd) file = OL_FD_NONE;
    int rc;
    int n = snprintf(path, sizeof path, "%s/%.*s", home, OL_FMT(network));
    if (n < 0 || (size_t)n + 1 + ol_str_of(name).len >= sizeof path)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "path too long");
    OL_TRY(ol_dir_make(path, err));
    (void)snprintf(path + n, sizeof path - (size_t)n, "/%s", name);
    OL_TRY(ol_open(path, O_RDWR | O_CREAT, &file, err));
    do
        rc = flock(file.n, LOCK_EX);
    while (rc != 0 && errno == EINTR);
    if (rc != 0)
        return ol_fail_errno(err, OL_ERR_IO, "cannot lock %s", path);
    *ret = ol_fd_take(&file);
    return OL_OK;
}
