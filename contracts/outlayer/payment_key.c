#include "contracts/outlayer/payment_key.h"

#include "contracts/outlayer/events.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/operator_reply.h"
#include "contracts/outlayer/types.h"

enum {
    NONCE_MAX = 2147483647,
    TOP_UP_MIN = 10000,     /* Contract 2: $0.01 */
    EVENT_GROWTH_MAX = 128, /* a top-up's event is longer: data id and amount in full */
    DATA_ID_BYTES = NEAR_DATA_ID_BYTES,
};

#define CALLBACK_GAS NEAR_TGAS(30)

static const char TOO_LARGE[] = "Encrypted payment key too large (max 12000 bytes)";

/* --- Rules of storing ----------------------------------------------------------------------------
 */

void payment_key_check_profile(ol_str profile)
{
    uint32_t nonce;
    REQUIRE(profile_nonce(profile, &nonce),
            "A payment key's profile is its nonce and must be a number");
    REQUIRE(nonce != 0, "Payment key nonce 0 is reserved.");
    REQUIRE(nonce <= NONCE_MAX, "Payment key nonce is too large (maximum 2147483647)");
}

void payment_key_check_new(const secret *it, bool is_new)
{
    REQUIRE(is_new, "A payment key cannot be rewritten: it holds a balance. Payment key already "
                    "exists for this nonce.");
    REQUIRE(it->encrypted.len <= PAYMENT_KEY_BYTES_MAX, "%s", TOO_LARGE);
}

secret_name payment_key_name(ol_str owner, uint32_t nonce)
{
    return (secret_name){{.kind = ACCESSOR_PAYMENT_KEY}, number_text(nonce), owner};
}

bool payment_key_exists(ol_str owner, uint32_t nonce)
{
    secret_name name = payment_key_name(owner, nonce);
    return secret_exists(secret_id(&name));
}

static _Noreturn void fail_missing(void)
{
    fail("Payment key not found. Create it first with store_secrets()");
}

void payment_key_require(ol_str owner, uint32_t nonce)
{
    if (!payment_key_exists(owner, nonce))
        fail_missing();
}

/* --- TopUpPaymentKey -----------------------------------------------------------------------------
 */

static void announce(call *c, const secret *key, const uint8_t data_id[DATA_ID_BYTES],
                     ol_u128 amount, size_t spare)
{
    event e;
    uint32_t nonce = 0;
    (void)profile_nonce(key->name.profile, &nonce);
    ol_json_writer *w = system_event_begin(&e, c, "TopUpPaymentKey");
    put_hash32(w, "data_id", data_id);
    ol_json_put_str(w, "owner", key->name.owner);
    ol_json_put_u64(w, "nonce", nonce);
    ol_json_put_dec(w, "amount", amount);
    ol_json_put_str(w, "encrypted_data", key->encrypted);
    ol_json_object_end(w);
    REQUIRE(event_close(&e) && e.text.len + spare <= NEAR_LOG_BYTES_MAX, "%s", TOO_LARGE);
    event_log(&e);
}

void payment_key_announce(call *c, const secret *it)
{
    static const uint8_t NOTHING_YIELDED[DATA_ID_BYTES];
    announce(c, it, NOTHING_YIELDED, 0, EVENT_GROWTH_MAX);
}

/* --- Top-ups -------------------------------------------------------------------------------------
 */

/* The one in flight for a key: its data id, and which key of that nonce it was meant for. */
typedef struct top_up {
    uint8_t data_id[DATA_ID_BYTES];
    uint64_t key_created_at;
} top_up;

static ol_bytes top_up_key(ol_bytes id)
{
    return state_key_text(RECORD_TOPUP, ol_bytes_str(id));
}

/* Writes the arguments of a callback. */
static ol_bytes callback_arguments(ol_str owner, uint32_t nonce, ol_u128 amount, token_number token)
{
    ol_buf text = ol_buf_new(256);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "owner", owner);
    ol_json_put_u64(&w, "nonce", nonce);
    ol_json_put_dec(&w, "amount", amount);
    ol_json_put_u64(&w, "token", token);
    ol_json_object_end(&w);
    return ol_buf_bytes(&text);
}

