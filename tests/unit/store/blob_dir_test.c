/* Blobs by content (Coordinator 5). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store/blob_dir.h"
#include "tests/harness/test.h"

static ol_blob_dir open_new(char folder[static 64])
{
    ol_blob_dir dir;
    ol_err err;
    (void)snprintf(folder, 64, "/tmp/ol-blobs-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    CHECK_OK(ol_blob_dir_open(folder, &dir, &err));
    return dir;
}

static ol_rc load(ol_blob_dir *dir, const ol_sha256 *hash, size_t most, size_t *ret_len)
{
    ol_buf body = ol_buf_new(most);
    ol_err err;
    ol_rc rc = ol_blob_load(dir, hash, &body, &err);
    *ret_len = body.len;
    ol_buf_deinit(&body);
    return rc;
}

static void close_all(ol_blob_dir *dir, const char *folder, const ol_sha256 *hash)
{
    char path[128];
    ol_err err;
    if (hash != NULL) {
        ol_sha256_hex hex = ol_sha256_format(hash);
        CHECK_OK(ol_blob_remove(dir, hash, &err));
        (void)snprintf(path, sizeof path, "%s/%.2s", folder, hex.data);
        CHECK_EQ(rmdir(path), 0);
    }
    ol_blob_dir_deinit(dir);
    (void)snprintf(path, sizeof path, "%s/writing", folder);
    CHECK_EQ(rmdir(path), 0); /* nothing half written is left */
    CHECK_EQ(rmdir(folder), 0);
}

TEST("a blob is found by its hash, and twice the same is once")
{
    char folder[64];
    ol_blob_dir dir = open_new(folder);
    const ol_bytes bytes = ol_str_bytes(OL_STR("some bytes"));
    ol_sha256 want = ol_sha256_of(bytes);
    ol_sha256 hash;
    size_t len;
    ol_err err;
    CHECK(!ol_blob_exists(&dir, &want));
    CHECK_EQ(load(&dir, &want, 100, &len), OL_ERR_NOT_FOUND);
    CHECK_OK(ol_blob_put(&dir, bytes, &hash, &err));
    CHECK_OK(ol_blob_put(&dir, bytes, &hash, &err));
    CHECK(ol_sha256_eq(&hash, &want));
    CHECK_EQ(load(&dir, &hash, 100, &len), OL_OK);
    CHECK_EQ(len, bytes.len);
    CHECK_EQ(load(&dir, &hash, 5, &len), OL_ERR_LIMIT);
    close_all(&dir, folder, &hash);
}

TEST("a blob that is not what its name says is removed and not found")
{
    char folder[64];
    char path[160];
    ol_blob_dir dir = open_new(folder);
    ol_sha256 hash;
    size_t len;
    ol_err err;
    CHECK_OK(ol_blob_put(&dir, ol_str_bytes(OL_STR("some bytes")), &hash, &err));
    ol_sha256_hex hex = ol_sha256_format(&hash);
    (void)snprintf(path, sizeof path, "%s/%.2s/%s", folder, hex.data, hex.data);
    CHECK_EQ(truncate(path, 3), 0);
    CHECK_EQ(load(&dir, &hash, 100, &len), OL_ERR_NOT_FOUND);
    CHECK_EQ(len, 0);
    CHECK(!ol_blob_exists(&dir, &hash));
    close_all(&dir, folder, &hash);
}

TEST("what an interrupted write left is gone after opening")
{
    char folder[64];
    char path[160];
    ol_blob_dir dir = open_new(folder);
    ol_err err;
    (void)snprintf(path, sizeof path, "%s/writing/0123", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    (void)close(fd);
    ol_blob_dir_deinit(&dir);
    CHECK_OK(ol_blob_dir_open(folder, &dir, &err));
    CHECK(access(path, F_OK) != 0);
    close_all(&dir, folder, NULL);
}

TEST("a folder that cannot be written is an error, not a blob")
{
    char folder[64];
    ol_blob_dir dir = open_new(folder);
    char path[160];
    ol_sha256 hash;
    ol_err err;
    (void)snprintf(path, sizeof path, "%s/writing", folder);
    CHECK_EQ(rmdir(path), 0);
    CHECK_EQ(ol_blob_put(&dir, ol_str_bytes(OL_STR("x")), &hash, &err), OL_ERR_IO);
    CHECK_EQ(mkdir(path, 0700), 0);
    close_all(&dir, folder, NULL);
}

TEST("free and total space are those of the file system")
{
    char folder[64];
    ol_blob_dir dir = open_new(folder);
    uint64_t free_bytes;
    uint64_t total;
    ol_err err;
    CHECK_OK(ol_blob_dir_space(&dir, &free_bytes, &total, &err));
    CHECK(total > 0 && free_bytes <= total);
    close_all(&dir, folder, NULL);
}
