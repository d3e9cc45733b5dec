#include "lib/near/transaction.h"

#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/borsh.h"
#include "lib/crypto/secret.h"

static ol_rc key_of_bytes(const uint8_t *bytes, size_t len, ol_ed25519_key *ret, ol_err *err)
{
    ol_ed25519_key key;
    if (len != OL_ED25519_SEED_BYTES && len != sizeof key.secret)
        return ol_fail(err, OL_ERR_INVALID, "expected 32 or 64 bytes, got %zu", len);
    ol_ed25519_key_of_seed(bytes, &key);
    if (len == sizeof key.secret) {
        ol_ed25519_public public = ol_ed25519_public_of(&key);
        if (memcmp(public.bytes, bytes + OL_ED25519_SEED_BYTES, sizeof public.bytes) != 0) {
            ol_ed25519_key_deinit(&key);
            return ol_fail(err, OL_ERR_INVALID, "public half does not belong to the seed");
        }
    }
    *ret = key;
    ol_ed25519_key_deinit(&key);
    return OL_OK;
}

ol_rc ol_near_secret_key_parse(ol_str text, ol_ed25519_key *ret, ol_err *err)
{
    uint8_t bytes[OL_ED25519_SEED_BYTES + OL_ED25519_PUBLIC_BYTES];
    size_t len;
    ol_str type;
    ol_str encoded;
    if (!ol_str_cut(text, ':', &type, &encoded)) {
        type = OL_STR("ed25519"); /* a key without a type is one */
        encoded = text;
    }
    if (!ol_str_eq(type, OL_STR("ed25519")))
        return ol_fail(err, OL_ERR_INVALID, "unknown key type");
    if (!ol_base58_decode(encoded, bytes, sizeof bytes, &len))
        return ol_fail(err, OL_ERR_INVALID, "not base58 of a key");
    ol_rc rc = key_of_bytes(bytes, len, ret, err);
    ol_wipe(bytes, sizeof bytes);
    return rc;
}

ol_str ol_near_public_key_format(const ol_ed25519_public *key, ol_arena *arena)
{
    ol_str encoded = ol_base58_of(arena, (ol_bytes){key->bytes, sizeof key->bytes});
    if (encoded.data == NULL)
        return encoded;
    return ol_arena_printf(arena, "ed25519:%.*s", OL_FMT(encoded));
}

/* Variants of TransactionNonce and NonceMode. */
enum { NONCE_PLAIN = 0, NONCE_INDEXED = 1, MODE_MONOTONIC = 0, MODE_STRICT = 1 };
/* A V1 transaction begins with this byte; a V0 one with the length of its signer's id, whose second
 * byte is 0, because no id has 256 bytes (NEAR 4.1). */
enum { TAG_V1 = 1 };

static void encode_nonce(const ol_transaction *transaction, ol_buf *into)
{
    if (transaction->v1)
        ol_borsh_add_u8(into, transaction->has_nonce_index ? NONCE_INDEXED : NONCE_PLAIN);
    ol_borsh_add_u64(into, transaction->nonce);
    if (transaction->v1 && transaction->has_nonce_index)
        ol_borsh_add_u16(into, transaction->nonce_index);
}

void ol_transaction_encode(const ol_transaction *transaction, ol_buf *into)
{
    if (transaction->v1)
        ol_borsh_add_u8(into, TAG_V1);
    ol_borsh_add_str(into, transaction->signer_id);
    ol_public_key_encode(&transaction->key, into);
    encode_nonce(transaction, into);
    ol_borsh_add_str(into, transaction->receiver_id);
    ol_borsh_add_fixed(into, (ol_bytes){transaction->block_hash, sizeof transaction->block_hash});
    ol_actions_encode(transaction->actions, transaction->action_count, into);
    if (transaction->v1)
        ol_borsh_add_u8(into, transaction->strict_nonce ? MODE_STRICT : MODE_MONOTONIC);
}

void ol_signed_transaction_encode(const ol_signed_transaction *transaction, ol_buf *into)
{
    ol_transaction_encode(&transaction->transaction, into);
    ol_signature_encode(&transaction->signature, into);
}

bool ol_signed_transaction_verify(const ol_signed_transaction *transaction)
{
    return ol_signature_verify(&transaction->transaction.key, transaction->hash.bytes,
                               &transaction->signature);
}

static void decode_nonce(ol_borsh *from, ol_transaction *ret)
{
    uint8_t tag = ret->v1 ? ol_borsh_u8(from) : NONCE_PLAIN;
    if (tag > NONCE_INDEXED)
        from->failed = true;
    ret->nonce = ol_borsh_u64(from);
    ret->has_nonce_index = tag == NONCE_INDEXED;
    if (ret->has_nonce_index)
        ret->nonce_index = ol_borsh_u16(from);
}

static void decode_version(ol_borsh *from, ol_transaction *ret)
{
    bool v0 = from->rest.len > 1 && from->rest.data[1] == 0;
    ret->v1 = !v0;
    if (!v0 && ol_borsh_u8(from) != TAG_V1)
        from->failed = true;
}

static void decode_transaction(ol_borsh *from, ol_arena *arena, ol_transaction *ret)
{
    *ret = (ol_transaction){0};
    decode_version(from, ret);
    ret->signer_id = ol_borsh_str(from);
    ol_public_key_decode(from, &ret->key);
    decode_nonce(from, ret);
    ret->receiver_id = ol_borsh_str(from);
    ol_borsh_fixed(from, ret->block_hash, sizeof ret->block_hash);
    ol_actions_decode(from, arena, &ret->actions, &ret->action_count);
    if (ret->v1)
        ret->strict_nonce = ol_borsh_bool(from);
}

ol_rc ol_signed_transaction_decode(ol_bytes bytes, ol_arena *arena, ol_signed_transaction *ret,
                                   ol_err *err)
{
    ol_signed_transaction it = {.size = bytes.len};
    ol_borsh from = ol_borsh_over(bytes);
    decode_transaction(&from, arena, &it.transaction);
    size_t unsigned_size = bytes.len - from.rest.len;
    ol_signature_decode(&from, &it.signature);
    if (!ol_borsh_done(&from))
        return ol_fail(err, OL_ERR_INVALID, "not a signed transaction in Borsh");
    it.hash = ol_sha256_of((ol_bytes){bytes.data, unsigned_size});
    *ret = it;
    return OL_OK;
}

void ol_transaction_sign(const ol_transaction *transaction, const ol_ed25519_key *key, ol_buf *into,
                         ol_sha256 *ret_hash)
{
    ol_ed25519_public public = ol_ed25519_public_of(key);
    ol_transaction keyed = *transaction;
    size_t start = into->len;
    keyed.key = ol_public_key_of_ed25519(&public);
    ol_transaction_encode(&keyed, into);
    if (!ol_buf_ok(into))
        return;
    *ret_hash = ol_sha256_of((ol_bytes){into->data + start, into->len - start});
    ol_ed25519_signature made = ol_ed25519_sign(key, ol_sha256_bytes(ret_hash));
    ol_signature signature = ol_signature_of_ed25519(&made);
    ol_signature_encode(&signature, into);
}
