#include "lib/secrets/tee_challenge.h"

#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_write.h"

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

/* `ed25519:<Base58>` as a member. */
static void put_base58(ol_json_writer *w, const char *name, ol_bytes bytes)
{
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_KIB(4));
    ol_str base58 = ol_base58_of(&arena, bytes);
    ol_json_put_str(w, name, ol_arena_printf(&arena, "ed25519:%.*s", OL_FMT(base58)));
}

ol_rc ol_tee_registration(ol_str server, ol_str challenge_hex, const ol_ed25519_key *key,
                          const ol_x25519_public *reply_key, ol_buf *into, ol_err *err)
{
    uint8_t challenge[OL_TEE_CHALLENGE_BYTES];
    uint8_t storage[OL_TEE_STATEMENT_BYTES_MAX];
    ol_buf statement = ol_buf_over(storage, sizeof storage);
    if (!ol_hex_decode_fixed(challenge_hex, challenge, sizeof challenge))
        return ol_fail(err, OL_ERR_PROTOCOL, "the %.*s's challenge is no challenge",
                       OL_FMT(server));
    OL_TRY(ol_tee_statement(server, challenge, reply_key, &statement, err));
    ol_ed25519_signature signature = ol_ed25519_sign(key, ol_buf_bytes(&statement));
    ol_ed25519_public public = ol_ed25519_public_of(key);
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    put_base58(&w, "public_key", (ol_bytes){public.bytes, sizeof public.bytes});
    ol_json_put_str(&w, "challenge", challenge_hex);
    put_base58(&w, "signature", (ol_bytes){signature.bytes, sizeof signature.bytes});
    ol_json_put_cstr(&w, "scheme", "v2");
    if (reply_key != NULL)
        ol_json_put_hex(&w, "reply_pubkey", (ol_bytes){reply_key->bytes, sizeof reply_key->bytes});
    ol_json_object_end(&w);
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "no room for a registration");
}
