/* A swap for tests and local networks: it holds two tokens and gives one for the other at a fixed
 * rate when its operator says so. It stands where a real exchange would, behind
 * top_up_payment_key_with_near (Contract 6).
 *
 *   new {"operator_id", "token_in", "token_out", "rate_in", "rate_out"}
 *   swap {"amount_in", "receiver_id", "msg"}   operator: rate_out of token_out for rate_in of
 * token_in get_swap {}                                view */
#include "contracts/host/near.h"

#include "lib/codec/borsh.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/near/account_id.h"

enum { ARENA_BYTES_MAX = 1 << 20, TEXT_BYTES_MAX = 64 << 10, RECORD_BYTES_MAX = 512 };

#define TRANSFER_GAS NEAR_TGAS(40)

static const uint8_t KEY = 's';

typedef struct swap {
    ol_str operator;
    ol_str token_in;
    ol_str token_out;
    ol_u128 rate_in;
    ol_u128 rate_out;
} swap;

static const ol_json_field NEW_FIELDS[] = {
    {"operator_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(swap, operator),
     .check = ol_account_id_valid},
    {"token_in", OL_BIND_TEXT, OL_REQUIRED, offsetof(swap, token_in), .check = ol_account_id_valid},
    {"token_out", OL_BIND_TEXT, OL_REQUIRED, offsetof(swap, token_out),
     .check = ol_account_id_valid},
    {"rate_in", OL_BIND_DEC, OL_REQUIRED, offsetof(swap, rate_in)},
    {"rate_out", OL_BIND_DEC, OL_REQUIRED, offsetof(swap, rate_out)},
};
static const ol_json_table NEW = {"new", NEW_FIELDS, OL_COUNT(NEW_FIELDS)};

static void require(bool condition, const char *text)
{
    if (!condition)
        near_panic(ol_str_of(text));
}

static void arguments(const ol_json_table *table, void *into)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_err err;
    if (ol_json_bind(ol_bytes_str(near_input()), table, into, &arena, &err) != OL_OK)
        near_panic(ol_err_text(&err));
}

static swap load(void)
{
    ol_bytes stored;
    require(near_storage_read((ol_bytes){&KEY, 1}, &stored), "The contract is not initialized");
    ol_borsh from = ol_borsh_over(stored);
    swap it = {.operator= ol_borsh_str(&from)};
    it.token_in = ol_borsh_str(&from);
    it.token_out = ol_borsh_str(&from);
    it.rate_in = ol_borsh_u128(&from);
    it.rate_out = ol_borsh_u128(&from);
    return it;
}

NEAR_METHOD(new)
{
    swap it;
    require(!near_storage_has((ol_bytes){&KEY, 1}), "The contract has already been initialized");
    arguments(&NEW, &it);
    require(it.rate_in > 0, "rate_in must be positive");
    ol_buf into = ol_buf_new(RECORD_BYTES_MAX);
    ol_borsh_add_str(&into, it.operator);
    ol_borsh_add_str(&into, it.token_in);
    ol_borsh_add_str(&into, it.token_out);
    ol_borsh_add_u128(&into, it.rate_in);
    ol_borsh_add_u128(&into, it.rate_out);
    (void)near_storage_write((ol_bytes){&KEY, 1}, ol_buf_bytes(&into));
}

typedef struct order {
    ol_u128 amount_in;
    ol_str receiver;
    ol_str msg;
} order;

static const ol_json_field ORDER_FIELDS[] = {
    {"amount_in", OL_BIND_DEC, OL_REQUIRED, offsetof(order, amount_in)},
    {"receiver_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(order, receiver),
     .check = ol_account_id_valid},
    {"msg", OL_BIND_TEXT, OL_REQUIRED, offsetof(order, msg)},
};
static const ol_json_table ORDER = {"swap", ORDER_FIELDS, OL_COUNT(ORDER_FIELDS)};

/* The token that came in stays here; what it is worth goes to the receiver with the message. */
NEAR_METHOD(swap)
{
    order in;
    ol_u128 product;
    swap it = load();
    require(ol_str_eq(near_predecessor(), it.operator), "Only the operator swaps");
    arguments(&ORDER, &in);
    require(ol_u128_mul(in.amount_in, it.rate_out, &product), "Amount out of range");
    ol_u128 out = product / it.rate_in;
    require(out > 0, "Too little to swap");

    ol_buf text = ol_buf_new(TEXT_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "receiver_id", in.receiver);
    ol_json_put_dec(&w, "amount", out);
    ol_json_put_str(&w, "msg", in.msg);
    ol_json_object_end(&w);
    near_promise paid = near_promise_create(it.token_out);
    near_promise_call(paid, OL_STR("ft_transfer_call"), ol_buf_bytes(&text), 1, TRANSFER_GAS, 1);
    near_promise_return(paid);
}

NEAR_METHOD(get_swap)
{
    swap it = load();
    ol_buf text = ol_buf_new(TEXT_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "operator_id", it.operator);
    ol_json_put_str(&w, "token_in", it.token_in);
    ol_json_put_str(&w, "token_out", it.token_out);
    ol_json_put_dec(&w, "rate_in", it.rate_in);
    ol_json_put_dec(&w, "rate_out", it.rate_out);
    ol_json_object_end(&w);
    near_return(ol_buf_bytes(&text));
}
