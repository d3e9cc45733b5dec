#include <stdlib.h>

#include "sdk/src/host.h"

#define STORAGE(function) HOST_IMPORT("near:storage/api@0.1.0", function)

/* Tuples as the canonical ABI lays them out. */
typedef struct value_result {
    host_list value;
    host_list error;
} value_result;
typedef struct inserted_result {
    uint8_t inserted;
    host_list error;
} inserted_result;
typedef struct swapped_result {
    uint8_t swapped;
    host_list current;
    host_list error;
} swapped_result;
typedef struct counter_result {
    int64_t value;
    host_list error;
} counter_result;

_Static_assert(sizeof(inserted_result) == 12 && sizeof(swapped_result) == 20, "flag, then words");
_Static_assert(sizeof(counter_result) == 16, "s64, then a list");

STORAGE("set")
void host_storage_set(const char *key, size_t key_len, const uint8_t *value, size_t value_len,
                      host_list *ret);
STORAGE("get") void host_storage_get(const char *key, size_t key_len, value_result *ret);
STORAGE("has") uint32_t host_storage_has(const char *key, size_t key_len);
STORAGE("delete") uint32_t host_storage_delete(const char *key, size_t key_len);
STORAGE("list-keys") void host_storage_list_keys(const char *key, size_t len, value_result *ret);
STORAGE("set-if-absent")
void host_storage_set_if_absent(const char *key, size_t key_len, const uint8_t *value,
                                size_t value_len, inserted_result *ret);
STORAGE("set-if-equals")
void host_storage_set_if_equals(const char *key, size_t key_len, const uint8_t *expected,
                                size_t expected_len, const uint8_t *value, size_t value_len,
                                swapped_result *ret);
STORAGE("increment")
void host_storage_increment(const char *key, size_t key_len, int64_t delta, counter_result *ret);
STORAGE("decrement")
void host_storage_decrement(const char *key, size_t key_len, int64_t delta, counter_result *ret);
STORAGE("set-worker")
void host_storage_set_worker(const char *key, size_t key_len, const uint8_t *value,
                             size_t value_len, uint32_t some, uint32_t encrypted, host_list *ret);
STORAGE("get-worker")
void host_storage_get_worker(const char *key, size_t key_len, uint32_t some, const char *project,
                             size_t project_len, value_result *ret);
STORAGE("get-by-version")
void host_storage_get_by_version(const char *key, size_t key_len, const char *hash, size_t hash_len,
                                 value_result *ret);
STORAGE("clear-all") void host_storage_clear_all(host_list *ret);
STORAGE("clear-version")
void host_storage_clear_version(const char *hash, size_t hash_len, host_list *ret);

static int32_t done(host_list error)
{
    return error.len == 0 ? 0 : host_failed(error);
}

static int32_t value_take(value_result result, ol_buf *ret)
{
    if (result.error.len != 0)
        return host_failed(result.error);
    *ret = host_buf(result.value);
    return 0;
}

int32_t ol_storage_set(ol_str key, ol_bytes value)
{
    host_list error;
    host_storage_set(key.data, key.len, value.data, value.len, &error);
    return done(error);
}

/* The interface answers an absent key as an empty value: one more question tells them apart. */
int32_t ol_storage_get(ol_str key, ol_buf *ret)
{
    value_result result;
    ol_buf value;
    host_storage_get(key.data, key.len, &result);
    int32_t rc = value_take(result, &value);
    if (rc != 0)
        return rc;
    if (value.len == 0 && !ol_storage_has(key)) {
        ol_buf_deinit(&value);
        return host_fail(OL_ENOENT, OL_STR("there is no such key"));
    }
    *ret = value;
    return 0;
}

bool ol_storage_has(ol_str key)
{
    return host_storage_has(key.data, key.len) != 0;
}

bool ol_storage_delete(ol_str key)
{
    return host_storage_delete(key.data, key.len) != 0;
}

int32_t ol_storage_list_keys(ol_str prefix, ol_buf *ret_json)
{
    value_result result;
    host_storage_list_keys(prefix.data, prefix.len, &result);
    return value_take(result, ret_json);
}

int32_t ol_storage_set_if_absent(ol_str key, ol_bytes value, bool *ret_inserted)
{
    inserted_result result;
    host_storage_set_if_absent(key.data, key.len, value.data, value.len, &result);
    if (result.error.len != 0)
        return host_failed(result.error);
    *ret_inserted = result.inserted != 0;
    return 0;
}

int32_t ol_storage_set_if_equals(ol_str key, ol_bytes expected, ol_bytes value, bool *ret_swapped,
                                 ol_buf *ret_current)
{
    swapped_result result;
    host_storage_set_if_equals(key.data, key.len, expected.data, expected.len, value.data,
                               value.len, &result);
    if (result.error.len != 0)
        return host_failed(result.error);
    *ret_swapped = result.swapped != 0;
    if (ret_current != NULL)
        *ret_current = host_buf(result.current);
    else if (result.current.len != 0)
        free(result.current.data);
    return 0;
}

static int32_t counter_take(counter_result result, int64_t *ret)
{
    if (result.error.len != 0)
        return host_failed(result.error);
    *ret = result.value;
    return 0;
}

int32_t ol_storage_increment(ol_str key, int64_t delta, int64_t *ret)
{
    counter_result result;
    host_storage_increment(key.data, key.len, delta, &result);
    return counter_take(result, ret);
}

int32_t ol_storage_decrement(ol_str key, int64_t delta, int64_t *ret)
{
    counter_result result;
    host_storage_decrement(key.data, key.len, delta, &result);
    return counter_take(result, ret);
}

int32_t ol_storage_set_worker(ol_str key, ol_bytes value, ol_storage_reach reach)
{
    host_list error;
    host_storage_set_worker(key.data, key.len, value.data, value.len, 1,
                            reach == OL_STORAGE_PROJECT, &error);
    return done(error);
}

int32_t ol_storage_get_worker(ol_str key, ol_buf *ret)
{
    value_result result;
    host_storage_get_worker(key.data, key.len, 0, NULL, 0, &result);
    return value_take(result, ret);
}

int32_t ol_storage_get_foreign(ol_str project_uuid, ol_str key, ol_buf *ret)
{
    value_result result;
    host_storage_get_worker(key.data, key.len, 1, project_uuid.data, project_uuid.len, &result);
    return value_take(result, ret);
}

int32_t ol_storage_get_by_version(ol_str key, ol_str wasm_hash, ol_buf *ret)
{
    value_result result;
    host_storage_get_by_version(key.data, key.len, wasm_hash.data, wasm_hash.len, &result);
    return value_take(result, ret);
}

int32_t ol_storage_clear_all(void)
{
    host_list error;
    host_storage_clear_all(&error);
    return done(error);
}

int32_t ol_storage_clear_version(ol_str wasm_hash)
{
    host_list error;
    host_storage_clear_version(wasm_hash.data, wasm_hash.len, &error);
    return done(error);
}
