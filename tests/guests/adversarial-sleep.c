/* Sleeps the milliseconds its input names, an hour without one: time that costs no instructions. */
#include <outlayer.h>
#include <wasi/api.h>

int main(void)
{
    uint64_t ms = 3600 * 1000;
    ol_buf input = ol_buf_new(64);
    if (ol_input(&input) != 0)
        return 1;
    (void)ol_u64_parse(ol_str_trim(ol_buf_str(&input)), &ms);

    __wasi_subscription_t wish = {
        .u = {.tag = __WASI_EVENTTYPE_CLOCK,
              .u = {.clock = {.id = __WASI_CLOCKID_MONOTONIC, .timeout = ms * 1000000}}},
    };
    __wasi_event_t event;
    __wasi_size_t events;
    if (__wasi_poll_oneoff(&wish, &event, 1, &events) != __WASI_ERRNO_SUCCESS)
        return 2;
    return ol_output(OL_STR("slept")) != 0;
}
