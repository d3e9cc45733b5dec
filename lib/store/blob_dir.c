#include "lib/store/blob_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/crypto/random.h"

enum { BLOB_PATH_BYTES = 2 + 1 + 64 + 1, WRITING_NAME_BYTES = 32 };

#define WRITING "writing" /* where unfinished blobs lie, beside the finished ones */

typedef struct blob_path {
    char text[BLOB_PATH_BYTES]; /* 3f/3fa1… */
} blob_path;

static blob_path path_of(const ol_sha256 *hash)
{
    blob_path path;
    ol_sha256_hex hex = ol_sha256_format(hash);
    (void)snprintf(path.text, sizeof path.text, "%.2s/%s", hex.data, hex.data);
    return path;
}

static ol_rc folder_make(int parent, const char *name, ol_err *err)
{
    if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot make folder %s", name);
    return OL_OK;
}

/* What a crash left half written. */
static ol_rc writing_clear(int parent, ol_err *err)
{
    int fd = openat(parent, WRITING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return ol_fail_errno(err, OL_ERR_IO, "Cannot read folder " WRITING);
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (entry->d_name[0] != '.')
            (void)unlinkat(fd, entry->d_name, 0);
    (void)closedir(folder);
    return OL_OK;
}

ol_rc ol_blob_dir_open(const char *path, ol_blob_dir *ret, ol_err *err)
{
    OL_AUTO(ol_fd) folder = OL_FD_NONE;
    OL_TRY(ol_dir_make(path, err));
    OL_TRY(ol_open(path, O_RDONLY | O_DIRECTORY, &folder, err));
    OL_TRY(folder_make(folder.n, WRITING, err));
    OL_TRY(writing_clear(folder.n, err));
    ret->folder = ol_fd_take(&folder);
    return OL_OK;
}

void ol_blob_dir_deinit(ol_blob_dir *dir)
{
    ol_fd_deinit(&dir->folder);
}

bool ol_blob_exists(const ol_blob_dir *dir, const ol_sha256 *hash)
{
    struct stat info;
    return fstatat(dir->folder.n, path_of(hash).text, &info, 0) == 0 && S_ISREG(info.st_mode);
}

static ol_rc folder_sync(int parent, const char *name, ol_err *err)
{
    OL_AUTO(ol_fd) folder = {openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (folder.n < 0 || fsync(folder.n) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot sync folder %s", name);
    return OL_OK;
}

/* Writes and syncs the bytes under a name nobody looks for. */
static ol_rc write_beside(int parent, const char *name, ol_bytes bytes, ol_err *err)
{
    OL_AUTO(ol_fd)
    file = {openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot write %s", name);
    OL_TRY(ol_write_all(file, bytes, err));
    if (fdatasync(file.n) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot sync %s", name);
    return OL_OK;
}

static ol_rc put_new(ol_blob_dir *dir, ol_bytes bytes, const ol_sha256 *hash, ol_err *err)
{
    blob_path path = path_of(hash);
    char shard[3] = {path.text[0], path.text[1], '\0'};
    char name[WRITING_NAME_BYTES];
    int parent = dir->folder.n;
    (void)snprintf(name, sizeof name, WRITING "/%016llx",
                   (unsigned long long)ol_random_u64(ol_random_kernel()));
    ol_rc rc = write_beside(parent, name, bytes, err);
    if (rc == OL_OK)
        rc = folder_make(parent, shard, err);
    if (rc == OL_OK && renameat(parent, name, parent, path.text) != 0)
        rc = ol_fail_errno(err, OL_ERR_IO, "Cannot rename to %s", path.text);
    if (rc != OL_OK) {
        (void)unlinkat(parent, name, 0);
        return rc;
    }
    OL_TRY(folder_sync(parent, shard, err));
    return folder_sync(parent, ".", err); /* the shard itself may be new */
}

ol_rc ol_blob_put(ol_blob_dir *dir, ol_bytes bytes, ol_sha256 *ret_hash, ol_err *err)
{
    ol_sha256 hash = ol_sha256_of(bytes);
    if (!ol_blob_exists(dir, &hash))
        OL_TRY(put_new(dir, bytes, &hash, err));
    *ret_hash = hash;
    return OL_OK;
}

ol_rc ol_blob_load(ol_blob_dir *dir, const ol_sha256 *hash, ol_buf *into, ol_err *err)
{
    blob_path path = path_of(hash);
    OL_AUTO(ol_fd) file = {openat(dir->folder.n, path.text, O_RDONLY | O_CLOEXEC)};
    if (file.n < 0 && errno == ENOENT)
        return ol_fail(err, OL_ERR_NOT_FOUND, "No such blob");
    if (file.n < 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot read %s", path.text);
    OL_TRY(ol_read_all(file, into, err));
    ol_sha256 got = ol_sha256_of(ol_buf_bytes(into));
    if (!ol_sha256_eq(&got, hash)) {
        ol_buf_clear(into);
        (void)unlinkat(dir->folder.n, path.text, 0);
        return ol_fail(err, OL_ERR_NOT_FOUND, "No such blob");
    }
    return OL_OK;
}

ol_rc ol_blob_remove(ol_blob_dir *dir, const ol_sha256 *hash, ol_err *err)
{
    if (unlinkat(dir->folder.n, path_of(hash).text, 0) != 0 && errno != ENOENT)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot remove %s", path_of(hash).text);
    return OL_OK;
}

ol_rc ol_blob_dir_space(const ol_blob_dir *dir, uint64_t *ret_free, uint64_t *ret_total,
                        ol_err *err)
{
    struct statvfs space;
    if (fstatvfs(dir->folder.n, &space) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot see the free space");
    *ret_free = (uint64_t)space.f_bavail * space.f_frsize;
    *ret_total = (uint64_t)space.f_blocks * space.f_frsize;
    return OL_OK;
}