void payment_key_top_up(call *c, ol_str owner, uint32_t nonce, ol_u128 amount)
{
    REQUIRE(amount >= TOP_UP_MIN, "Minimum top-up is $0.01 (10000 minimal units)");
    secret key;
    secret_name name = payment_key_name(owner, nonce);
    ol_bytes id = secret_id(&name);
    if (!secret_load(id, owner, &key))
        fail_missing();

    top_up flight = {.key_created_at = key.created_at};
    near_promise promise =
        near_yield(OL_STR("on_top_up_response"),
                   callback_arguments(owner, nonce, amount, c->config.token_number), CALLBACK_GAS,
                   1, flight.data_id);
    ol_buf *record = state_begin(1, sizeof flight);
    ol_buf_add(record, (ol_bytes){flight.data_id, DATA_ID_BYTES});
    ol_borsh_add_u64(record, flight.key_created_at);
    REQUIRE(!near_storage_write(top_up_key(id), state_end(record)),
            "Another top-up of this payment key is in flight");
    announce(c, &key, flight.data_id, amount, 0);
    near_promise_return(promise);
}

typedef struct key_arguments {
    ol_str owner;
    uint32_t nonce;
    uint32_t token;
    ol_u128 amount;
} key_arguments;

static const ol_json_field KEY_FIELDS[] = {
    {"owner", OL_BIND_TEXT, OL_REQUIRED, offsetof(key_arguments, owner)},
    {"nonce", OL_BIND_U32, OL_REQUIRED, offsetof(key_arguments, nonce)},
    {"amount", OL_BIND_DEC, OL_OPTIONAL, offsetof(key_arguments, amount)},
    {"token", OL_BIND_U32, OL_OPTIONAL, offsetof(key_arguments, token)},
};
static const ol_json_table KEY = {"arguments", KEY_FIELDS, OL_COUNT(KEY_FIELDS)};

/* Ends the flight; false when nothing of it is known. */
static bool land(ol_bytes id, top_up *ret)
{
    ol_bytes stored;
    if (!near_storage_take(top_up_key(id), &stored))
        return false;
    ol_borsh *from = state_open(stored, 1, NULL);
    ol_borsh_fixed(from, ret->data_id, DATA_ID_BYTES);
    ret->key_created_at = ol_borsh_u64(from);
    return true;
}

/* Contract 6. Never aborts: what it cannot credit it gives back. */
void method_on_top_up_response(call *c)
{
    key_arguments in = {0};
    call_arguments(c, &KEY, &in);
    secret_name name = payment_key_name(in.owner, in.nonce);
    ol_bytes id = secret_id(&name);
    top_up flight = {0};
    secret key;
    ol_str ciphertext;
    bool known = land(id, &flight);
    bool answered = operator_reply_take(flight.data_id, &ciphertext);
    if (!known || !answered || !secret_load(id, in.owner, &key) ||
        key.created_at != flight.key_created_at) {
        answer_dec(in.amount);
        return;
    }
    key.encrypted = ciphertext;
    key.updated_at = near_block_timestamp();
    secret_save(id, &key);
    (void)ledger_credit(LEDGER_REVENUE, (token_number)in.token, (ol_str){0}, in.amount);
    answer_dec(0);
}

/* --- Deletion ------------------------------------------------------------------------------------
 */

static const ol_json_field NONCE_FIELDS[] = {
    {"nonce", OL_BIND_U32, OL_REQUIRED, offsetof(key_arguments, nonce)},
};
static const ol_json_table NONCE = {"arguments", NONCE_FIELDS, OL_COUNT(NONCE_FIELDS)};

void method_delete_payment_key(call *c)
{
    key_arguments in = {0};
    call_arguments(c, &NONCE, &in);
    require_one_yocto(c);
    REQUIRE(payment_key_exists(c->predecessor, in.nonce),
            "Payment key not found: owner=%.*s, nonce=%u", OL_FMT(c->predecessor), in.nonce);
    uint8_t data_id[DATA_ID_BYTES];
    near_promise promise =
        near_yield(OL_STR("on_delete_payment_key_response"),
                   callback_arguments(c->predecessor, in.nonce, 0, 0), CALLBACK_GAS, 1, data_id);
    event e;
    ol_json_writer *w = system_event_begin(&e, c, "DeletePaymentKey");
    put_hash32(w, "data_id", data_id);
    ol_json_put_str(w, "owner", c->predecessor);
    ol_json_put_u64(w, "nonce", in.nonce);
    system_event_end(&e);
    pay(c->predecessor, c->deposit - 1);
    near_promise_return(promise);
}

void method_on_delete_payment_key_response(call *c)
{
    key_arguments in = {0};
    secret removed;
    ol_str nothing;
    call_arguments(c, &KEY, &in);
    secret_name name = payment_key_name(in.owner, in.nonce);
    if (operator_reply_take(NULL, &nothing) && secret_take(&name, &removed))
        pay(in.owner, removed.deposit);
    else
        near_log(OL_STR("Payment key kept"));
}
