/* NEAR transactions, as far as guests ask for them (Host interfaces 7, call and transfer): Borsh,
 * signed with an Ed25519 key. */
#ifndef OL_NEAR_TRANSACTION_H
#define OL_NEAR_TRANSACTION_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/money.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/hash.h"

typedef enum ol_action_kind { OL_ACTION_CALL, OL_ACTION_TRANSFER } ol_action_kind;

typedef struct ol_transaction {
    ol_str signer_id;
    ol_str receiver_id;
    uint64_t nonce;
    uint8_t block_hash[32];
    ol_action_kind kind;
    ol_str method;   /* OL_ACTION_CALL */
    ol_bytes args;   /* OL_ACTION_CALL */
    uint64_t gas;    /* OL_ACTION_CALL */
    ol_yocto amount; /* deposit or transferred */
} ol_transaction;

/* `ed25519:` and Base58 of 64 bytes (seed and public key, which must belong together) or of the
 * 32-byte seed. OL_ERR_INVALID with the reason; nothing of the key is in it. */
ol_rc ol_near_secret_key_parse(ol_str text, ol_ed25519_key *ret, ol_err *err);
/* `ed25519:` and Base58. NULL data when the arena is full. */
ol_str ol_near_public_key_format(const ol_ed25519_public *key, ol_arena *arena);

/* Appends the signed transaction as Borsh; *ret_hash is the transaction's hash. Sticky failure of
 * the buffer tells when it did not fit. */
void ol_transaction_sign(const ol_transaction *transaction, const ol_ed25519_key *key, ol_buf *into,
                         ol_sha256 *ret_hash);

#endif
