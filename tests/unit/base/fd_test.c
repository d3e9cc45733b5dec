#include "lib/base/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness/test.h"

static void make_folder(char path[static 64])
{
    (void)snprintf(path, 64, "/tmp/outlayer-fd-XXXXXX");
    CHECK(mkdtemp(path) != NULL);
}

TEST("a descriptor closes once, wherever it was moved")
{
    ol_err err;
    ol_fd file = OL_FD_NONE;
    CHECK_OK(ol_open("/dev/null", O_RDONLY, &file, &err));
    CHECK(fcntl(file.n, F_GETFD) & FD_CLOEXEC);
    int n = file.n;
    ol_fd moved = ol_fd_take(&file);
    CHECK(!ol_fd_is_open(file) && moved.n == n);
    ol_fd_deinit(&file);
    CHECK(fcntl(n, F_GETFD) >= 0);
    ol_fd_deinit(&moved);
    CHECK(fcntl(n, F_GETFD) < 0 && !ol_fd_is_open(moved));
}

TEST("what is missing is told apart from what fails")
{
    ol_fd file = OL_FD_NONE;
    ol_err err;
    CHECK_EQ(ol_open("/nowhere/at/all", O_RDONLY, &file, &err), OL_ERR_NOT_FOUND);
    CHECK_EQ(ol_open("/dev/null/x", O_RDONLY, &file, &err), OL_ERR_IO);
    CHECK(!ol_fd_is_open(file));
}

TEST("a saved file is whole, has its mode and leaves nothing beside")
{
    char folder[64];
    char path[96];
    ol_err err;
    struct stat info;
    ol_buf back = ol_buf_new(OL_KIB(4));
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/a", folder);
    CHECK_OK(ol_file_save(path, ol_str_bytes(OL_STR("first, and longer")), 0600, &err));
    CHECK_OK(ol_file_save(path, ol_str_bytes(OL_STR("second")), 0640, &err));
    CHECK_OK(ol_file_load(path, &back, &err));
    CHECK_STR(ol_buf_str(&back), OL_STR("second"));
    CHECK(stat(path, &info) == 0 && (info.st_mode & 0777) == 0640);
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(rmdir(folder), 0); /* empty: no temporary file stayed */
    ol_buf_deinit(&back);
}

TEST("a file of exactly the maximum loads, one byte more is refused")
{
    char folder[64];
    char path[96];
    uint8_t storage[5];
    ol_err err;
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/a", folder);
    CHECK_OK(ol_file_save(path, ol_str_bytes(OL_STR("12345")), 0600, &err));
    ol_buf exact = ol_buf_over(storage, 5);
    CHECK_OK(ol_file_load(path, &exact, &err));
    CHECK_EQ(exact.len, 5);
    ol_buf small = ol_buf_over(storage, 4);
    CHECK_EQ(ol_file_load(path, &small, &err), OL_ERR_LIMIT);
    (void)unlink(path);
    (void)rmdir(folder);
}

TEST("folders are made with their parents, and making them again is no fault")
{
    char folder[64];
    char path[96];
    ol_err err;
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/a/b", folder);
    CHECK_OK(ol_dir_make(path, &err));
    CHECK_OK(ol_dir_make(path, &err));
    CHECK_EQ(rmdir(path), 0);
    (void)snprintf(path, sizeof path, "%s/a", folder);
    CHECK_EQ(rmdir(path), 0);
    CHECK_EQ(rmdir(folder), 0);
    CHECK_EQ(ol_dir_make("", &err), OL_ERR_LIMIT);
    CHECK_EQ(ol_dir_make("/dev/null/x", &err), OL_ERR_IO);
}

TEST("a message socket keeps messages apart")
{
    OL_AUTO(ol_fd) ours = OL_FD_NONE;
    OL_AUTO(ol_fd) theirs = OL_FD_NONE;
    ol_err err;
    char text[16];
    CHECK_OK(ol_socketpair(SOCK_SEQPACKET, &ours, &theirs, &err));
    CHECK_OK(ol_write_all(ours, ol_str_bytes(OL_STR("one")), &err));
    CHECK_OK(ol_write_all(ours, ol_str_bytes(OL_STR("two")), &err));
    CHECK_EQ(read(theirs.n, text, sizeof text), 3);
}
