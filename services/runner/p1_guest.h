/* What the preview-1 host functions of one run share. */
#ifndef OUTLAYER_RUNNER_P1_GUEST_H
#define OUTLAYER_RUNNER_P1_GUEST_H

#include <wasmtime.h>

#include "services/runner/job_link.h"

/* Preview-1 error numbers (Host interfaces 4, 17). STOP is ours: the guest traps. */
typedef enum p1_errno {
    P1_STOP = -1,
    P1_SUCCESS = 0,
    P1_BADF = 8,
    P1_ILSEQ = 25,
    P1_INVAL = 28,
    P1_IO = 29,
    P1_NOTDIR = 54,
    P1_NOTSOCK = 57,
    P1_NOTSUP = 58,
    P1_SPIPE = 70,
} p1_errno;

typedef enum p1_stream { P1_STDIN, P1_STDOUT, P1_STDERR, P1_STREAMS } p1_stream;

/* Why a host function stopped the guest. */
typedef enum p1_end { P1_RUNNING, P1_EXITED, P1_OUTPUT_FULL, P1_TRAPPED } p1_end;

enum { P1_TRAP_TEXT_BYTES = 160, P1_FD_CLOSED = -1 };

typedef struct p1_guest {
    const ol_frame_job *job;
    job_link *link;
    wasmtime_caller_t *caller; /* of the call under way */
    int64_t fd[P1_STREAMS];    /* number of each stream, P1_FD_CLOSED */
    size_t input_at;
    ol_buf out, err;
    uint64_t out_bytes, err_bytes; /* written by the guest */
    int64_t started_ns;            /* origin of its monotonic clock */
    p1_end end;
    uint32_t exit_code;
    bool allocating;     /* cabi_realloc runs: the answer being lowered must not be replaced */
    wasm_trap_t *nested; /* of guest code that a host function called; passed on as it is */
    char trap[P1_TRAP_TEXT_BYTES];
} p1_guest;

/* Stops the guest with this message. */
p1_errno p1_trap(p1_guest *guest, const char *format, ...) OL_PRINTF(2, 3);

/* Guest memory: a borrowed view that dies when the guest runs again, because growth may move it.
 * false: the guest is stopped. `align` is the type's. */
bool p1_span(p1_guest *guest, uint32_t at, uint32_t len, uint32_t align, uint8_t **ret);
bool p1_put_u32(p1_guest *guest, uint32_t at, uint32_t value);
bool p1_put_u64(p1_guest *guest, uint32_t at, uint64_t value);

static inline uint32_t p1_load_u32(const uint8_t *at)
{
    uint32_t value;
    __builtin_memcpy(&value, at, sizeof value); /* wasm is little-endian, and so are we */
    return value;
}

static inline uint64_t p1_load_u64(const uint8_t *at)
{
    uint64_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
}

static inline void p1_store_u32(uint8_t *at, uint32_t value)
{
    __builtin_memcpy(at, &value, sizeof value);
}

static inline void p1_store_u64(uint8_t *at, uint64_t value)
{
    __builtin_memcpy(at, &value, sizeof value);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "guest memory is read as it is");

/* An argument of a call. */
static inline uint32_t p1_arg(const wasmtime_val_raw_t *arguments, size_t i)
{
    return (uint32_t)arguments[i].i32;
}

/* The stream behind a descriptor; false where there is none. */
bool p1_stream_of(const p1_guest *guest, uint32_t fd, p1_stream *ret);

/* A host function: arguments in, an errno out. */
typedef p1_errno p1_call(p1_guest *guest, const wasmtime_val_raw_t *arguments);

typedef struct p1_function {
    const char *name;
    const char *parameters; /* i: i32, I: i64 */
    bool answers;           /* returns its errno */
    p1_call *call;
} p1_function;

/* All 46 functions of wasi_snapshot_preview1. NULL where there is none of that name. */
const p1_function *p1_function_find(ol_str name);

/* p1_files.c */
p1_call p1_fd_close, p1_fd_renumber, p1_fd_read, p1_fd_write, p1_fd_pread, p1_fd_pwrite, p1_fd_seek,
    p1_fd_tell, p1_fd_fdstat_get, p1_fd_fdstat_set_flags, p1_fd_fdstat_set_rights,
    p1_fd_filestat_get, p1_fd_filestat_set_times, p1_fd_advise, p1_fd_prestat_dir_name, p1_no_file,
    p1_path_open, p1_path_flags_first, p1_path_set_times, p1_socket, p1_sock_shutdown;
/* p1_env.c */
p1_call p1_args_get, p1_args_sizes_get, p1_environ_get, p1_environ_sizes_get, p1_proc_exit,
    p1_proc_raise, p1_random_get;
/* p1_clock.c */
p1_call p1_clock_res_get, p1_clock_time_get, p1_sched_yield;
/* p1_poll.c */
p1_call p1_poll_oneoff;

/* Nanoseconds of the guest's clocks: 0 wall, 1 monotonic since its start. */
uint64_t p1_clock_now(const p1_guest *guest, uint32_t clock);

#endif
