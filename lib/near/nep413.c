#include "lib/near/nep413.h"

#include "lib/codec/borsh.h"

#define TAG (UINT32_C(1) << 31 | 413)

ol_rc ol_nep413_hash(const ol_nep413 *message, ol_sha256 *ret, ol_err *err)
{
    ol_buf bytes = ol_buf_new(OL_NEP413_BYTES_MAX);
    ol_borsh_add_u32(&bytes, TAG);
    ol_borsh_add_str(&bytes, message->message);
    ol_borsh_add_fixed(&bytes, (ol_bytes){message->nonce, sizeof message->nonce});
    ol_borsh_add_str(&bytes, message->recipient);
    ol_borsh_add_bool(&bytes, message->callback_url.data != NULL);
    if (message->callback_url.data != NULL)
        ol_borsh_add_str(&bytes, message->callback_url);
    bool ok = ol_buf_ok(&bytes);
    if (ok)
        *ret = ol_sha256_of(ol_buf_bytes(&bytes));
    ol_buf_deinit(&bytes);
    return ok ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "message is too long to be signed");
}

bool ol_nep413_verify(const ol_nep413 *message, const ol_ed25519_public *key,
                      const ol_ed25519_signature *signature)
{
    ol_sha256 hash;
    return ol_nep413_hash(message, &hash, NULL) == OL_OK &&
           ol_ed25519_verify(key, ol_sha256_bytes(&hash), signature);
}
