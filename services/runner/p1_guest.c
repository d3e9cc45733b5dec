#include "services/runner/p1_guest.h"

#include <stdarg.h>
#include <stdio.h>

p1_errno p1_trap(p1_guest *guest, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(guest->trap, sizeof guest->trap, format, arguments);
    va_end(arguments);
    if (guest->end == P1_RUNNING)
        guest->end = P1_TRAPPED;
    return P1_STOP;
}

bool p1_span(p1_guest *guest, uint32_t at, uint32_t len, uint32_t align, uint8_t **ret)
{
    wasmtime_extern_t memory;
    if (!wasmtime_caller_export_get(guest->caller, "memory", 6, &memory) ||
        memory.kind != WASMTIME_EXTERN_MEMORY) {
        (void)p1_trap(guest, "missing required memory export");
        return false;
    }
    wasmtime_context_t *context = wasmtime_caller_context(guest->caller);
    uint64_t end = (uint64_t)at + len; /* 32 + 32 bits cannot wrap 64 */
    if (end > wasmtime_memory_data_size(context, &memory.of.memory)) {
        (void)p1_trap(guest, "Pointer out of bounds: Region { start: %u, len: %u }", at, len);
        return false;
    }
    if (at % align != 0) {
        (void)p1_trap(guest, "Pointer not aligned to %u: Region { start: %u, len: %u }", align, at,
                      len);
        return false;
    }
    *ret = wasmtime_memory_data(context, &memory.of.memory) + at;
    return true;
}

bool p1_put_u32(p1_guest *guest, uint32_t at, uint32_t value)
{
    uint8_t *to;
    if (!p1_span(guest, at, sizeof value, sizeof value, &to))
        return false;
    p1_store_u32(to, value);
    return true;
}

bool p1_put_u64(p1_guest *guest, uint32_t at, uint64_t value)
{
    uint8_t *to;
    if (!p1_span(guest, at, sizeof value, sizeof value, &to))
        return false;
    p1_store_u64(to, value);
    return true;
}

bool p1_stream_of(const p1_guest *guest, uint32_t fd, p1_stream *ret)
{
    for (unsigned i = 0; i < P1_STREAMS; i++) {
        if (guest->fd[i] == (int64_t)fd) {
            *ret = (p1_stream)i;
            return true;
        }
    }
    return false;
}

/* ---- the list ------------------------------------------------------------------------------ */

static const p1_function FUNCTIONS[] = {
    {"args_get", "ii", true, p1_args_get},
    {"args_sizes_get", "ii", true, p1_args_sizes_get},
    {"clock_res_get", "ii", true, p1_clock_res_get},
    {"clock_time_get", "iIi", true, p1_clock_time_get},
    {"environ_get", "ii", true, p1_environ_get},
    {"environ_sizes_get", "ii", true, p1_environ_sizes_get},
    {"fd_advise", "iIIi", true, p1_fd_advise},
    {"fd_allocate", "iII", true, p1_no_file},
    {"fd_close", "i", true, p1_fd_close},
    {"fd_datasync", "i", true, p1_no_file},
    {"fd_fdstat_get", "ii", true, p1_fd_fdstat_get},
    {"fd_fdstat_set_flags", "ii", true, p1_fd_fdstat_set_flags},
    {"fd_fdstat_set_rights", "iII", true, p1_fd_fdstat_set_rights},
    {"fd_filestat_get", "ii", true, p1_fd_filestat_get},
    {"fd_filestat_set_size", "iI", true, p1_no_file},
    {"fd_filestat_set_times", "iIIi", true, p1_fd_filestat_set_times},
    {"fd_pread", "iiiIi", true, p1_fd_pread},
    {"fd_prestat_dir_name", "iii", true, p1_fd_prestat_dir_name},
    {"fd_prestat_get", "ii", true, p1_no_file},
    {"fd_pwrite", "iiiIi", true, p1_fd_pwrite},
    {"fd_read", "iiii", true, p1_fd_read},
    {"fd_readdir", "iiiIi", true, p1_no_file},
    {"fd_renumber", "ii", true, p1_fd_renumber},
    {"fd_seek", "iIii", true, p1_fd_seek},
    {"fd_sync", "i", true, p1_no_file},
    {"fd_tell", "ii", true, p1_fd_tell},
    {"fd_write", "iiii", true, p1_fd_write},
    {"path_create_directory", "iii", true, p1_no_file},
    {"path_filestat_get", "iiiii", true, p1_path_flags_first},
    {"path_filestat_set_times", "iiiiIIi", true, p1_path_set_times},
    {"path_link", "iiiiiii", true, p1_path_flags_first},
    {"path_open", "iiiiiIIii", true, p1_path_open},
    {"path_readlink", "iiiiii", true, p1_no_file},
    {"path_remove_directory", "iii", true, p1_no_file},
    {"path_rename", "iiiiii", true, p1_no_file},
    {"path_symlink", "iiiii", true, p1_no_file},
    {"path_unlink_file", "iii", true, p1_no_file},
    {"poll_oneoff", "iiii", true, p1_poll_oneoff},
    {"proc_exit", "i", false, p1_proc_exit},
    {"proc_raise", "i", true, p1_proc_raise},
    {"random_get", "ii", true, p1_random_get},
    {"sched_yield", "", true, p1_sched_yield},
    {"sock_accept", "iii", true, p1_socket},
    {"sock_recv", "iiiiii", true, p1_socket},
    {"sock_send", "iiiii", true, p1_socket},
    {"sock_shutdown", "ii", true, p1_sock_shutdown},
};

_Static_assert(OL_COUNT(FUNCTIONS) == 46, "Host interfaces 4: all of preview 1");

const p1_function *p1_function_find(ol_str name)
{
    OL_EACH (f, FUNCTIONS) {
        if (ol_str_eq(name, ol_str_of(f->name)))
            return f;
    }
    return NULL;
}
