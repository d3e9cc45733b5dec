/* NEAR transactions (NEAR 4.1): Borsh both ways, hash, signature. */
#ifndef OL_NEAR_TRANSACTION_H
#define OL_NEAR_TRANSACTION_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/near/action.h"

/* A signed transaction, signature included (NEAR 1.5). */
enum { OL_TRANSACTION_BYTES_MAX = 1572864 };

typedef struct ol_transaction {
    ol_str signer_id;
    ol_public_key key; /* ignored by ol_transaction_sign, which knows it */
    uint64_t nonce;
    ol_str receiver_id;
    uint8_t block_hash[32];
    const ol_action *actions;
    size_t action_count;
    /* V1 alone: */
    bool v1;
    bool strict_nonce;    /* exactly the key's nonce + 1 */
    bool has_nonce_index; /* signed by a gas key */
    uint16_t nonce_index;
} ol_transaction;

typedef struct ol_signed_transaction {
    ol_transaction transaction;
    ol_signature signature;
    ol_sha256 hash; /* of the transaction without its signature; also its id */
    size_t size;    /* bytes, signature included */
} ol_signed_transaction;

/* Borrows from `bytes`; lists lie in the arena. OL_ERR_INVALID for bytes that are no transaction
 * (lists beyond the limits of action.h included). Says nothing about the signature. */
ol_rc ol_signed_transaction_decode(ol_bytes bytes, ol_arena *arena, ol_signed_transaction *ret,
                                   ol_err *err);
void ol_transaction_encode(const ol_transaction *transaction, ol_buf *into);
void ol_signed_transaction_encode(const ol_signed_transaction *transaction, ol_buf *into);
bool ol_signed_transaction_verify(const ol_signed_transaction *transaction);

/* Appends the signed transaction as Borsh; *ret_hash is the transaction's hash. Sticky failure of
 * the buffer tells when it did not fit. */
void ol_transaction_sign(const ol_transaction *transaction, const ol_ed25519_key *key, ol_buf *into,
                         ol_sha256 *ret_hash);

/* `ed25519:` and Base58 of 64 bytes (seed and public key, which must belong together) or of the
 * 32-byte seed. OL_ERR_INVALID with the reason; nothing of the key is in it. */
ol_rc ol_near_secret_key_parse(ol_str text, ol_ed25519_key *ret, ol_err *err);
/* `ed25519:` and Base58. NULL data when the arena is full. */
ol_str ol_near_public_key_format(const ol_ed25519_public *key, ol_arena *arena);

#endif
