/* {"bytes":N} → {"bytes":N,"text":"0123456789…"}: a result of any size the memory limit allows. On
 * chain, more than a kilobyte travels in two steps; over HTTPS it does not matter. */
#include <outlayer.h>

enum { BYTES_STANDARD = 65536 };
#define BYTES_MAX ((uint64_t)OL_MIB(8))

static bool bytes_read(const ol_json *input, uint64_t *ret)
{
    ol_json bytes;
    *ret = BYTES_STANDARD;
    if (!ol_json_find(input, OL_STR("bytes"), &bytes))
        return true;
    return ol_json_u64(&bytes, ret, NULL) == OL_OK && *ret <= BYTES_MAX;
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_json input;
    uint64_t bytes;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (!bytes_read(&input, &bytes))
        return ol_fail_with(OL_STR("bytes must be a number up to 8388608"));

    ol_buf answer = ol_buf_new((size_t)bytes + 64);
    ol_buf_addf(&answer, "{\"bytes\":%llu,\"text\":\"", (unsigned long long)bytes);
    for (uint64_t i = 0; i < bytes; i++)
        ol_buf_add_char(&answer, (char)('0' + i % 10));
    ol_buf_add_str(&answer, OL_STR("\"}"));
    return !ol_buf_ok(&answer) || ol_output(ol_buf_str(&answer)) != 0;
}
