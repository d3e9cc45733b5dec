#include <wasi/api.h>

#include "sdk/outlayer.h"

enum { STDIN = 0, STDOUT = 1, STDERR = 2, READ_BYTES = 4096 };

int32_t ol_input(ol_buf *into)
{
    for (;;) {
        size_t room = into->max - into->len;
        /* One byte of room on the side tells an input of exactly the maximum from a longer one. */
        uint8_t beyond;
        uint8_t *at =
            room == 0 ? &beyond : ol_buf_reserve(into, room < READ_BYTES ? room : READ_BYTES);
        if (at == NULL)
            return OL_ENOMEM;
        size_t size = room == 0 ? sizeof beyond : into->size - into->len;
        __wasi_iovec_t vector = {at, size};
        __wasi_size_t got = 0;
        if (__wasi_fd_read(STDIN, &vector, 1, &got) != __WASI_ERRNO_SUCCESS)
            return OL_EHOST;
        if (got == 0)
            return 0;
        if (room == 0)
            return OL_ELIMIT;
        into->len += got;
    }
}

static int32_t write_all(__wasi_fd_t fd, ol_bytes bytes)
{
    while (bytes.len > 0) {
        __wasi_ciovec_t vector = {bytes.data, bytes.len};
        __wasi_size_t sent = 0;
        __wasi_errno_t problem = __wasi_fd_write(fd, &vector, 1, &sent);
        if (problem == __WASI_ERRNO_INTR || problem == __WASI_ERRNO_AGAIN)
            continue;
        if (problem != __WASI_ERRNO_SUCCESS || sent == 0 || sent > bytes.len)
            return OL_EHOST;
        bytes = (ol_bytes){bytes.data + sent, bytes.len - sent};
    }
    return 0;
}

int32_t ol_output(ol_str text)
{
    return write_all(STDOUT, ol_str_bytes(text));
}

int32_t ol_output_bytes(ol_bytes bytes)
{
    return write_all(STDOUT, bytes);
}

int32_t ol_error_output(ol_str text)
{
    return write_all(STDERR, ol_str_bytes(text));
}

int ol_fail_with(ol_str text)
{
    (void)ol_error_output(text);
    return 1;
}
