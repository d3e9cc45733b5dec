/* Descriptors: three streams, no files, no sockets (Host interfaces 4, 17). Invalid enumerations
 * and flags trap, as in the reference; which errno a stream answers is measured there. */
#include <string.h>

#include "lib/codec/utf8.h"
#include "services/runner/p1_guest.h"

enum {
    FDFLAGS_ALL = 0x1f,
    FSTFLAGS_ALL = 0xf,
    LOOKUPFLAGS_ALL = 0x1,
    OFLAGS_ALL = 0xf,
    SDFLAGS_ALL = 0x3,
    ADVICE_LAST = 5,
    WHENCE_LAST = 2,
    IOVEC_BYTES = 8,
    FDSTAT_BYTES = 24,
    FILESTAT_BYTES = 64,
};
#define RIGHTS_ALL UINT64_C(0x3fffffff)
#define RIGHT_FD_READ UINT64_C(0x2)
#define RIGHT_FD_WRITE UINT64_C(0x40)

static p1_errno bad_flags(p1_guest *g, const char *name)
{
    return p1_trap(g, "Invalid flag value %s", name);
}

static bool flags_bad(uint32_t flags, uint32_t all)
{
    return (flags & ~all) != 0;
}

static bool rights_bad(const wasmtime_val_raw_t *rights)
{
    return ((uint64_t)rights->i64 & ~RIGHTS_ALL) != 0;
}

/* For everything that wants a file or folder: there is none behind any descriptor. */
p1_errno p1_no_file(p1_guest *g, const wasmtime_val_raw_t *a)
{
    (void)g;
    (void)a;
    return P1_BADF;
}

/* ---- reading and writing ------------------------------------------------------------------- */

/* The first vector that is not empty: one call moves one vector, as in the reference. */
static bool first_vector(p1_guest *g, uint32_t at, uint32_t count, uint8_t **ret, uint32_t *ret_len)
{
    *ret = NULL;
    *ret_len = 0;
    uint64_t bytes = (uint64_t)count * IOVEC_BYTES;
    if (bytes > UINT32_MAX) {
        (void)p1_trap(g, "Pointer overflow");
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *vector;
        uint64_t entry = (uint64_t)at + (uint64_t)i * IOVEC_BYTES;
        if (entry > UINT32_MAX) {
            (void)p1_trap(g, "Pointer overflow");
            return false;
        }
        if (!p1_span(g, (uint32_t)entry, IOVEC_BYTES, 4, &vector))
            return false;
        uint32_t len = p1_load_u32(vector + 4);
        if (len == 0)
            continue;
        *ret_len = len;
        return p1_span(g, p1_load_u32(vector), len, 1, ret);
    }
    return true;
}

p1_errno p1_fd_read(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    uint8_t *to;
    uint32_t room;
    if (!p1_stream_of(g, p1_arg(a, 0), &stream) || stream != P1_STDIN)
        return P1_BADF;
    if (!first_vector(g, p1_arg(a, 1), p1_arg(a, 2), &to, &room))
        return P1_STOP;
    size_t left = g->job->input.len - g->input_at;
    uint32_t n = left < room ? (uint32_t)left : room;
    if (n > 0)
        memcpy(to, g->job->input.data + g->input_at, n);
    g->input_at += n;
    return p1_put_u32(g, p1_arg(a, 3), n) ? P1_SUCCESS : P1_STOP;
}

/* Beyond its limit stdout ends the run, stderr is dropped (Host interfaces 2). */
static p1_errno stream_write(p1_guest *g, p1_stream stream, ol_bytes bytes)
{
    bool out = stream == P1_STDOUT;
    ol_buf *into = out ? &g->out : &g->err;
    size_t room = into->max - into->len;
    if (out)
        g->out_bytes += bytes.len;
    else
        g->err_bytes += bytes.len;
    if (bytes.len > room && out) {
        g->end = P1_OUTPUT_FULL;
        return p1_trap(g, "output limit exceeded");
    }
    if (bytes.len > room)
        bytes.len = room;
    ol_buf_add(into, bytes);
    return ol_buf_ok(into) ? P1_SUCCESS : p1_trap(g, "out of memory");
}

p1_errno p1_fd_write(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    uint8_t *from;
    uint32_t len;
    if (!p1_stream_of(g, p1_arg(a, 0), &stream) || stream == P1_STDIN)
        return P1_BADF;
    if (!first_vector(g, p1_arg(a, 1), p1_arg(a, 2), &from, &len))
        return P1_STOP;
    if (len > 0 && stream_write(g, stream, (ol_bytes){from, len}) != P1_SUCCESS)
        return P1_STOP;
    return p1_put_u32(g, p1_arg(a, 3), len) ? P1_SUCCESS : P1_STOP;
}

p1_errno p1_fd_pread(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    bool readable = p1_stream_of(g, p1_arg(a, 0), &stream) && stream == P1_STDIN;
    return readable ? P1_SPIPE : P1_BADF;
}

p1_errno p1_fd_pwrite(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    bool writable = p1_stream_of(g, p1_arg(a, 0), &stream) && stream != P1_STDIN;
    return writable ? P1_SPIPE : P1_BADF;
}

