/* Tries files, sockets, processes and signals through every preview-1 function that could reach
 * them, and prints `name errno` a line. Fork and exec have no import at all: what is tried here is
 * everything that is left. */
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

enum { FD_BEYOND = 64 };

static uint8_t scratch[256];
static __wasi_size_t size;
static __wasi_fd_t fd;
static __wasi_filestat_t stat;

static void tell(const char *name, __wasi_errno_t problem)
{
    (void)printf("%s %u\n", name, (unsigned)problem);
}

static void try_paths(__wasi_fd_t folder)
{
    const char *passwd = "/etc/passwd";
    tell("path_open", __wasi_path_open(folder, 0, passwd, 0, __WASI_RIGHTS_FD_READ, 0, 0, &fd));
    tell("path_open_create", __wasi_path_open(folder, 0, "new", __WASI_OFLAGS_CREAT,
                                              __WASI_RIGHTS_FD_WRITE, 0, 0, &fd));
    tell("path_filestat_get", __wasi_path_filestat_get(folder, 0, passwd, &stat));
    tell("path_filestat_set_times", __wasi_path_filestat_set_times(folder, 0, passwd, 0, 0, 0));
    tell("path_create_directory", __wasi_path_create_directory(folder, "new"));
    tell("path_link", __wasi_path_link(folder, 0, passwd, folder, "new"));
    tell("path_readlink", __wasi_path_readlink(folder, "/proc/self/exe", scratch, 256, &size));
    tell("path_remove_directory", __wasi_path_remove_directory(folder, "/tmp"));
    tell("path_rename", __wasi_path_rename(folder, passwd, folder, "new"));
    tell("path_symlink", __wasi_path_symlink(passwd, folder, "new"));
    tell("path_unlink_file", __wasi_path_unlink_file(folder, passwd));
}

static void try_descriptor(__wasi_fd_t n)
{
    __wasi_fdstat_t state;
    __wasi_prestat_t preopen;
    __wasi_filesize_t at;
    __wasi_iovec_t in = {scratch, sizeof scratch};
    __wasi_ciovec_t out = {scratch, 1};
    tell("fd_advise", __wasi_fd_advise(n, 0, 1, __WASI_ADVICE_NORMAL));
    tell("fd_allocate", __wasi_fd_allocate(n, 0, 1));
    tell("fd_datasync", __wasi_fd_datasync(n));
    tell("fd_fdstat_get", __wasi_fd_fdstat_get(n, &state));
    tell("fd_fdstat_set_flags", __wasi_fd_fdstat_set_flags(n, 0));
    tell("fd_fdstat_set_rights", __wasi_fd_fdstat_set_rights(n, 0, 0));
    tell("fd_filestat_get", __wasi_fd_filestat_get(n, &stat));
    tell("fd_filestat_set_size", __wasi_fd_filestat_set_size(n, 0));
    tell("fd_filestat_set_times", __wasi_fd_filestat_set_times(n, 0, 0, 0));
    tell("fd_pread", __wasi_fd_pread(n, &in, 1, 0, &size));
    tell("fd_prestat_get", __wasi_fd_prestat_get(n, &preopen));
    tell("fd_prestat_dir_name", __wasi_fd_prestat_dir_name(n, scratch, sizeof scratch));
    tell("fd_pwrite", __wasi_fd_pwrite(n, &out, 1, 0, &size));
    tell("fd_read", __wasi_fd_read(n, &in, 1, &size));
    tell("fd_readdir", __wasi_fd_readdir(n, scratch, sizeof scratch, 0, &size));
    tell("fd_renumber", __wasi_fd_renumber(n, n));
    tell("fd_seek", __wasi_fd_seek(n, 0, __WASI_WHENCE_CUR, &at));
    tell("fd_sync", __wasi_fd_sync(n));
    tell("fd_tell", __wasi_fd_tell(n, &at));
    tell("fd_write", __wasi_fd_write(n, &out, 1, &size));
    tell("fd_close", __wasi_fd_close(n));
}

static void try_sockets(__wasi_fd_t n)
{
    __wasi_iovec_t in = {scratch, sizeof scratch};
    __wasi_ciovec_t out = {scratch, 1};
    __wasi_roflags_t flags;
    tell("sock_accept", __wasi_sock_accept(n, 0, &fd));
    tell("sock_recv", __wasi_sock_recv(n, &in, 1, 0, &size, &flags));
    tell("sock_send", __wasi_sock_send(n, &out, 1, 0, &size));
    tell("sock_shutdown", __wasi_sock_shutdown(n, __WASI_SDFLAGS_WR));
}

int main(void)
{
    static const __wasi_fd_t tried[] = {3, 4, FD_BEYOND, (__wasi_fd_t)-1};
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        (void)printf("descriptor %u\n", (unsigned)tried[i]);
        try_paths(tried[i]);
        try_descriptor(tried[i]);
        try_sockets(tried[i]);
    }
    (void)printf("streams\n");
    try_paths(0);
    try_sockets(0);
    tell("sched_yield", __wasi_sched_yield());
    return 0;
}
