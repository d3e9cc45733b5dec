/* What stands behind a top-up with NEAR (Contract 6): tells a swap to exchange the amount that was
 * sent to it, and to transfer what comes out to the payment key. Who may tell it is a secret:
 * SWAP_SIGNER, SWAP_KEY; SWAP_FOR is the contract that keeps the keys. */
#include <outlayer.h>

enum { TEXT_BYTES = 1024 };

#define GAS OL_STR("250000000000000")

static bool text_of(const ol_json *order, const char *name, char *storage, ol_str *ret)
{
    ol_json value;
    if (!ol_json_find(order, ol_str_of(name), &value) ||
        ol_json_kind_of(&value) != OL_JSON_STRING || value.raw.len > TEXT_BYTES)
        return false;
    *ret = (ol_str){storage, ol_json_text_decode(&value, storage)};
    return true;
}

static void order_write(ol_buf *into, ol_str owner, ol_str nonce, ol_str amount)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "amount_in", amount);
    ol_json_put_str(&w, "receiver_id", ol_var_or(OL_STR("SWAP_FOR"), OL_STR("")));
    ol_json_key(&w, "msg");
    ol_json_text_begin(&w);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "action", "top_up_payment_key");
    ol_json_put_raw(&w, "nonce", nonce);
    ol_json_put_str(&w, "owner", owner);
    ol_json_object_end(&w);
    ol_json_text_end(&w);
    ol_json_object_end(&w);
}

int main(void)
{
    static char owner_text[TEXT_BYTES], amount_text[TEXT_BYTES], swap_text[TEXT_BYTES];
    ol_buf input = ol_buf_new(OL_KIB(16)), args = ol_buf_new(OL_KIB(16)), hash = ol_buf_new(256);
    ol_json order, nonce;
    ol_str owner, amount, swap;
    if (ol_input_json(&input, &order) != 0 || !ol_json_find(&order, OL_STR("nonce"), &nonce) ||
        !text_of(&order, "owner", owner_text, &owner) ||
        !text_of(&order, "amount", amount_text, &amount) ||
        !text_of(&order, "swap_contract_id", swap_text, &swap))
        return ol_fail_with(OL_STR("no order"));
    order_write(&args, owner, nonce.raw, amount);
    if (ol_rpc_call(ol_var_or(OL_STR("SWAP_SIGNER"), OL_STR("")),
                    ol_var_or(OL_STR("SWAP_KEY"), OL_STR("")), swap, OL_STR("swap"),
                    ol_buf_str(&args), OL_STR("0"), GAS, OL_STR("INCLUDED_FINAL"), &hash) != 0)
        return ol_fail_with(ol_last_error());
    ol_buf answer = ol_buf_new(512);
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "tx", ol_buf_str(&hash));
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
