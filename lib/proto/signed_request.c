#include "lib/proto/signed_request.h"

#include <inttypes.h>
#include <string.h>

#include "lib/near/nep413.h"
#include "lib/near/public_key.h"

enum { TEXT_BYTES_MAX = 8 * 1024 };

_Static_assert((int)OL_SIGNED_NONCE_BYTES == (int)OL_NEP413_NONCE_BYTES, "one nonce");

static const ol_json_field PROOF_FIELDS[] = {
    {"public_key", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_signed_proof, public_key)},
    {"nonce", OL_BIND_BASE64, OL_REQUIRED, offsetof(ol_signed_proof, nonce)},
    {"signature", OL_BIND_BASE64, OL_REQUIRED, offsetof(ol_signed_proof, signature)},
};
const ol_json_table OL_SIGNED_PROOF = {"SignedProof", PROOF_FIELDS, OL_COUNT(PROOF_FIELDS)};

void ol_signed_proof_put(ol_json_writer *w, const ol_signed_proof *proof)
{
    ol_json_key(w, "proof");
    ol_json_object_begin(w);
    ol_json_put_str(w, "public_key", proof->public_key);
    ol_json_put_base64(w, "nonce", proof->nonce);
    ol_json_put_base64(w, "signature", proof->signature);
    ol_json_object_end(w);
}

static void text_write(const ol_signed_request *it, ol_buf *into)
{
    ol_sha256_hex body = ol_sha256_hex_of(ol_str_bytes(it->body));
    ol_buf_addf(into, "OutLayer: %.*s\naccount: %.*s\nsubject: %.*s\nbody: %.*s\nexpires: %" PRIu64,
                OL_FMT(it->operation), OL_FMT(it->account_id), OL_FMT(it->subject),
                OL_FMT(ol_sha256_hex_str(&body)), it->expires);
}

ol_rc ol_signed_request_sign(const ol_signed_request *it, const ol_ed25519_key *key,
                             const ol_random *random, ol_arena *arena, ol_signed_proof *ret,
                             ol_err *err)
{
    char storage[TEXT_BYTES_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_nep413 message = {.recipient = it->recipient};
    ol_ed25519_public public = ol_ed25519_public_of(key);
    ol_public_key named = ol_public_key_of_ed25519(&public);
    ol_signed_proof made;
    ol_sha256 hash;
    text_write(it, &text);
    if (!ol_buf_ok(&text))
        return ol_fail(err, OL_ERR_LIMIT, "the request is too long to be signed");
    message.message = ol_buf_str(&text);
    ol_random_fill(random, message.nonce, sizeof message.nonce);
    OL_TRY(ol_nep413_hash(&message, &hash, err));
    ol_ed25519_signature signature = ol_ed25519_sign(key, ol_sha256_bytes(&hash));
    made.public_key = ol_public_key_text(&named, arena);
    if (made.public_key.data == NULL ||
        !ol_arena_copy_bytes(arena, (ol_bytes){message.nonce, sizeof message.nonce}, &made.nonce) ||
        !ol_arena_copy_bytes(arena, (ol_bytes){signature.bytes, sizeof signature.bytes},
                             &made.signature))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    *ret = made;
    return OL_OK;
}

static ol_rc time_check(uint64_t expires, int64_t now_ms, ol_err *err)
{
    uint64_t now = now_ms > 0 ? (uint64_t)now_ms / 1000 : 0;
    if (expires <= now)
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "The signature has expired");
    if (expires - now > OL_SIGNED_SECONDS_MAX)
        return ol_fail(err, OL_ERR_INVALID, "expires is more than %d s ahead",
                       OL_SIGNED_SECONDS_MAX);
    return OL_OK;
}

ol_rc ol_signed_request_check(const ol_signed_request *it, const ol_signed_proof *proof,
                              int64_t now_ms, ol_arena *arena, ol_str *ret_key, ol_err *err)
{
    char storage[TEXT_BYTES_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_nep413 message = {.recipient = it->recipient};
    ol_public_key key;
    ol_ed25519_public public;
    ol_ed25519_signature signature;
    OL_TRY(time_check(it->expires, now_ms, err));
    text_write(it, &text);
    if (!ol_buf_ok(&text) || proof->nonce.len != sizeof message.nonce ||
        proof->signature.len != sizeof signature.bytes ||
        !ol_public_key_parse(proof->public_key, &key) || key.curve != OL_CURVE_ED25519)
        return ol_fail(err, OL_ERR_UNAUTHORIZED,
                       "Invalid signature: key, nonce or signature is malformed");
    message.message = ol_buf_str(&text);
    memcpy(message.nonce, proof->nonce.data, sizeof message.nonce);
    memcpy(signature.bytes, proof->signature.data, sizeof signature.bytes);
    memcpy(public.bytes, key.bytes, sizeof public.bytes);
    if (!ol_nep413_verify(&message, &public, &signature))
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "Invalid signature: it does not match");
    *ret_key = ol_public_key_text(&key, arena);
    return ret_key->data != NULL ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}
