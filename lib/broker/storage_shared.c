/* Rows that all callers of a project share, hidden or shown. */
#include "lib/broker/storage_steps.h"
#include "lib/codec/base64.h"

#define NONE OL_STR("")

static void worker_forgotten(ol_broker *broker)
{
    if (broker->service.status == 200 || broker->service.status == 404)
        ol__storage_answer_text(broker, NONE);
    else
        ol__storage_fail_with(broker, "Storage set failed");
}

/* The form before names both alike: then there is nothing to forget. */
static void worker_forget(ol_broker *broker)
{
    if (ol_str_eq(broker->storage.hash, broker->storage.stored_hash)) {
        ol__storage_answer_text(broker, NONE);
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/delete", worker_forgotten);
}

/* Encrypted and plain rows of one key have two names: what was there under the other goes. */
static void worker_stored(ol_broker *broker)
{
    const char *failure =
        broker->storage.plain ? "Storage set_public failed" : "Storage set failed";
    broker->storage.stored_hash = broker->storage.hash;
    if (broker->service.status != 200)
        ol__storage_fail_with(broker, failure);
    else if (broker->storage.plain)
        ol__storage_find_hash(broker, worker_forget);
    else if (ol__storage_plain_hash(broker))
        worker_forget(broker);
    else
        ol__storage_fail_with(broker, failure);
}

static void worker_store(ol_broker *broker)
{
    ol__storage_store(broker, "/storage/set", worker_stored);
}

static void worker_store_plain(ol_broker *broker)
{
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
    ol_json_put_str(&w, "wasm_hash", broker->about.storage.wasm_hash);
    ol_json_put_base64(&w, "encrypted_key_base64", ol_str_bytes(broker->storage.key));
    ol_json_put_base64(&w, "encrypted_value_base64", broker->storage.value);
    ol_json_put_bool(&w, "is_encrypted", false);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/set", worker_stored);
}

void ol__storage_set_worker(ol_broker *broker)
{
    if (!broker->storage.plain)
        ol__storage_encrypt(broker, broker->storage.value, worker_store);
    else if (ol__storage_plain_hash(broker))
        worker_store_plain(broker);
    else
        ol__storage_fail(broker, OL_STR("Storage set_public failed: out of memory"));
}

static void worker_read_plain(ol_broker *broker)
{
    if (broker->storage.found || !ol__storage_plain_hash(broker))
        ol__storage_get_answer(broker);
    else
        ol__storage_read_row(broker, "Storage get failed", ol__storage_get_answer);
}

void ol__storage_worker_read(ol_broker *broker)
{
    ol__storage_read_row(broker, "Storage get failed", worker_read_plain);
}

static void shown(ol_broker *broker)
{
    ol_json root;
    ol_json member;
    bool exists = false;
    ol_str text;
    ol_bytes value = {NULL, 0};
    if (broker->service.status == 403) {
        ol__storage_fail(
            broker, ol_arena_printf(&broker->service.arena,
                                    "Storage key '%.*s' in project '%.*s' is not public "
                                    "(encrypted)",
                                    OL_FMT(broker->storage.key), OL_FMT(broker->storage.version)));
        return;
    }
    if (!ol__service_json(broker, &root) || !ol_json_find(&root, OL_STR("exists"), &member) ||
        ol_json_bool(&member, &exists, NULL) != OL_OK ||
        (exists && (!ol__storage_row_text(broker, &root, "value_base64", &text) ||
                    !ol_base64_decode(text, &broker->service.arena, &value)))) {
        ol__storage_fail_with(broker, "Storage get-public failed");
        return;
    }
    ol__storage_answer_bytes(broker, value, NONE);
}

void ol__storage_get_shown(ol_broker *broker)
{
    if (!ol__storage_plain_hash(broker)) {
        ol__storage_fail(broker, OL_STR("Storage get-public failed: out of memory"));
        return;
    }
    ol_json_writer w = ol__service_body(broker);
    ol_json_put_str(&w, "project_uuid", broker->storage.version);
    ol_json_put_str(&w, "key_hash", broker->storage.hash);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/get-public", shown);
}
