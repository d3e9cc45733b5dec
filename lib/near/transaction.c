#include "lib/near/transaction.h"

#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/borsh.h"
#include "lib/crypto/secret.h"

/* Variants of the chain's enums. */
enum { KEY_ED25519 = 0, ACTION_FUNCTION_CALL = 2, ACTION_TRANSFER = 3 };

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

static void add_action(const ol_transaction *transaction, ol_buf *into)
{
    if (transaction->kind == OL_ACTION_TRANSFER) {
        ol_borsh_add_u8(into, ACTION_TRANSFER);
        ol_borsh_add_u128(into, transaction->amount.yocto);
        return;
    }
    ol_borsh_add_u8(into, ACTION_FUNCTION_CALL);
    ol_borsh_add_str(into, transaction->method);
    ol_borsh_add_bytes(into, transaction->args);
    ol_borsh_add_u64(into, transaction->gas);
    ol_borsh_add_u128(into, transaction->amount.yocto);
}

void ol_transaction_sign(const ol_transaction *transaction, const ol_ed25519_key *key, ol_buf *into,
                         ol_sha256 *ret_hash)
{
    ol_ed25519_public public = ol_ed25519_public_of(key);
    size_t start = into->len;
    ol_borsh_add_str(into, transaction->signer_id);
    ol_borsh_add_u8(into, KEY_ED25519);
    ol_borsh_add_fixed(into, (ol_bytes){public.bytes, sizeof public.bytes});
    ol_borsh_add_u64(into, transaction->nonce);
    ol_borsh_add_str(into, transaction->receiver_id);
    ol_borsh_add_fixed(into, (ol_bytes){transaction->block_hash, sizeof transaction->block_hash});
    ol_borsh_add_u32(into, 1); /* one action */
    add_action(transaction, into);
    if (!ol_buf_ok(into))
        return;
    *ret_hash = ol_sha256_of((ol_bytes){into->data + start, into->len - start});
    ol_ed25519_signature signature = ol_ed25519_sign(key, ol_sha256_bytes(ret_hash));
    ol_borsh_add_u8(into, KEY_ED25519);
    ol_borsh_add_fixed(into, (ol_bytes){signature.bytes, sizeof signature.bytes});
}
