#include "services/worker/top_up.h"

#include "lib/base/money.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/secret.h"
#include "services/worker/payment_key_view.h"

enum {
    BYTES_MAX = 64 * 1024,
    KEY_DIGITS = 64,
    PAUSE_FIRST_MS = 100,
    PAUSE_LAST_MS = 10000,
    LOOKS_MAX = 4, /* for a key that is not there yet */
    LOOK_PAUSE_MS = 1000,
    KEY_SCOPES_MAX = 256, /* Coordinator 3.4: it refuses more, and then the money would be lost */
    APPLIED_MAX = 8, /* transfers a key remembers; the coordinator counts on it (Coordinator 3.4) */
};

/* A payment key's plaintext (Keystore 3). */
typedef struct key_text {
    ol_str key; /* secret */
    ol_json_texts project_ids;
    ol_str max_per_call;
    ol_str initial_balance;
    ol_json_texts applied;
} key_text;

static const ol_json_field FIELDS[] = {
    {"key", OL_BIND_TEXT, OL_REQUIRED, offsetof(key_text, key)},
    {"project_ids", OL_BIND_TEXT_LIST, OL_OPTIONAL, offsetof(key_text, project_ids)},
    {"max_per_call", OL_BIND_TEXT, OL_OPTIONAL, offsetof(key_text, max_per_call)},
    {"initial_balance", OL_BIND_TEXT, OL_OPTIONAL, offsetof(key_text, initial_balance)},
    {"applied", OL_BIND_TEXT_LIST, OL_OPTIONAL, offsetof(key_text, applied)},
};
static const ol_json_table TABLE = {"PaymentKey", FIELDS, OL_COUNT(FIELDS)};

typedef struct opened {
    key_text text;
    ol_u128 balance;
    char key_hash[2 * OL_SHA256_BYTES + 1];
} opened;

/* ---- the keystore ---- */

