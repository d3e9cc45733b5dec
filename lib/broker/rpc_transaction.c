/* call and transfer of near:rpc/api: the guest's own key signs, never the worker's. */
#include <string.h>

#include "lib/broker/internal.h"
#include "lib/codec/base64.h"
#include "lib/near/account_id.h"
#include "lib/near/rpc.h"

/* Decimal as Rust parses it: an optional plus, digits; the three faults have their words. */
static const char *parse_integer(ol_str text, ol_u128 most, ol_u128 *ret)
{
    if (text.len == 0)
        return "cannot parse integer from empty string";
    if (text.len > 1 && text.data[0] == '+')
        text = ol_str_slice(text, 1, text.len);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return "invalid digit found in string";
    }
    ol_u128 value;
    if (!ol_u128_parse(text, &value) || value > most)
        return "number too large to fit in target type";
    *ret = value;
    return NULL;
}

static bool take_amount(ol_broker *broker, const char *noun, ol_str text, ol_u128 most,
                        ol_u128 *ret)
{
    const char *fault = parse_integer(text, most, ret);
    if (fault != NULL)
        ol__rpc_refuse(broker, "Invalid %s: %s", noun, fault);
    return fault == NULL;
}

/* Key, signer, receiver: checked in that order. */
static bool take_parties(ol_broker *broker, ol_str signer, ol_str key, ol_str receiver)
{
    ol__rpc *rpc = &broker->rpc;
    ol_err err;
    if (ol_near_secret_key_parse(key, &rpc->key, &err) != OL_OK) {
        ol__rpc_refuse(broker, "Invalid secret key: %s", err.text);
        return false;
    }
    if (!ol_account_id_valid(signer)) {
        ol__rpc_refuse(broker, "Invalid signer account: not an account id");
        return false;
    }
    if (!ol_account_id_valid(receiver)) {
        ol__rpc_refuse(broker, "Invalid receiver account: not an account id");
        return false;
    }
    if (!ol_arena_copy(&rpc->arena, signer, &rpc->transaction.signer_id) ||
        !ol_arena_copy(&rpc->arena, receiver, &rpc->transaction.receiver_id)) {
        ol__rpc_refuse(broker, "Failed to get nonce");
        return false;
    }
    return true;
}

static void ask_nonce(ol_broker *broker)
{
    ol__rpc *rpc = &broker->rpc;
    ol_ed25519_public public = ol_ed25519_public_of(&rpc->key);
    ol_str key = ol_near_public_key_format(&public, &rpc->arena);
    ol_str params = ol_arena_printf(
        &rpc->arena,
        "{\"request_type\":\"view_access_key\",\"finality\":\"final\",\"account_id\":\"%.*s\","
        "\"public_key\":\"%.*s\"}",
        OL_FMT(rpc->transaction.signer_id), OL_FMT(key));
    if (!broker->plan.rpc_transactions) /* say so before the network is asked */
        ol__rpc_refuse(broker, "Transaction method 'send_tx' is disabled");
    else if (key.data == NULL || params.data == NULL)
        ol__rpc_refuse(broker, "Failed to get nonce");
    else
        ol__rpc_ask(broker, OL__RPC_NONCE, "query", params);
}

void ol__rpc_transact(ol_broker *broker, const ol_host_value *values)
{
    ol__rpc *rpc = &broker->rpc;
    ol_transaction *t = &rpc->transaction;
    ol_u128 amount = 0;
    ol_u128 gas = 0;
    bool is_call = rpc->function == OL_FN_RPC_CALL;
    *t = (ol_transaction){.actions = &rpc->action, .action_count = 1};
    rpc->action = ol_action_transfer(OL_YOCTO(0));
    if (is_call) {
        if (!take_amount(broker, "deposit", ol_bytes_str(values[5].bytes), OL_U128_MAX, &amount) ||
            !take_amount(broker, "gas", ol_bytes_str(values[6].bytes), UINT64_MAX, &gas))
            return;
    } else if (!take_amount(broker, "amount", ol_bytes_str(values[3].bytes), OL_U128_MAX,
                            &amount)) {
        return;
    }
    if (!take_parties(broker, ol_bytes_str(values[0].bytes), ol_bytes_str(values[1].bytes),
                      ol_bytes_str(values[2].bytes)))
        return;
    ol_str method = {0};
    ol_bytes args = {0};
    if (is_call && (!ol_arena_copy(&rpc->arena, ol_bytes_str(values[3].bytes), &method) ||
                    !ol_arena_copy_bytes(&rpc->arena, values[4].bytes, &args))) {
        ol__rpc_refuse(broker, "Failed to get nonce");
        return;
    }
    rpc->action = is_call ? ol_action_call(method, args, (uint64_t)gas, OL_YOCTO(amount))
                          : ol_action_transfer(OL_YOCTO(amount));
    ask_nonce(broker);
}

