#include "lib/secrets/tee_challenge.h"

#include "lib/codec/hex.h"

ol_rc ol_tee_statement(ol_str server, const uint8_t challenge[OL_TEE_CHALLENGE_BYTES],
                       const ol_x25519_public *reply_key, ol_buf *into, ol_err *err)
{
    ol_buf_addf(into, "outlayer-tee-auth:v2:%.*s:", OL_FMT(server));
    ol_hex_add(into, (ol_bytes){challenge, OL_TEE_CHALLENGE_BYTES});
    if (reply_key != NULL) {
        ol_buf_add_char(into, ':');
        ol_hex_add(into, (ol_bytes){reply_key->bytes, sizeof reply_key->bytes});
    }
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "no room for the statement");
}
