/* near:storage/api (Host interfaces 8): rows lie encrypted in the coordinator; the keystore knows
 * their names and opens them. A call is a chain of steps (storage_steps.h), each begun by the
 * answer of the one before. */
#include "lib/broker/storage_steps.h"
#include "lib/crypto/secret.h"

#define NONE OL_STR("")

/* ---- clearing ---- */

static void cleared(ol_broker *broker)
{
    if (broker->service.status == 200)
        ol__storage_answer_text(broker, NONE);
    else
        ol__storage_fail_with(broker, broker->service.function == OL_FN_STORAGE_CLEAR_ALL
                                          ? "Storage clear-all failed"
                                          : "Storage clear-version failed");
}

static void clear(ol_broker *broker, bool version)
{
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_str(&w, "project_uuid", broker->about.storage.project_uuid);
    ol_json_put_str(&w, "account_id", broker->storage.account);
    if (version)
        ol_json_put_str(&w, "wasm_hash", broker->storage.version);
    ol__service_post(broker, &w, OL__TO_COORDINATOR,
                     version ? "/storage/clear-version" : "/storage/clear-all", cleared);
}

/* ---- one call ---- */

/* Arguments live in the frame, which the next one overwrites. */
static bool keep(ol_broker *broker, ol_bytes bytes, ol_bytes *ret)
{
    return ol_arena_copy_bytes(&broker->service.arena, bytes, ret);
}

static bool arguments(ol_broker *broker, ol_host_fn function, const ol_host_value *v)
{
    ol__storage *it = &broker->storage;
    ol_bytes text = {NULL, 0};
    ol_bytes other = {NULL, 0};
    const char *signature = OL_HOST_FUNCTION[function].signature;
    if (signature[0] == 's' && !keep(broker, v[0].bytes, &text))
        return false;
    it->key = ol_bytes_str(text);
    if (signature[1] == 'b' && !keep(broker, v[1].bytes, &it->value))
        return false;
    switch ((int)function) { /* what is not of the common form */
    case OL_FN_STORAGE_SET_IF_EQUALS:
        it->expected = it->value;
        return keep(broker, v[2].bytes, &it->value);
    case OL_FN_STORAGE_INCREMENT:
    case OL_FN_STORAGE_DECREMENT:
        it->delta = (int64_t)v[1].number;
        it->subtract = function == OL_FN_STORAGE_DECREMENT;
        return true;
    case OL_FN_STORAGE_SET_WORKER:
        it->plain = v[2].number == 1 && v[3].number == 0;
        return true;
    case OL_FN_STORAGE_GET_WORKER:
        if (v[1].number == 1 && !keep(broker, v[2].bytes, &other))
            return false;
        it->foreign = v[1].number == 1;
        it->version = ol_bytes_str(other);
        return true;
    case OL_FN_STORAGE_GET_BY_VERSION:
        if (!keep(broker, v[1].bytes, &other))
            return false;
        it->version = ol_bytes_str(other);
        return true;
    case OL_FN_STORAGE_CLEAR_VERSION:
        it->version = it->key;
        return true;
    default:
        return true;
    }
}

static bool has_key(ol_host_fn function)
{
    return function != OL_FN_STORAGE_LIST_KEYS && function != OL_FN_STORAGE_CLEAR_ALL &&
           function != OL_FN_STORAGE_CLEAR_VERSION;
}

/* NULL data: within all limits (Host interfaces 8). */
static ol_str refusal(ol_broker *broker, ol_host_fn function)
{
    ol__storage *it = &broker->storage;
    ol_arena *arena = &broker->service.arena;
    if (++it->calls > OL_STORAGE_CALLS_MAX)
        return ol_arena_printf(arena, "Storage rate limit exceeded: %u calls (max: %d)", it->calls,
                               OL_STORAGE_CALLS_MAX);
    if (has_key(function) && (it->key.len == 0 || it->key.len > OL_STORAGE_KEY_BYTES))
        return ol_arena_printf(arena, "Storage key must have 1 to %d bytes, not %zu",
                               OL_STORAGE_KEY_BYTES, it->key.len);
    size_t longest = it->value.len > it->expected.len ? it->value.len : it->expected.len;
    if (longest > OL_STORAGE_VALUE_BYTES_MAX)
        return ol_arena_printf(arena, "Storage value too large: %zu bytes (max %d)", longest,
                               OL_STORAGE_VALUE_BYTES_MAX);
    return (ol_str){NULL, 0};
}

static void dispatch(ol_broker *broker, ol_host_fn function)
{
    ol__storage *it = &broker->storage;
    switch ((int)function) { /* the rows of near:storage/api */
    case OL_FN_STORAGE_SET:
        ol__storage_encrypt(broker, it->value, ol__storage_set_store);
        return;
    case OL_FN_STORAGE_GET:
        ol__storage_find_hash(broker, ol__storage_get_read);
        return;
    case OL_FN_STORAGE_HAS:
        ol__storage_find_hash(broker, ol__storage_has_ask);
        return;
    case OL_FN_STORAGE_DELETE:
        ol__storage_find_hash(broker, ol__storage_delete_ask);
        return;
    case OL_FN_STORAGE_LIST_KEYS:
        ol__storage_list_begin(broker);
        return;
    case OL_FN_STORAGE_SET_IF_ABSENT:
        ol__storage_encrypt(broker, it->value, ol__storage_absent_store);
        return;
    case OL_FN_STORAGE_SET_IF_EQUALS:
        ol__storage_find_hash(broker, ol__storage_equals_read);
        return;
    case OL_FN_STORAGE_INCREMENT:
    case OL_FN_STORAGE_DECREMENT:
        ol__storage_find_hash(broker, ol__storage_counter_try);
        return;
    case OL_FN_STORAGE_SET_WORKER:
        ol__storage_set_worker(broker);
        return;
    case OL_FN_STORAGE_GET_WORKER:
        if (it->foreign)
            ol__storage_get_shown(broker);
        else
            ol__storage_find_hash(broker, ol__storage_worker_read);
        return;
    case OL_FN_STORAGE_GET_BY_VERSION:
        ol__storage_find_hash(broker, ol__storage_version_read);
        return;
    default:
        clear(broker, function == OL_FN_STORAGE_CLEAR_VERSION);
    }
}

void ol__storage_call(ol_broker *broker, uint32_t id, ol_host_fn function,
                      const ol_host_value *values)
{
    ol__storage *it = &broker->storage;
    unsigned calls = it->calls;
    if (!ol__service_call(broker, id, function))
        return;
    ol__storage_end(broker);
    it->calls = calls;
    bool of_worker = function == OL_FN_STORAGE_SET_WORKER || function == OL_FN_STORAGE_GET_WORKER;
    it->account = of_worker ? OL_STR(OL__WORKER_ACCOUNT) : broker->about.storage.account;
    if (!arguments(broker, function, values)) {
        ol__storage_fail(broker, OL_STR("Failed to send storage request: out of memory"));
        return;
    }
    ol_str why = refusal(broker, function);
    if (why.data != NULL)
        ol__storage_fail(broker, why);
    else
        dispatch(broker, function);
}

void ol__storage_end(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    if (it->keys.data != NULL)
        ol_wipe(it->keys.data, it->keys.size);
    ol_buf_deinit(&it->keys);
    ol_buf_deinit(&it->page);
    *it = (ol__storage){0};
}
