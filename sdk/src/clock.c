#include <wasi/api.h>

#include "sdk/outlayer.h"

int32_t ol_random(void *into, size_t bytes)
{
    return __wasi_random_get(into, bytes) == __WASI_ERRNO_SUCCESS ? 0 : OL_EHOST;
}

int64_t ol_now_ms(void)
{
    __wasi_timestamp_t now_ns;
    if (__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1000000, &now_ns) != __WASI_ERRNO_SUCCESS)
        return OL_EHOST;
    return (int64_t)(now_ns / 1000000);
}
