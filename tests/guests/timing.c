/* What a host function costs, seen from inside: {"op":"set"|"get"|"vrf","n":200} calls it so often
 * and answers {"p50_ns":…,"n":…} (bench/keystore_bench.c). What is set is the secret STORED, where
 * there is one. */
#include <outlayer.h>

#include <stdlib.h>
#include <wasi/api.h>

enum { CALLS_MAX = 2000, VALUE_BYTES = 100 };

static uint64_t now_ns(void)
{
    __wasi_timestamp_t now = 0;
    (void)__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now);
    return now;
}

static bool call(ol_str op, unsigned number)
{
    static uint8_t value[VALUE_BYTES];
    const char *secret = getenv("STORED");
    ol_bytes stored =
        secret != NULL ? ol_str_bytes(ol_str_of(secret)) : (ol_bytes){value, sizeof value};
    static ol_vrf_result vrf;
    ol_buf buf = ol_buf_new(64);
    ol_buf_addf(&buf, "key-%u", number % 16);
    if (ol_str_eq(op, OL_STR("set")))
        return ol_storage_set(ol_buf_str(&buf), stored) == 0;
    if (ol_str_eq(op, OL_STR("vrf")))
        return ol_vrf_generate(ol_buf_str(&buf), &vrf) == 0;
    ol_buf read;
    bool done = ol_storage_get(ol_buf_str(&buf), &read) == 0;
    if (done)
        ol_buf_deinit(&read);
    ol_buf_deinit(&buf);
    return done;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

int main(void)
{
    static uint64_t took[CALLS_MAX];
    ol_buf storage = ol_buf_new(OL_KIB(4));
    ol_buf words = ol_buf_new(OL_KIB(1));
    ol_json input, member;
    ol_str op;
    uint64_t n;
    if (ol_input_json(&storage, &input) != 0 || !ol_json_find(&input, OL_STR("op"), &member))
        return ol_fail_with(OL_STR("op and n are wanted"));
    op = ol_str_slice(member.raw, 1, member.raw.len - 1);
    if (!ol_json_find(&input, OL_STR("n"), &member) || ol_json_u64(&member, &n, NULL) != OL_OK ||
        n == 0 || n > CALLS_MAX)
        return ol_fail_with(OL_STR("n must be 1 to 2000"));
    for (unsigned i = 0; i < n; i++) {
        uint64_t start = now_ns();
        if (!call(op, i))
            return ol_fail_with(OL_STR("the call failed"));
        took[i] = now_ns() - start;
    }
    qsort(took, (size_t)n, sizeof took[0], by_size);
    ol_buf_addf(&words, "{\"p50_ns\":%llu,\"n\":%llu}", (unsigned long long)took[n / 2],
                (unsigned long long)n);
    return ol_output(ol_buf_str(&words)) != 0;
}
