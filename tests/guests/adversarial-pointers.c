/* Hands the host addresses that are none of its own. The input picks the case by number; a host
 * that keeps its promise traps or answers an errno, which is printed. */
#include <outlayer.h>
#include <stdio.h>
#include <wasi/api.h>

static void *address(size_t at)
{
    return (void *)at;
}

static __wasi_errno_t attempt(uint32_t which)
{
    size_t end = __builtin_wasm_memory_size(0) * 65536;
    __wasi_size_t count;
    __wasi_timestamp_t now;
    __wasi_ciovec_t beyond = {address(end - 1), 2};
    __wasi_ciovec_t huge = {address(16), 0xFFFFFFFFU};
    __wasi_iovec_t into = {address(end), 16};
    switch (which) {
    case 0:
        return __wasi_fd_write(1, &beyond, 1, &count);
    case 1:
        return __wasi_fd_write(1, &huge, 1, &count);
    case 2:
        return __wasi_fd_write(1, address(end - 4), 1, &count);
    case 3:
        return __wasi_fd_write(1, address(16), 0x20000000U, &count);
    case 4:
        return __wasi_fd_write(1, &(__wasi_ciovec_t){(const uint8_t *)"x", 1}, 1, address(end - 3));
    case 5:
        return __wasi_fd_read(0, &into, 1, &count);
    case 6:
        return __wasi_random_get(address(end - 8), 16);
    case 7:
        return __wasi_random_get(address(0xFFFFFFF0U), 0xFFFFFFFFU);
    case 8:
        return __wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, address(end - 4));
    case 9:
        return __wasi_environ_get(address(end), address(end));
    case 10:
        return __wasi_poll_oneoff(address(end), address(end), 0x10000000U, &count);
    case 11:
        return __wasi_clock_time_get((__wasi_clockid_t)99, 1, &now);
    default:
        return __WASI_ERRNO_SUCCESS;
    }
}

int main(void)
{
    uint32_t which = 0;
    ol_buf input = ol_buf_new(64);
    if (ol_input(&input) != 0 || !ol_u32_parse(ol_str_trim(ol_buf_str(&input)), &which))
        return 1;
    (void)printf("%u", (unsigned)attempt(which));
    return 0;
}
