/* What a sender of transactions asks a node: heads, access keys, limits, sending, outcomes
 * (NEAR 5.1, 5.2). */
#ifndef OL_NEAR_RPC_CHAIN_H
#define OL_NEAR_RPC_CHAIN_H

#include "lib/crypto/hash.h"
#include "lib/near/rpc_answer.h"

enum { OL_HASH_TEXT_BYTES = 45 }; /* Base58 of 32 bytes and a NUL */

typedef struct ol_block_head {
    uint64_t height;
    uint8_t hash[32];
    char hash_text[OL_HASH_TEXT_BYTES];
    uint64_t timestamp_ns;
} ol_block_head;

/* `finality_or_block` as in ol_rpc_add_block. `ret_fault` may be NULL, here and below. */
ol_rc ol_rpc_block_head(const ol_rpc *rpc, ol_str finality_or_block, ol_block_head *ret,
                        ol_rpc_fault *ret_fault, ol_err *err);

/* The nonce of an access key: OL_RPC_UNKNOWN_KEY where the account does not have it. */
ol_rc ol_rpc_key_nonce(const ol_rpc *rpc, ol_str account_id, ol_str public_key, ol_str finality,
                       uint64_t *ret, ol_rpc_fault *ret_fault, ol_err *err);

/* Bytes of the largest transaction, signature included (NEAR 1.5), from the protocol's
 * configuration. */
ol_rc ol_rpc_transaction_bytes_max(const ol_rpc *rpc, uint64_t *ret, ol_err *err);

/* ---- transactions ---- */

typedef enum ol_tx_state { OL_TX_UNDER_WAY, OL_TX_SUCCEEDED, OL_TX_FAILED } ol_tx_state;

typedef struct ol_tx_outcome {
    ol_tx_state state;
    ol_str value_base64; /* OL_TX_SUCCEEDED: what the last receipt returned; may be empty */
    ol_str failure_json; /* OL_TX_FAILED: `{"ActionError":…}` */
    /* Logs of the transaction and of all its receipts so far, in that order, except logs of
     * receipts that failed: these name what was rolled back. */
    const ol_str *log;
    size_t logs;
    uint64_t gas_burnt; /* of the transaction and all receipts */
    ol_json json;       /* the whole answer */
} ol_tx_outcome;

/* A final outcome, as send_tx and tx answer. Texts live in the arena or in the document. */
ol_rc ol_tx_outcome_decode(const ol_json *value, ol_arena *arena, ol_tx_outcome *ret, ol_err *err);

/* send_tx. `wait_until` is a level of NEAR 5.2; with `NONE` the outcome stays under way. Sending
 * the same bytes again is harmless. The answer lives in `into` and the arena. */
ol_rc ol_rpc_send_tx(const ol_rpc *rpc, ol_bytes signed_transaction, ol_str wait_until,
                     ol_arena *arena, ol_buf *into, ol_tx_outcome *ret, ol_rpc_answer *ret_answer,
                     ol_err *err);

/* tx, by hash and sender. */
ol_rc ol_rpc_tx(const ol_rpc *rpc, const char *hash_text, ol_str sender_id, ol_str wait_until,
                ol_arena *arena, ol_buf *into, ol_tx_outcome *ret, ol_rpc_answer *ret_answer,
                ol_err *err);

#endif