p1_errno p1_fd_seek(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    if (p1_arg(a, 2) > WHENCE_LAST)
        return p1_trap(g, "Invalid enum value Whence");
    return p1_stream_of(g, p1_arg(a, 0), &stream) ? P1_SPIPE : P1_BADF;
}

p1_errno p1_fd_tell(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    return p1_stream_of(g, p1_arg(a, 0), &stream) ? P1_SPIPE : P1_BADF;
}

/* ---- the table of descriptors -------------------------------------------------------------- */

p1_errno p1_fd_close(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    if (!p1_stream_of(g, p1_arg(a, 0), &stream))
        return P1_BADF;
    g->fd[stream] = P1_FD_CLOSED;
    return P1_SUCCESS;
}

p1_errno p1_fd_renumber(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream from, old;
    if (!p1_stream_of(g, p1_arg(a, 0), &from))
        return P1_BADF;
    if (p1_stream_of(g, p1_arg(a, 1), &old) && old != from)
        g->fd[old] = P1_FD_CLOSED;
    g->fd[from] = p1_arg(a, 1);
    return P1_SUCCESS;
}

p1_errno p1_fd_fdstat_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    uint8_t *to;
    if (!p1_stream_of(g, p1_arg(a, 0), &stream))
        return P1_BADF;
    if (!p1_span(g, p1_arg(a, 1), FDSTAT_BYTES, 8, &to))
        return P1_STOP;
    uint64_t rights = stream == P1_STDIN ? RIGHT_FD_READ : RIGHT_FD_WRITE;
    memset(to, 0, FDSTAT_BYTES); /* type 0: unknown; no flags */
    p1_store_u64(to + 8, rights);
    p1_store_u64(to + 16, rights);
    return P1_SUCCESS;
}

p1_errno p1_fd_fdstat_set_flags(p1_guest *g, const wasmtime_val_raw_t *a)
{
    return flags_bad(p1_arg(a, 1), FDFLAGS_ALL) ? bad_flags(g, "Fdflags") : P1_BADF;
}

p1_errno p1_fd_fdstat_set_rights(p1_guest *g, const wasmtime_val_raw_t *a)
{
    return rights_bad(&a[1]) || rights_bad(&a[2]) ? bad_flags(g, "Rights") : P1_BADF;
}

p1_errno p1_fd_filestat_get(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    uint8_t *to;
    if (!p1_stream_of(g, p1_arg(a, 0), &stream))
        return P1_BADF;
    if (!p1_span(g, p1_arg(a, 1), FILESTAT_BYTES, 8, &to))
        return P1_STOP;
    memset(to, 0, FILESTAT_BYTES);
    return P1_SUCCESS;
}

p1_errno p1_fd_filestat_set_times(p1_guest *g, const wasmtime_val_raw_t *a)
{
    return flags_bad(p1_arg(a, 3), FSTFLAGS_ALL) ? bad_flags(g, "Fstflags") : P1_BADF;
}

p1_errno p1_fd_advise(p1_guest *g, const wasmtime_val_raw_t *a)
{
    return p1_arg(a, 3) > ADVICE_LAST ? p1_trap(g, "Invalid enum value Advice") : P1_BADF;
}

p1_errno p1_fd_prestat_dir_name(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    return p1_stream_of(g, p1_arg(a, 0), &stream) ? P1_NOTDIR : P1_BADF;
}

/* ---- paths --------------------------------------------------------------------------------- */

p1_errno p1_path_open(p1_guest *g, const wasmtime_val_raw_t *a)
{
    uint8_t *path;
    if (flags_bad(p1_arg(a, 1), LOOKUPFLAGS_ALL))
        return bad_flags(g, "Lookupflags");
    if (flags_bad(p1_arg(a, 4), OFLAGS_ALL))
        return bad_flags(g, "Oflags");
    if (rights_bad(&a[5]) || rights_bad(&a[6]))
        return bad_flags(g, "Rights");
    if (flags_bad(p1_arg(a, 7), FDFLAGS_ALL))
        return bad_flags(g, "Fdflags");
    if (!p1_span(g, p1_arg(a, 2), p1_arg(a, 3), 1, &path))
        return P1_STOP;
    return ol_utf8_valid((ol_str){(const char *)path, p1_arg(a, 3)}) ? P1_BADF : P1_ILSEQ;
}

p1_errno p1_path_flags_first(p1_guest *g, const wasmtime_val_raw_t *a)
{
    return flags_bad(p1_arg(a, 1), LOOKUPFLAGS_ALL) ? bad_flags(g, "Lookupflags") : P1_BADF;
}

p1_errno p1_path_set_times(p1_guest *g, const wasmtime_val_raw_t *a)
{
    if (flags_bad(p1_arg(a, 6), FSTFLAGS_ALL))
        return bad_flags(g, "Fstflags");
    return p1_path_flags_first(g, a);
}

/* ---- sockets ------------------------------------------------------------------------------- */

p1_errno p1_socket(p1_guest *g, const wasmtime_val_raw_t *a)
{
    p1_stream stream;
    return p1_stream_of(g, p1_arg(a, 0), &stream) ? P1_NOTSOCK : P1_BADF;
}

p1_errno p1_sock_shutdown(p1_guest *g, const wasmtime_val_raw_t *a)
{
    return flags_bad(p1_arg(a, 1), SDFLAGS_ALL) ? bad_flags(g, "Sdflags") : p1_socket(g, a);
}
