#include "services/worker/payment_key_view.h"

#include "lib/codec/base64.h"
#include "lib/codec/json_read.h"

ol_rc payment_key_view(const ol_rpc *rpc, ol_str contract_id, ol_str owner, uint32_t nonce,
                       ol_arena *arena, ol_bytes *ret, ol_err *err)
{
    ol_json root;
    ol_json profile;
    ol_json value;
    ol_str answer;
    ol_str text;
    ol_str args = ol_arena_printf(arena,
                                  "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"%u\","
                                  "\"owner\":\"%.*s\"}",
                                  nonce, OL_FMT(owner));
    if (args.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(
        ol_rpc_view(rpc, contract_id, OL_STR("get_secret_with_vault"), args, arena, &answer, err));
    OL_TRY(ol_json_parse(answer, &root, err));
    if (ol_json_is_null(&root) || !ol_json_find(&root, OL_STR("profile"), &profile) ||
        ol_json_is_null(&profile))
        return ol_fail(err, OL_ERR_NOT_FOUND, "the payment key is gone");
    if (!ol_json_find(&profile, OL_STR("encrypted_secrets"), &value) ||
        ol_json_text(&value, arena, &text, NULL) != OL_OK || !ol_base64_decode(text, arena, ret))
        return ol_fail(err, OL_ERR_PROTOCOL, "the contract's answer is not understood");
    return OL_OK;
}

ol_rc payment_key_await_gone(const ol_rpc *rpc, ol_str contract_id, ol_str owner, uint32_t nonce,
                             bool (*pause)(void *context, int ms), void *context, bool *ret_gone,
                             ol_err *err)
{
    *ret_gone = false;
    for (int pause_ms = PAYMENT_KEY_LOOK_FIRST_MS;; pause_ms *= 2) {
        ol_bytes key;
        ol_arena arena = ol_arena_new(OL_MIB(1));
        ol_rc rc = payment_key_view(rpc, contract_id, owner, nonce, &arena, &key, err);
        ol_arena_deinit(&arena);
        *ret_gone = rc == OL_ERR_NOT_FOUND;
        if (*ret_gone)
            return OL_OK;
        OL_TRY(rc);
        if (pause_ms > PAYMENT_KEY_LOOK_LAST_MS)
            return OL_OK;
        if (pause(context, pause_ms))
            return ol_fail(err, OL_ERR_UNAVAILABLE, "the worker stops");
    }
}