static ol_rc keystore(const top_up_tools *tools, const top_up *it, const char *path,
                      const char *given, ol_bytes bytes, const char *wanted, ol_arena *arena,
                      ol_bytes *ret, ol_err *err)
{
    int status = 0;
    ol_json root;
    ol_json value;
    ol_str text;
    ol_buf body = ol_buf_new(2 * BYTES_MAX);
    ol_buf answer = ol_buf_new(2 * BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_put_str(
        &w, "seed",
        ol_arena_printf(arena, "system:payment_key:%.*s:%u", OL_FMT(it->owner), it->nonce));
    ol_json_put_base64(&w, given, bytes);
    ol_json_object_end(&w);
    ol_rc rc = ol_buf_ok(&body) ? ol_keystore_ask(tools->keystore, tools->client, path,
                                                  ol_buf_str(&body), &answer, &status, err)
                                : ol_fail(err, OL_ERR_LIMIT, "payment key is too large");
    if (rc == OL_OK && status != 200) {
        ol_str why = ol_keystore_error(ol_buf_str(&answer), arena);
        rc = ol_fail(err, status == 400 ? OL_ERR_INVALID : OL_ERR_UNAVAILABLE,
                     "keystore answered %d %.*s", status, OL_FMT(why));
    }
    if (rc == OL_OK &&
        (ol_json_parse(ol_buf_str(&answer), &root, NULL) != OL_OK ||
         !ol_json_find(&root, ol_str_of(wanted), &value) ||
         ol_json_text(&value, arena, &text, NULL) != OL_OK || !ol_base64_decode(text, arena, ret)))
        rc = ol_fail(err, OL_ERR_PROTOCOL, "the keystore's answer is not understood");
    ol_buf_deinit(&body);
    if (answer.data != NULL)
        ol_wipe(answer.data, answer.size);
    ol_buf_deinit(&answer);
    return rc;
}

/* The proof the coordinator keeps: SHA-256 of the key's digits in lower case. */
static ol_rc hash_key(opened *it, ol_err *err)
{
    char lower[KEY_DIGITS];
    if (it->text.key.len != KEY_DIGITS)
        return ol_fail(err, OL_ERR_INVALID, "the payment key's secret has not 64 digits");
    for (size_t i = 0; i < KEY_DIGITS; i++) {
        char c = it->text.key.data[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ol_sha256_hex hash = ol_sha256_hex_of((ol_bytes){(const uint8_t *)lower, sizeof lower});
    ol_wipe(lower, sizeof lower);
    for (size_t i = 0; i < sizeof it->key_hash; i++)
        it->key_hash[i] = hash.data[i];
    return OL_OK;
}

/* An unreadable key is its maker's fault: OL_ERR_INVALID, and the money goes back. */
static ol_rc open_key(const top_up_tools *tools, const top_up *it, ol_bytes blob, ol_arena *arena,
                      opened *ret, ol_err *err)
{
    ol_bytes plain;
    *ret = (opened){.text = {.max_per_call = OL_STR("0"), .initial_balance = OL_STR("0")}};
    OL_TRY(keystore(tools, it, "/decrypt-raw", "encrypted_base64", blob, "plaintext_base64", arena,
                    &plain, err));
    if (ol_json_bind(ol_bytes_str(plain), &TABLE, &ret->text, arena, NULL) != OL_OK ||
        ret->text.project_ids.count > KEY_SCOPES_MAX ||
        !ol_u128_parse(ret->text.initial_balance, &ret->balance))
        return ol_fail(err, OL_ERR_INVALID, "the payment key's data is malformed");
    return hash_key(ret, err);
}

/* ---- the contract ---- */

/* The ciphertext that stands on the chain now. A node may lag behind the block that a fresh
 * transfer came in. */
static ol_rc current(const top_up_tools *tools, const top_up *it, ol_arena *arena, ol_bytes *ret,
                     ol_err *err)
{
    for (int left = it->again ? 0 : LOOKS_MAX - 1;; left--) {
        ol_rc rc =
            payment_key_view(tools->rpc, tools->contract_id, it->owner, it->nonce, arena, ret, err);
        if (rc != OL_ERR_NOT_FOUND || left == 0 || tools->pause(tools->context, LOOK_PAUSE_MS))
            return rc;
    }
}

static bool holds(const opened *key, ol_str data_id)
{
    for (size_t i = 0; i < key->text.applied.count; i++) {
        if (ol_str_eq(key->text.applied.items[i], data_id))
            return true;
    }
    return false;
}

static void write_key(const opened *key, ol_u128 balance, ol_str data_id, ol_buf *into)
{
    const ol_json_texts *applied = &key->text.applied;
    size_t first = applied->count >= APPLIED_MAX ? applied->count - APPLIED_MAX + 1 : 0;
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "key", key->text.key);
    ol_json_key(&w, "project_ids");
    ol_json_array_begin(&w);
    for (size_t i = 0; i < key->text.project_ids.count; i++)
        ol_json_add_str(&w, key->text.project_ids.items[i]);
    ol_json_array_end(&w);
    ol_json_put_str(&w, "max_per_call", key->text.max_per_call);
    ol_json_put_dec(&w, "initial_balance", balance);
    ol_json_key(&w, "applied");
    ol_json_array_begin(&w);
    for (size_t i = first; i < applied->count; i++)
        ol_json_add_str(&w, applied->items[i]);
    ol_json_add_str(&w, data_id);
    ol_json_array_end(&w);
    ol_json_object_end(&w);
}

static ol_rc answer_with(const top_up_tools *tools, const top_up *it, const opened *key,
                         ol_u128 balance, ol_arena *arena, ol_err *err)
{
    ol_bytes blob;
    ol_buf text = ol_buf_new(BYTES_MAX);
    write_key(key, balance, it->data_id, &text);
    ol_rc rc = ol_buf_ok(&text)
                   ? keystore(tools, it, "/encrypt", "plaintext_base64", ol_buf_bytes(&text),
                              "encrypted_base64", arena, &blob, err)
                   : ol_fail(err, OL_ERR_LIMIT, "the payment key's data is too large");
    if (text.data != NULL)
        ol_wipe(text.data, text.size);
    ol_buf_deinit(&text);
    if (rc == OL_ERR_INVALID) /* of the keystore: says nothing about the transfer */
        rc = err->rc = OL_ERR_UNAVAILABLE;
    OL_TRY(rc);
    ol_str base64 = ol_base64_of(arena, blob);
    ol_str result =
        ol_arena_printf(arena, "{\"Success\":{\"new_encrypted_data\":\"%.*s\"}}", OL_FMT(base64));
    if (base64.data == NULL || result.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return tools->resume(tools->context, it->data_id, result, err);
}

/* ---- the coordinator ---- */

static void put_key(ol_json_writer *w, const top_up *it, const opened *key)
{
    ol_json_put_str(w, "owner", it->owner);
    ol_json_put_u64(w, "nonce", it->nonce);
    ol_json_put_cstr(w, "key_hash", key->key_hash);
    ol_json_key(w, "project_ids");
    ol_json_array_begin(w);
    for (size_t i = 0; i < key->text.project_ids.count; i++)
        ol_json_add_str(w, key->text.project_ids.items[i]);
    ol_json_array_end(w);
    ol_json_put_str(w, "max_per_call", key->text.max_per_call);
}

/* What the chain has taken must reach the coordinator: repeated until it is accepted or refused for
 * good, or the worker stops; then the task comes again and finds it on the chain. */
static ol_rc insist(const top_up_tools *tools, const char *path, ol_str body, ol_err *err)
{
    for (int pause_ms = PAUSE_FIRST_MS;;
         pause_ms = pause_ms * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : pause_ms * 2) {
        ol_rc rc = coordinator_post(tools->coordinator, path, body, false, err);
        if (rc == OL_OK || coordinator_final(rc) || tools->pause(tools->context, pause_ms))
            return rc;
    }
}

static ol_rc tell(const top_up_tools *tools, const char *path, const top_up *it, const opened *key,
                  ol_u128 balance, ol_err *err)
{
    ol_buf body = ol_buf_new(BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    put_key(&w, it, key);
    ol_json_put_str(&w, "data_id", it->data_id);
    if (it->amount > 0) {
        ol_json_put_dec(&w, "new_initial_balance", balance);
        ol_json_put_dec(&w, "amount", it->amount);
    }
    ol_json_object_end(&w);
    ol_rc rc = ol_buf_ok(&body) ? insist(tools, path, ol_buf_str(&body), err)
                                : ol_fail(err, OL_ERR_LIMIT, "the payment key's data is too large");
    ol_buf_deinit(&body);
    return rc;
}

/* ---- one task ---- */

/* That an answer was accepted, or refused, does not say what became of the money: the contract
 * decides that a block later, and gives it back where the key was deleted meanwhile. What final
 * blocks show counts: the key holds the transfer, it is gone (OL_ERR_NOT_FOUND), or neither yet
 * (OL_ERR_TIMEOUT). `before` is the ciphertext as it was. */
static ol_rc await_taken(const top_up *it, const top_up_tools *tools, ol_bytes before,
                         ol_arena *arena, opened *ret, ol_err *err)
{
    for (int pause_ms = PAYMENT_KEY_LOOK_FIRST_MS;; pause_ms *= 2) {
        ol_bytes now;
        OL_TRY(payment_key_view(tools->rpc, tools->contract_id, it->owner, it->nonce, arena, &now,
                                err));
        if (!ol_bytes_eq(now, before)) {
            OL_TRY(open_key(tools, it, now, arena, ret, err));
            if (holds(ret, it->data_id))
                return OL_OK;
            before = now;
        }
        if (pause_ms > PAYMENT_KEY_LOOK_LAST_MS)
            return ol_fail(err, OL_ERR_TIMEOUT, "the chain does not show the transfer yet");
        if (tools->pause(tools->context, pause_ms))
            return ol_fail(err, OL_ERR_UNAVAILABLE, "the worker stops");
    }
}

/* The contract has refused an answer: it knows the transfer no longer, or has one already. The
 * first time the task comes again; then the key shows whether another worker's answer was taken. */
static ol_rc refused(const top_up *it, const top_up_tools *tools, ol_bytes before, ol_arena *arena,
                     ol_err *err)
{
    opened key;
    if (!it->again)
        return err->rc;
    ol_rc rc = await_taken(it, tools, before, arena, &key, err);
    if (rc == OL_OK)
        return tell(tools, "/topup/complete", it, &key, key.balance, err);
    return rc == OL_ERR_TIMEOUT || rc == OL_ERR_NOT_FOUND
               ? coordinator_close_task(tools->coordinator, "top_up", it->data_id, err)
               : rc;
}

/* The transfer goes back to where it came from, with a reason. */
static ol_rc refuse(const top_up *it, const top_up_tools *tools, const char *why, ol_arena *arena,
                    ol_err *err)
{
    ol_str result = ol_arena_printf(arena, "{\"Error\":{\"message\":\"%s\"}}", why);
    ol_rc rc = tools->resume(tools->context, it->data_id, result, err);
    if (rc != OL_OK && !(rc == OL_ERR_INVALID && it->again))
        return rc;
    return coordinator_close_task(tools->coordinator, "top_up", it->data_id, err);
}

/* The contract has accepted the answer. */
static ol_rc accepted(const top_up *it, const top_up_tools *tools, ol_bytes before, ol_arena *arena,
                      ol_err *err)
{
    opened key;
    ol_rc rc = await_taken(it, tools, before, arena, &key, err);
    if (rc == OL_ERR_NOT_FOUND) /* deleted: the money went back, or with the key */
        return coordinator_close_task(tools->coordinator, "top_up", it->data_id, err);
    return rc == OL_OK ? tell(tools, "/topup/complete", it, &key, key.balance, err) : rc;
}

static ol_rc credit(const top_up *it, const top_up_tools *tools, ol_arena *arena, ol_err *err)
{
    ol_bytes blob;
    opened key;
    ol_u128 balance;
    ol_rc rc = current(tools, it, arena, &blob, err);
    if (rc == OL_ERR_NOT_FOUND)
        return refuse(it, tools, "The payment key is gone", arena, err);
    OL_TRY(rc);
    rc = open_key(tools, it, blob, arena, &key, err);
    if (rc == OL_ERR_INVALID)
        return refuse(it, tools, "The payment key cannot be opened", arena, err);
    OL_TRY(rc);
    if (holds(&key, it->data_id)) /* only the coordinator must learn it */
        return tell(tools, "/topup/complete", it, &key, key.balance, err);
    if (!ol_u128_add(key.balance, it->amount, &balance))
        return refuse(it, tools, "The balance is out of range", arena, err);
    rc = answer_with(tools, it, &key, balance, arena, err);
    if (rc == OL_ERR_LIMIT)
        return refuse(it, tools, "The payment key's data is too large", arena, err);
    if (rc == OL_ERR_INVALID)
        return refused(it, tools, blob, arena, err);
    OL_TRY(rc);
    return accepted(it, tools, blob, arena, err);
}

static ol_rc begin(const top_up *it, const top_up_tools *tools, ol_arena *arena, ol_err *err)
{
    opened key;
    ol_rc rc = open_key(tools, it, it->encrypted, arena, &key, err);
    if (rc == OL_ERR_INVALID && it->again) /* what its maker sealed is no key, and never will be */
        return coordinator_close_task(tools->coordinator, "top_up", it->data_id, err);
    OL_TRY(rc);
    return tell(tools, "/payment-keys/init", it, &key, 0, err);
}

ol_rc top_up_perform(const top_up *it, const top_up_tools *tools, ol_err *err)
{
    ol_arena arena = ol_arena_new(OL_MIB(4));
    ol_rc rc = it->amount == 0 ? begin(it, tools, &arena, err) : credit(it, tools, &arena, err);
    ol_arena_wipe(&arena);
    return rc;
}