/* The node's own words, when the envelope holds an error. */
static bool refuse_error(ol_broker *broker, const ol_json *envelope)
{
    ol_json error;
    ol_json member;
    ol_str message = OL_STR("unknown");
    if (!ol_json_find(envelope, OL_STR("error"), &error) || ol_json_is_null(&error))
        return false;
    if (ol_json_find(&error, OL_STR("message"), &member))
        (void)ol_json_text(&member, &broker->rpc.arena, &message, NULL);
    ol__rpc_refuse(broker, "RPC error: %.*s", OL_FMT(message));
    return true;
}

static bool read_nonce(ol_broker *broker, const ol_json *envelope)
{
    ol__rpc *rpc = &broker->rpc;
    ol_transaction *t = &rpc->transaction;
    ol_json result;
    ol_json member;
    ol_str hash;
    return ol_json_find(envelope, OL_STR("result"), &result) &&
           ol_json_find(&result, OL_STR("nonce"), &member) &&
           ol_json_u64(&member, &t->nonce, NULL) == OL_OK && t->nonce < UINT64_MAX &&
           ol_json_find(&result, OL_STR("block_hash"), &member) &&
           ol_json_text(&member, &rpc->arena, &hash, NULL) == OL_OK &&
           ol_base58_decode_fixed(hash, t->block_hash, sizeof t->block_hash);
}

void ol__rpc_take_nonce(ol_broker *broker, const ol_json *envelope)
{
    ol__rpc *rpc = &broker->rpc;
    if (refuse_error(broker, envelope))
        return;
    if (!read_nonce(broker, envelope)) {
        ol__rpc_refuse(broker, "Failed to get nonce");
        return;
    }
    ol_sha256 hash;
    ol_buf bytes = ol_buf_new(OL_MIB(8));
    ol_buf params = ol_buf_new(OL_MIB(12));
    ol_buf name = ol_buf_over(rpc->hash, sizeof rpc->hash);
    rpc->transaction.nonce++;
    ol_transaction_sign(&rpc->transaction, &rpc->key, &bytes, &hash);
    ol_buf_add_str(&params, OL_STR("{\"signed_tx_base64\":\""));
    ol_base64_add(&params, ol_buf_bytes(&bytes));
    ol_buf_add_str(&params, OL_STR("\",\"wait_until\":\"FINAL\"}"));
    if (ol_buf_ok(&bytes) && ol_buf_ok(&params)) {
        ol_base58_add(&name, ol_sha256_bytes(&hash));
        ol_buf_add_char(&name, '\0');
        ol__rpc_ask(broker, OL__RPC_SEND, "send_tx", ol_buf_str(&params));
    } else {
        ol__rpc_refuse(broker, "Transaction failed: too large");
    }
    ol_buf_deinit(&bytes);
    ol_buf_deinit(&params);
}

void ol__rpc_take_sent(ol_broker *broker, const ol_json *envelope)
{
    ol_json result;
    ol_json status;
    ol_json failure;
    if (refuse_error(broker, envelope))
        return;
    if (ol_json_find(envelope, OL_STR("result"), &result) &&
        ol_json_find(&result, OL_STR("status"), &status) &&
        ol_json_find(&status, OL_STR("Failure"), &failure)) {
        ol_str shown = ol_str_slice(failure.raw, 0, 2048);
        ol__rpc_refuse(broker, "Transaction failed: %.*s", OL_FMT(shown));
        return;
    }
    ol__rpc_answer(broker, ol_str_of(broker->rpc.hash), OL_STR(""));
}
