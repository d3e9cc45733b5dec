#include "lib/sandbox/sealed_memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const int SEALS = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

ol_rc ol_sealed_memfd(const char *name, ol_bytes first, ol_bytes last, ol_fd *ret, ol_err *err)
{
    OL_AUTO(ol_fd) fd = {memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (fd.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "memfd");
    OL_TRY(ol_write_all(fd, first, err));
    OL_TRY(ol_write_all(fd, last, err));
    if (fcntl(fd.n, F_ADD_SEALS, SEALS) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "seal");
    *ret = ol_fd_take(&fd);
    return OL_OK;
}

bool ol_memfd_is_sealed(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & SEALS) == SEALS;
}

ol_rc ol_memfd_map(int fd, size_t bytes, ol_bytes *ret, ol_err *err)
{
    struct stat about;
    if (!ol_memfd_is_sealed(fd) || fstat(fd, &about) != 0 || about.st_size < 0 ||
        (size_t)about.st_size != bytes || bytes == 0)
        return ol_fail(err, OL_ERR_PROTOCOL, "not the memfd it should be");
    void *data = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return ol_fail_errno(err, OL_ERR_IO, "map");
    *ret = (ol_bytes){data, bytes};
    return OL_OK;
}
