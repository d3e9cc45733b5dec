/* Values and counters: set, get, has, delete, compare and swap. */
#include "lib/broker/storage_steps.h"

enum { COUNTER_BYTES = 8, SWAPS_MAX = 5 };

#define NONE OL_STR("")

/* ---- set ---- */

static void was_set(ol_broker *broker)
{
    if (broker->service.status == 200)
        ol__storage_answer_text(broker, NONE);
    else
        ol__storage_fail_with(broker, "Storage set failed");
}

void ol__storage_set_store(ol_broker *broker)
{
    ol__storage_store(broker, "/storage/set", was_set);
}

/* ---- get ---- */

void ol__storage_get_answer(ol_broker *broker)
{
    ol__storage_answer_bytes(broker, broker->storage.current, NONE);
}

void ol__storage_get_read(ol_broker *broker)
{
    ol__storage_read_row(broker, "Storage get failed", ol__storage_get_answer);
}

void ol__storage_version_read(ol_broker *broker)
{
    broker->storage.then = ol__storage_get_answer;
    broker->storage.read_failure = "Storage get failed";
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
    ol_json_put_str(&w, "wasm_hash", broker->storage.version);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/get-by-version",
                     ol__storage_row_came);
}

/* ---- has, delete ---- */

static void has_came(ol_broker *broker)
{
    ol_json root;
    ol_json member;
    bool exists = false;
    ol__storage_answer_bool(broker, ol__service_json(broker, &root) &&
                                        ol_json_find(&root, OL_STR("exists"), &member) &&
                                        ol_json_bool(&member, &exists, NULL) == OL_OK && exists);
}

void ol__storage_has_ask(ol_broker *broker)
{
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/has", has_came);
}

static void deleted(ol_broker *broker)
{
    ol__storage_answer_bool(broker, broker->service.status == 200);
}

void ol__storage_delete_ask(ol_broker *broker)
{
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
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
        ol__storage_answer_inserted(broker, yes, NONE);
    else
        ol__storage_fail_with(broker, "Storage set-if-absent failed");
}

void ol__storage_absent_store(ol_broker *broker)
{
    ol__storage_store(broker, "/storage/set-if-absent", inserted);
}

/* ---- set-if-equals, increment: compare what is there, swap the ciphertext that was read ---- */

static void swap(ol_broker *broker, ol__service_next *next)
{
    ol_json_writer w = ol__service_body(broker);
    ol__storage_put_row(broker, &w);
    ol_json_put_str(&w, "wasm_hash", broker->about.storage.wasm_hash);
    ol_json_put_str(&w, "expected_encrypted_value_base64", broker->storage.stored_value);
    ol_json_put_str(&w, "new_encrypted_key_base64", broker->storage.sealed_key);
    ol_json_put_str(&w, "new_encrypted_value_base64", broker->storage.sealed_value);
    ol_json_put_bool(&w, "base64", true);
    ol__service_post(broker, &w, OL__TO_COORDINATOR, "/storage/set-if-equals", next);
}

static void lost_answer(ol_broker *broker)
{
    ol__storage_answer_swapped(broker, false, broker->storage.current, NONE);
}

static void swapped(ol_broker *broker)
{
    bool yes;
    if (!inserted_read(broker, "updated", &yes))
        ol__storage_fail_with(broker, "Storage set-if-equals failed");
    else if (yes)
        ol__storage_answer_swapped(broker, true, (ol_bytes){NULL, 0}, NONE);
    else
        ol__storage_read_row(broker, "Storage get failed during set_if_equals", lost_answer);
}

static void equals_swap(ol_broker *broker)
{
    swap(broker, swapped);
}

static void equals_compare(ol_broker *broker)
{
    const ol__storage *it = &broker->storage;
    if (!it->found)
        ol__storage_answer_swapped(broker, false, (ol_bytes){NULL, 0}, NONE);
    else if (!ol_bytes_eq(it->current, it->expected))
        ol__storage_answer_swapped(broker, false, it->current, NONE);
    else
        ol__storage_encrypt(broker, it->value, equals_swap);
}

void ol__storage_equals_read(ol_broker *broker)
{
    ol__storage_read_row(broker, "Storage get failed during set_if_equals", equals_compare);
}

static void counter_done(ol_broker *broker)
{
    bool yes;
    const char *member = broker->storage.found ? "updated" : "inserted";
    if (!inserted_read(broker, member, &yes))
        ol__storage_fail_with(broker, broker->storage.found ? "Storage set-if-equals failed"
                                                            : "Storage set-if-absent failed");
    else if (yes)
        ol__storage_answer_counter(broker, broker->storage.counter, NONE);
    else
        ol__storage_counter_try(broker); /* somebody was faster */
}

static void counter_store(ol_broker *broker)
{
    if (broker->storage.found)
        swap(broker, counter_done);
    else
        ol__storage_store(broker, "/storage/set-if-absent", counter_done);
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
        ol__storage_fail(
            broker, ol_arena_printf(&broker->service.arena,
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
        ol__storage_fail(broker, OL_STR("increment: overflow"));
        return;
    }
    counter_write(it);
    ol__storage_encrypt(broker, (ol_bytes){it->counter_bytes, COUNTER_BYTES}, counter_store);
}

void ol__storage_counter_try(ol_broker *broker)
{
    if (broker->storage.tries++ == SWAPS_MAX) {
        ol__storage_fail(broker,
                         ol_arena_printf(&broker->service.arena,
                                         "increment: max retries (%d) exceeded for key=%.*s",
                                         SWAPS_MAX, OL_FMT(broker->storage.key)));
        return;
    }
    ol__storage_read_row(broker, "Storage get failed", counter_add);
}
