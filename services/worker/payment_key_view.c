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
