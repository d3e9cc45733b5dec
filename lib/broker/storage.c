/* near:storage/api (Host interfaces 8): rows lie encrypted in the coordinator; the keystore knows
 * their names and opens them. A call is a chain of steps, each begun by the answer of the one
 * before. */
#include <string.h>

#include "lib/broker/internal.h"
#include "lib/codec/base64.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/secret.h"

enum {
    COUNTER_BYTES = 8,
    SWAPS_MAX = 5,
    LIST_PAGE = 100,
    LIST_SECONDS = 25,
    PATH_BYTES_MAX = 2048,
};

#define WORKER_ACCOUNT OL_STR("@worker")
#define NONE OL_STR("")

/* ---- answers to the guest ---- */

static void answer_text(ol_broker *broker, ol_str error)
{
    const ol_host_value value = {.bytes = ol_str_bytes(error)};
    ol__service_answer(broker, &value, 1);
}

static void answer_bool(ol_broker *broker, bool yes)
{
    const ol_host_value value = {.number = yes};
    ol__service_answer(broker, &value, 1);
}

static void answer_bytes(ol_broker *broker, ol_bytes value, ol_str error)
{
    const ol_host_value values[] = {{.bytes = value}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

static void answer_inserted(ol_broker *broker, bool yes, ol_str error)
{
    const ol_host_value values[] = {{.number = yes}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

static void answer_swapped(ol_broker *broker, bool yes, ol_bytes current, ol_str error)
{
    const ol_host_value values[] = {
        {.number = yes}, {.bytes = current}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

static void answer_counter(ol_broker *broker, int64_t value, ol_str error)
{
    const ol_host_value values[] = {{.number = (uint64_t)value}, {.bytes = ol_str_bytes(error)}};
    ol__service_answer(broker, values, OL_COUNT(values));
}

/* The function's own shape of a failure. */
static void fail(ol_broker *broker, ol_str error)
{
    switch ((int)broker->service.function) { /* the rows of near:storage/api */
    case OL_FN_STORAGE_HAS:
    case OL_FN_STORAGE_DELETE:
        answer_bool(broker, false);
        return;
    case OL_FN_STORAGE_SET_IF_ABSENT:
        answer_inserted(broker, false, error);
        return;
    case OL_FN_STORAGE_SET_IF_EQUALS:
        answer_swapped(broker, false, (ol_bytes){NULL, 0}, error);
        return;
    case OL_FN_STORAGE_INCREMENT:
    case OL_FN_STORAGE_DECREMENT:
        answer_counter(broker, 0, error);
        return;
    case OL_FN_STORAGE_LIST_KEYS:
        answer_bytes(broker, ol_str_bytes(OL_STR("[]")), error);
        return;
    case OL_FN_STORAGE_GET:
    case OL_FN_STORAGE_GET_WORKER:
    case OL_FN_STORAGE_GET_BY_VERSION:
        answer_bytes(broker, (ol_bytes){NULL, 0}, error);
        return;
    default:
        answer_text(broker, error);
    }
}

static void fail_with(ol_broker *broker, const char *what)
{
    fail(broker, ol__service_failure(broker, what));
}

/* ---- parts of requests ---- */

/* For whom the keystore derives: version and account do not change within a project. */
static void put_space(ol_broker *broker, ol_json_writer *w)
{
    ol_json_put_str(w, "project_uuid", broker->about.storage.project_uuid);
    ol_json_put_str(w, "wasm_hash", broker->about.storage.wasm_hash);
    ol_json_put_str(w, "account_id", broker->storage.account);
}

/* Which row the coordinator is asked for. */
static void put_row(ol_broker *broker, ol_json_writer *w)
{
    ol_json_put_str(w, "project_uuid", broker->about.storage.project_uuid);
    ol_json_put_str(w, "account_id", broker->storage.account);
    ol_json_put_str(w, "key_hash", broker->storage.hash);
}

/* A row as the coordinator tells it, in the call's arena. */
typedef struct row {
    bool exists;
    bool encrypted;
    ol_str key_base64;
    ol_str value_base64;
} row;

static bool row_text(ol_broker *broker, const ol_json *root, const char *member, ol_str *ret)
{
    ol_json value;
    return ol_json_find(root, ol_str_of(member), &value) &&
           ol_json_text(&value, &broker->service.arena, ret, NULL) == OL_OK &&
           ol_arena_copy(&broker->service.arena, *ret, ret);
}

static bool row_read(ol_broker *broker, row *ret)
{
    ol_json root;
    ol_json member;
    *ret = (row){.encrypted = true};
    if (!ol__service_json(broker, &root) || !ol_json_find(&root, OL_STR("exists"), &member) ||
        ol_json_bool(&member, &ret->exists, NULL) != OL_OK)
        return false;
    if (!ret->exists)
        return true;
    return row_text(broker, &root, "encrypted_key_base64", &ret->key_base64) &&
           row_text(broker, &root, "encrypted_value_base64", &ret->value_base64) &&
           ol_json_find(&root, OL_STR("is_encrypted"), &member) &&
           ol_json_bool(&member, &ret->encrypted, NULL) == OL_OK;
}

/* ---- the row's name ---- */

static void hash_known(ol_broker *broker)
{
    if (!ol__service_text(broker, "key_hash", &broker->storage.hash)) {
        fail_with(broker, "Keystore encrypt failed");
        return;
    }
    broker->storage.then(broker);
}

static void find_hash(ol_broker *broker, ol__service_next *then)
{
    broker->storage.then = then;
    ol_json_writer w = ol__service_body(broker);
    put_space(broker, &w);
    ol_json_put_str(&w, "key", broker->storage.key);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/index", hash_known);
}

/* What everybody may read goes by the plain hash of its key (Coordinator 6). */
static bool plain_hash(ol_broker *broker)
{
    ol_sha256_hex hex = ol_sha256_hex_of(ol_str_bytes(broker->storage.key));
    return ol_arena_copy(&broker->service.arena, ol_sha256_hex_str(&hex), &broker->storage.hash);
}

/* ---- encrypting ---- */

static void encrypted(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    if (ol__service_text(broker, "encrypted_key_base64", &it->sealed_key) &&
        ol__service_text(broker, "encrypted_value_base64", &it->sealed_value) &&
        ol__service_text(broker, "key_hash", &it->hash))
        it->then(broker);
    else
        fail_with(broker, "Keystore encrypt failed");
}

static void encrypt(ol_broker *broker, ol_bytes value, ol__service_next *then)
{
    broker->storage.then = then;
    ol_json_writer w = ol__service_body(broker);
    put_space(broker, &w);
    ol_json_put_str(&w, "key", broker->storage.key);
    ol_json_put_base64(&w, "value_base64", value);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/encrypt", encrypted);
}

static void store(ol_broker *broker, const char *path, ol__service_next *next)
{
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol_json_put_str(&w, "wasm_hash", broker->about.storage.wasm_hash);
    ol_json_put_str(&w, "encrypted_key_base64", broker->storage.sealed_key);
    ol_json_put_str(&w, "encrypted_value_base64", broker->storage.sealed_value);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, path, next);
}

/* ---- reading and opening ---- */

/* The keystore is believed about keys only as far as the key is the one that was asked for. */
static void opened(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    ol_str key;
    ol_str value;
    if (!ol__service_text(broker, "key", &key) ||
        !ol__service_text(broker, "value_base64", &value) ||
        !ol_base64_decode(value, &broker->service.arena, &it->current)) {
        fail_with(broker, "Keystore decrypt failed");
        return;
    }
    if (!ol_str_eq(key, it->key)) {
        fail(broker, OL_STR("Keystore decrypt failed: the row belongs to another key"));
        return;
    }
    it->found = true;
    it->then(broker);
}

static void open_row(ol_broker *broker, const row *it)
{
    broker->storage.stored_value = it->value_base64;
    ol_json_writer w = ol__service_body(broker);
    put_space(broker, &w);
    ol_json_put_str(&w, "key", broker->storage.key);
    ol_json_put_str(&w, "encrypted_key_base64", it->key_base64);
    ol_json_put_str(&w, "encrypted_value_base64", it->value_base64);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/decrypt", opened);
}

static void row_came(ol_broker *broker)
{
    row it;
    if (!row_read(broker, &it)) {
        fail_with(broker, broker->storage.read_failure);
        return;
    }
    broker->storage.found = false;
    broker->storage.current = (ol_bytes){NULL, 0};
    if (!it.exists) {
        broker->storage.then(broker);
    } else if (it.encrypted) {
        open_row(broker, &it);
    } else if (ol_base64_decode(it.value_base64, &broker->service.arena,
                                &broker->storage.current)) {
        broker->storage.found = true;
        broker->storage.then(broker);
    } else {
        fail_with(broker, broker->storage.read_failure);
    }
}

/* The row of the hash; `then` finds `found`, `current`, and in `stored_value` the ciphertext. */
static void read_row(ol_broker *broker, const char *failure, ol__service_next *then)
{
    broker->storage.then = then;
    broker->storage.read_failure = failure;
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/get", row_came);
}

/* ---- set ---- */

static void was_set(ol_broker *broker)
{
    if (broker->service.status == 200)
        answer_text(broker, NONE);
    else
        fail_with(broker, "Storage set failed");
}

static void set_store(ol_broker *broker)
{
    store(broker, "/storage/set", was_set);
}

/* ---- get ---- */

static void get_answer(ol_broker *broker)
{
    answer_bytes(broker, broker->storage.current, NONE);
}

static void get_read(ol_broker *broker)
{
    read_row(broker, "Storage get failed", get_answer);
}

static void version_read(ol_broker *broker)
{
    broker->storage.then = get_answer;
    broker->storage.read_failure = "Storage get failed";
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol_json_put_str(&w, "wasm_hash", broker->storage.version);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/get-by-version", row_came);
}

/* ---- has, delete ---- */

static void has_came(ol_broker *broker)
{
    ol_json root;
    ol_json member;
    bool exists = false;
    answer_bool(broker, ol__service_json(broker, &root) &&
                            ol_json_find(&root, OL_STR("exists"), &member) &&
                            ol_json_bool(&member, &exists, NULL) == OL_OK && exists);
}

static void has_ask(ol_broker *broker)
{
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/has", has_came);
}

static void deleted(ol_broker *broker)
{
    answer_bool(broker, broker->service.status == 200);
}

static void delete_ask(ol_broker *broker)
{
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/delete", deleted);
}

/* ---- set-if-absent ---- */

static bool inserted_read(ol_broker *broker, const char *member, bool *ret)
{
    ol_json root;
    ol_json value;
    return ol__service_json(broker, &root) && ol_json_find(&root, ol_str_of(member), &value) &&
           ol_json_bool(&value, ret, NULL) == OL_OK;
}

static void inserted(ol_broker *broker)
{
    bool yes;
    if (inserted_read(broker, "inserted", &yes))
        answer_inserted(broker, yes, NONE);
    else
        fail_with(broker, "Storage set-if-absent failed");
}

static void absent_store(ol_broker *broker)
{
    store(broker, "/storage/set-if-absent", inserted);
}

/* ---- set-if-equals, increment: compare what is there, swap the ciphertext that was read ---- */

static void swap(ol_broker *broker, ol__service_next *next)
{
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol_json_put_str(&w, "wasm_hash", broker->about.storage.wasm_hash);
    ol_json_put_str(&w, "expected_encrypted_value_base64", broker->storage.stored_value);
    ol_json_put_str(&w, "new_encrypted_key_base64", broker->storage.sealed_key);
    ol_json_put_str(&w, "new_encrypted_value_base64", broker->storage.sealed_value);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/set-if-equals", next);
}

static void lost_answer(ol_broker *broker)
{
    answer_swapped(broker, false, broker->storage.current, NONE);
}

static void swapped(ol_broker *broker)
{
    bool yes;
    if (!inserted_read(broker, "updated", &yes))
        fail_with(broker, "Storage set-if-equals failed");
    else if (yes)
        answer_swapped(broker, true, (ol_bytes){NULL, 0}, NONE);
    else
        read_row(broker, "Storage get failed during set_if_equals", lost_answer);
}

static void equals_swap(ol_broker *broker)
{
    swap(broker, swapped);
}

static void equals_compare(ol_broker *broker)
{
    const ol__storage *it = &broker->storage;
    if (!it->found)
        answer_swapped(broker, false, (ol_bytes){NULL, 0}, NONE);
    else if (!ol_bytes_eq(it->current, it->expected))
        answer_swapped(broker, false, it->current, NONE);
    else
        encrypt(broker, it->value, equals_swap);
}

static void equals_read(ol_broker *broker)
{
    read_row(broker, "Storage get failed during set_if_equals", equals_compare);
}

static void counter_try(ol_broker *broker);

static void counter_done(ol_broker *broker)
{
    bool yes;
    const char *member = broker->storage.found ? "updated" : "inserted";
    if (!inserted_read(broker, member, &yes))
        fail_with(broker, broker->storage.found ? "Storage set-if-equals failed"
                                                : "Storage set-if-absent failed");
    else if (yes)
        answer_counter(broker, broker->storage.counter, NONE);
    else
        counter_try(broker); /* somebody was faster */
}

static void counter_store(ol_broker *broker)
{
    if (broker->storage.found)
        swap(broker, counter_done);
    else
        store(broker, "/storage/set-if-absent", counter_done);
}

static int64_t counter_read(ol_bytes bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < COUNTER_BYTES; i++)
        value |= (uint64_t)bytes.data[i] << 8 * i;
    return (int64_t)value;
}

static void counter_write(ol__storage *it)
{
    for (size_t i = 0; i < COUNTER_BYTES; i++)
        it->counter_bytes[i] = (uint8_t)((uint64_t)it->counter >> 8 * i);
}

static void counter_add(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    int64_t before = 0;
    if (it->found && it->current.len != COUNTER_BYTES) {
        fail(broker, ol_arena_printf(&broker->service.arena,
                                     "increment: invalid value format, expected 8 bytes (i64), got "
                                     "%zu",
                                     it->current.len));
        return;
    }
    if (it->found)
        before = counter_read(it->current);
    bool over = it->subtract ? __builtin_sub_overflow(before, it->delta, &it->counter)
                             : __builtin_add_overflow(before, it->delta, &it->counter);
    if (over) {
        fail(broker, OL_STR("increment: overflow"));
        return;
    }
    counter_write(it);
    encrypt(broker, (ol_bytes){it->counter_bytes, COUNTER_BYTES}, counter_store);
}

static void counter_try(ol_broker *broker)
{
    if (broker->storage.tries++ == SWAPS_MAX) {
        fail(broker, ol_arena_printf(&broker->service.arena,
                                     "increment: max retries (%d) exceeded for key=%.*s", SWAPS_MAX,
                                     OL_FMT(broker->storage.key)));
        return;
    }
    read_row(broker, "Storage get failed", counter_add);
}

/* ---- list-keys: pages of rows, each key opened ---- */

static void list_next(ol_broker *broker);

static void list_answer(ol_broker *broker)
{
    ol_buf *keys = &broker->storage.keys;
    ol_buf_add_char(keys, ']');
    if (ol_buf_ok(keys))
        answer_bytes(broker, ol_buf_bytes(keys), NONE);
    else
        fail(broker, OL_STR("list_keys: the keys are too many for one answer"));
}

static void list_key(ol_broker *broker, ol_str key)
{
    ol_buf *keys = &broker->storage.keys;
    if (!ol_str_starts(key, broker->storage.key))
        return;
    if (keys->len > 1)
        ol_buf_add_char(keys, ',');
    ol_buf_add_char(keys, '"');
    ol_json_escape(keys, key);
    ol_buf_add_char(keys, '"');
}

static void list_opened(ol_broker *broker)
{
    ol_str key;
    if (!ol__service_text(broker, "key", &key)) {
        fail_with(broker, "Keystore decrypt failed");
        return;
    }
    list_key(broker, key);
    list_next(broker);
}

static void list_page_came(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    ol_json root;
    ol_json total;
    ol_json keys;
    ol_buf *page = &it->page;
    ol_buf_clear(page);
    ol_buf_add(page, ol_buf_bytes(&broker->service.answer)); /* the next steps reuse the answer */
    if (broker->service.status != 200 ||
        ol_json_parse_within(ol_buf_str(page),
                             (ol_json_limits){OL_KEYSTORE_ANSWER_BYTES_MAX, OL_JSON_DEPTH_MAX},
                             &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("total"), &total) ||
        ol_json_u64(&total, &it->total, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("keys"), &keys) || ol_json_kind_of(&keys) != OL_JSON_ARRAY) {
        fail_with(broker, "Storage list failed");
        return;
    }
    it->rows = ol_json_iterate(&keys);
    it->page_rows = ol_json_count(&keys);
    it->offset += it->page_rows;
    list_next(broker);
}

static void list_page(ol_broker *broker)
{
    char path[PATH_BYTES_MAX];
    ol_buf text = ol_buf_over(path, sizeof path);
    ol_buf_add_str(&text, OL_STR("/storage/list?project_uuid="));
    ol_percent_encode(broker->about.storage.project_uuid, &text);
    ol_buf_add_str(&text, OL_STR("&account_id="));
    ol_percent_encode(broker->storage.account, &text);
    ol_buf_addf(&text, "&limit=%d&offset=%llu&base64=1", LIST_PAGE,
                (unsigned long long)broker->storage.offset);
    ol_buf_add_char(&text, '\0');
    if (ol_buf_ok(&text))
        ol__service_get(broker, OL__TO_COORDINATOR, path, list_page_came);
    else
        fail(broker, OL_STR("Storage list failed: the account's name is too long"));
}

static bool list_too_long(ol_broker *broker)
{
    const ol__storage *it = &broker->storage;
    if (ol__now_ns() < it->list_until_ns)
        return false;
    fail(broker, ol_arena_printf(&broker->service.arena,
                                 "list_keys timed out after %ds: too many keys (%llu total). "
                                 "Consider using prefix filter or reducing stored keys.",
                                 LIST_SECONDS, (unsigned long long)it->total));
    return true;
}

static void list_open(ol_broker *broker, const ol_json *one)
{
    ol_str sealed;
    ol_str hash;
    if (!row_text(broker, one, "encrypted_key_base64", &sealed) ||
        !row_text(broker, one, "key_hash", &hash)) {
        fail_with(broker, "Storage list failed");
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    put_space(broker, &w);
    ol_json_put_str(&w, "key_hash", hash);
    ol_json_put_str(&w, "encrypted_key_base64", sealed);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/decrypt", list_opened);
}

static void list_next(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    ol_json one;
    if (list_too_long(broker))
        return;
    if (ol_json_next_item(&it->rows, &one))
        list_open(broker, &one);
    else if (it->page_rows == LIST_PAGE)
        list_page(broker);
    else
        list_answer(broker);
}

static void list_begin(ol_broker *broker)
{
    ol__storage *it = &broker->storage;
    it->keys = ol_buf_new(OL_STORAGE_VALUE_BYTES_MAX);
    it->page = ol_buf_new(OL_KEYSTORE_ANSWER_BYTES_MAX);
    it->list_until_ns = ol__now_ns() + LIST_SECONDS * INT64_C(1000000000);
    ol_buf_add_char(&it->keys, '[');
    list_page(broker);
}

/* ---- rows of all callers ---- */

static void worker_forgotten(ol_broker *broker)
{
    if (broker->service.status == 200 || broker->service.status == 404)
        answer_text(broker, NONE);
    else
        fail_with(broker, "Storage set failed");
}

/* The form before names both alike: then there is nothing to forget. */
static void worker_forget(ol_broker *broker)
{
    if (ol_str_eq(broker->storage.hash, broker->storage.stored_hash)) {
        answer_text(broker, NONE);
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/delete", worker_forgotten);
}

/* Encrypted and plain rows of one key have two names: what was there under the other goes. */
static void worker_stored(ol_broker *broker)
{
    const char *failure =
        broker->storage.plain ? "Storage set_public failed" : "Storage set failed";
    broker->storage.stored_hash = broker->storage.hash;
    if (broker->service.status != 200)
        fail_with(broker, failure);
    else if (broker->storage.plain)
        find_hash(broker, worker_forget);
    else if (plain_hash(broker))
        worker_forget(broker);
    else
        fail_with(broker, failure);
}

static void worker_store(ol_broker *broker)
{
    store(broker, "/storage/set", worker_stored);
}

static void worker_store_plain(ol_broker *broker)
{
    ol_json_writer w = ol__service_body(broker);
    put_row(broker, &w);
    ol_json_put_str(&w, "wasm_hash", broker->about.storage.wasm_hash);
    ol_json_put_base64(&w, "encrypted_key_base64", ol_str_bytes(broker->storage.key));
    ol_json_put_base64(&w, "encrypted_value_base64", broker->storage.value);
    ol_json_put_bool(&w, "is_encrypted", false);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/set", worker_stored);
}

static void set_worker(ol_broker *broker)
{
    if (!broker->storage.plain)
        encrypt(broker, broker->storage.value, worker_store);
    else if (plain_hash(broker))
        worker_store_plain(broker);
    else
        fail(broker, OL_STR("Storage set_public failed: out of memory"));
}

static void worker_read_plain(ol_broker *broker)
{
    if (broker->storage.found || !plain_hash(broker))
        get_answer(broker);
    else
        read_row(broker, "Storage get failed", get_answer);
}

static void worker_read(ol_broker *broker)
{
    read_row(broker, "Storage get failed", worker_read_plain);
}

static void shown(ol_broker *broker)
{
    ol_json root;
    ol_json member;
    bool exists = false;
    ol_str text;
    ol_bytes value = {NULL, 0};
    if (broker->service.status == 403) {
        fail(broker, ol_arena_printf(&broker->service.arena,
                                     "Storage key '%.*s' in project '%.*s' is not public "
                                     "(encrypted)",
                                     OL_FMT(broker->storage.key), OL_FMT(broker->storage.version)));
        return;
    }
    if (!ol__service_json(broker, &root) || !ol_json_find(&root, OL_STR("exists"), &member) ||
        ol_json_bool(&member, &exists, NULL) != OL_OK ||
        (exists && (!row_text(broker, &root, "value_base64", &text) ||
                    !ol_base64_decode(text, &broker->service.arena, &value)))) {
        fail_with(broker, "Storage get-public failed");
        return;
    }
    answer_bytes(broker, value, NONE);
}

static void get_shown(ol_broker *broker)
{
    if (!plain_hash(broker)) {
        fail(broker, OL_STR("Storage get-public failed: out of memory"));
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_str(&w, "project_uuid", broker->storage.version);
    ol_json_put_str(&w, "key_hash", broker->storage.hash);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/get-public", shown);
}

/* ---- clearing ---- */

static void cleared(ol_broker *broker)
{
    if (broker->service.status == 200)
        answer_text(broker, NONE);
    else
        fail_with(broker, broker->service.function == OL_FN_STORAGE_CLEAR_ALL
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
        encrypt(broker, it->value, set_store);
        return;
    case OL_FN_STORAGE_GET:
        find_hash(broker, get_read);
        return;
    case OL_FN_STORAGE_HAS:
        find_hash(broker, has_ask);
        return;
    case OL_FN_STORAGE_DELETE:
        find_hash(broker, delete_ask);
        return;
    case OL_FN_STORAGE_LIST_KEYS:
        list_begin(broker);
        return;
    case OL_FN_STORAGE_SET_IF_ABSENT:
        encrypt(broker, it->value, absent_store);
        return;
    case OL_FN_STORAGE_SET_IF_EQUALS:
        find_hash(broker, equals_read);
        return;
    case OL_FN_STORAGE_INCREMENT:
    case OL_FN_STORAGE_DECREMENT:
        find_hash(broker, counter_try);
        return;
    case OL_FN_STORAGE_SET_WORKER:
        set_worker(broker);
        return;
    case OL_FN_STORAGE_GET_WORKER:
        if (it->foreign)
            get_shown(broker);
        else
            find_hash(broker, worker_read);
        return;
    case OL_FN_STORAGE_GET_BY_VERSION:
        find_hash(broker, version_read);
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
    it->account = of_worker ? WORKER_ACCOUNT : broker->about.storage.account;
    if (!arguments(broker, function, values)) {
        fail(broker, OL_STR("Failed to send storage request: out of memory"));
        return;
    }
    ol_str why = refusal(broker, function);
    if (why.data != NULL)
        fail(broker, why);
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
