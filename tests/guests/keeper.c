/* Keeps the secret STORED under the name of the secret ROW, in every way there is, {"bytes":N} long
 * (repeated): what worker and keystore have had in their hands then is looked for in their memory
 * (tests/e2e/secret_canary_test.c). */
#include <outlayer.h>

#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 1000000 };

static bool reads(ol_str key, ol_bytes want)
{
    ol_buf value;
    if (ol_storage_get(key, &value) != 0)
        return false;
    bool same = value.len == want.len && memcmp(value.data, want.data, want.len) == 0;
    ol_buf_deinit(&value);
    return same;
}

static bool keep(ol_str key, ol_bytes value)
{
    bool yes = false;
    ol_buf list;
    ol_buf current;
    return ol_storage_clear_all() == 0 && ol_storage_set_if_absent(key, value, &yes) == 0 && yes &&
           ol_storage_set(key, value) == 0 && reads(key, value) && ol_storage_has(key) &&
           ol_storage_set_if_equals(key, value, value, &yes, NULL) == 0 && yes &&
           ol_storage_set_if_equals(key, ol_str_bytes(key), value, &yes, &current) == 0 && !yes &&
           ol_storage_list_keys(key, &list) == 0 && list.len > key.len &&
           ol_storage_set_worker(key, value, OL_STORAGE_PROJECT) == 0 &&
           ol_storage_get_worker(key, &list) == 0 && list.len == value.len;
}

int main(void)
{
    static uint8_t block[BYTES_MAX];
    ol_buf storage = ol_buf_new(OL_KIB(4));
    ol_json input, member;
    uint64_t bytes;
    const char *stored = getenv("STORED");
    const char *row = getenv("ROW");
    if (ol_input_json(&storage, &input) != 0 || !ol_json_find(&input, OL_STR("bytes"), &member) ||
        ol_json_u64(&member, &bytes, NULL) != OL_OK || bytes == 0 || bytes > BYTES_MAX)
        return ol_fail_with(OL_STR("bytes must be 1 to 1000000"));
    if (stored == NULL || row == NULL || stored[0] == '\0')
        return ol_fail_with(OL_STR("the secrets STORED and ROW are wanted"));
    for (size_t i = 0, len = strlen(stored); i < bytes; i++)
        block[i] = (uint8_t)stored[i % len];
    if (!keep(ol_str_of(row), (ol_bytes){block, (size_t)bytes}))
        return ol_fail_with(OL_STR("what was stored is not what is there"));
    return ol_output(OL_STR("\"kept\"")) != 0;
}
