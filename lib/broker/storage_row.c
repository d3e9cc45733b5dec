/* A stored row on its way: named, encrypted, written, read, opened. */
#include <string.h>

#include "lib/broker/storage_steps.h"
#include "lib/codec/base64.h"
#include "lib/crypto/hash.h"

/* ---- parts of requests ---- */

/* For whom the keystore derives: version and account do not change within a project. */
void ol__storage_put_space(ol_broker *broker, ol_json_writer *w)
{
    ol_json_put_str(w, "project_uuid", broker->about.storage.project_uuid);
    ol_json_put_str(w, "wasm_hash", broker->about.storage.wasm_hash);
    ol_json_put_str(w, "account_id", broker->storage.account);
}

/* Which row the coordinator is asked for. */
void ol__storage_put_row(ol_broker *broker, ol_json_writer *w)
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

bool ol__storage_row_text(ol_broker *broker, const ol_json *root, const char *member, ol_str *ret)
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
    return ol__storage_row_text(broker, &root, "encrypted_key_base64", &ret->key_base64) &&
           ol__storage_row_text(broker, &root, "encrypted_value_base64", &ret->value_base64) &&
           ol_json_find(&root, OL_STR("is_encrypted"), &member) &&
           ol_json_bool(&member, &ret->encrypted, NULL) == OL_OK;
}

/* ---- the row's name ---- */

/* Accounts hold no line feed. */
static ol_sha256 row_of(const ol_broker *broker)
{
    ol_sha256_stream stream;
    ol_sha256_stream_init(&stream);
    ol_sha256_stream_add(&stream, ol_str_bytes(broker->storage.account));
    ol_sha256_stream_add(&stream, ol_str_bytes(OL_STR("\n")));
    ol_sha256_stream_add(&stream, ol_str_bytes(broker->storage.key));
    return ol_sha256_stream_end(&stream);
}

static void name_remember(ol_broker *broker)
{
    if (broker->storage.hash.len != OL__ROW_NAME_CHARS)
        return;
    ol__known_row *known = &broker->known_row[broker->known_rows++ % OL__KNOWN_ROWS];
    known->of = row_of(broker);
    memcpy(known->name, broker->storage.hash.data, OL__ROW_NAME_CHARS);
}

static bool name_recall(ol_broker *broker)
{
    ol_sha256 of = row_of(broker);
    for (size_t i = 0; i < broker->known_rows && i < OL__KNOWN_ROWS; i++) {
        const ol__known_row *known = &broker->known_row[i];
        if (ol_sha256_eq(&known->of, &of))
            return ol_arena_copy(&broker->service.arena, (ol_str){known->name, OL__ROW_NAME_CHARS},
                                 &broker->storage.hash);
    }
    return false;
}

static void hash_known(ol_broker *broker)
{
    if (!ol__service_text(broker, "key_hash", &broker->storage.hash)) {
        ol__storage_fail_with(broker, "Keystore encrypt failed");
        return;
    }
    name_remember(broker);
    broker->storage.then(broker);
}

void ol__storage_find_hash(ol_broker *broker, ol__service_next *then)
{
    if (name_recall(broker)) {
        then(broker);
        return;
    }
    broker->storage.then = then;
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_space(broker, &w);
    ol_json_put_str(&w, "key", broker->storage.key);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/index", hash_known);
}

/* What everybody may read goes by the plain hash of its key (Coordinator 6). */
bool ol__storage_plain_hash(ol_broker *broker)
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
        ol__storage_fail_with(broker, "Keystore encrypt failed");
}

void ol__storage_encrypt(ol_broker *broker, ol_bytes value, ol__service_next *then)
{
    broker->storage.then = then;
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_space(broker, &w);
    ol_json_put_str(&w, "key", broker->storage.key);
    ol_json_put_base64(&w, "value_base64", value);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/encrypt", encrypted);
}

void ol__storage_store(ol_broker *broker, const char *path, ol__service_next *next)
{
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
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
        ol__storage_fail_with(broker, "Keystore decrypt failed");
        return;
    }
    if (!ol_str_eq(key, it->key)) {
        ol__storage_fail(broker, OL_STR("Keystore decrypt failed: the row belongs to another key"));
        return;
    }
    it->found = true;
    it->then(broker);
}

static void open_row(ol_broker *broker, const row *it)
{
    broker->storage.stored_value = it->value_base64;
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_space(broker, &w);
    ol_json_put_str(&w, "key", broker->storage.key);
    ol_json_put_str(&w, "encrypted_key_base64", it->key_base64);
    ol_json_put_str(&w, "encrypted_value_base64", it->value_base64);
    ol__service_post(broker, &w, OL__TO_KEYSTORE, "/storage/decrypt", opened);
}

/* Who serves rows is not believed: what the keystore has not sealed is a value only where plain
 * rows lie, by the plain name of a key that all callers share. Else whoever keeps an account's rows
 * could put values of his own among them. */
static bool may_be_plain(const ol_broker *broker)
{
    const ol__storage *it = &broker->storage;
    ol_sha256_hex name = ol_sha256_hex_of(ol_str_bytes(it->key));
    return ol_str_eq(it->account, OL_STR(OL__WORKER_ACCOUNT)) &&
           ol_str_eq(it->hash, ol_sha256_hex_str(&name));
}

void ol__storage_row_came(ol_broker *broker)
{
    row it;
    if (!row_read(broker, &it)) {
        ol__storage_fail_with(broker, broker->storage.read_failure);
        return;
    }
    broker->storage.found = false;
    broker->storage.current = (ol_bytes){NULL, 0};
    if (!it.exists) {
        broker->storage.then(broker);
    } else if (it.encrypted) {
        open_row(broker, &it);
    } else if (!may_be_plain(broker)) {
        ol__storage_fail(broker,
                         ol_arena_printf(&broker->service.arena, "%s: the row is not encrypted",
                                         broker->storage.read_failure));
    } else if (ol_base64_decode(it.value_base64, &broker->service.arena,
                                &broker->storage.current)) {
        broker->storage.found = true;
        broker->storage.then(broker);
    } else {
        ol__storage_fail_with(broker, broker->storage.read_failure);
    }
}

/* The row of the hash; `then` finds `found`, `current`, and in `stored_value` the ciphertext. */
void ol__storage_read_row(ol_broker *broker, const char *failure, ol__service_next *then)
{
    broker->storage.then = then;
    broker->storage.read_failure = failure;
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/get", ol__storage_row_came);
}
