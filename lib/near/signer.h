/* One account's key and its nonces, for many transactions in flight. Threads share a signer: it
 * hands transactions to the node one after the other, in the order of their nonces, and nobody
 * waits for an outcome while holding it (Worker 8.2).
 *
 *   ol_signed_tx tx = {.bytes = ol_buf_new(…)};
 *   OL_TRY(ol_signer_send(s, rpc, &call, &tx, &answer, err));   // signed and taken by the node
 *   … ol_rpc_tx(rpc, tx.hash_text, …) …                         // how it went
 *
 * After OL_RPC_LOST nobody knows whether the node has the transaction: look its hash up, or send
 * the same bytes again (ol_signer_resend); only a refused one is signed anew. */
#ifndef OL_NEAR_SIGNER_H
#define OL_NEAR_SIGNER_H

#include "lib/near/rpc_chain.h"
#include "lib/near/transaction.h"

typedef struct ol_signer ol_signer;

/* `secret_key` as ol_near_secret_key_parse reads it. OL_ERR_INVALID, nothing of the key in it. */
ol_rc ol_signer_open(ol_str account_id, ol_str secret_key, ol_signer **ret, ol_err *err);
void ol_signer_close(ol_signer *s); /* wipes the key; NULL is fine */

ol_str ol_signer_account(const ol_signer *s);
ol_str ol_signer_public_key(const ol_signer *s); /* ed25519:… */

typedef struct ol_call {
    ol_str receiver_id;
    ol_str method;
    ol_bytes args;
    uint64_t gas;
    ol_yocto deposit;
} ol_call;

typedef struct ol_signed_tx {
    char hash_text[OL_HASH_TEXT_BYTES];
    uint64_t nonce;
    ol_buf bytes; /* the caller's, with a maximum of its choice; cleared before use */
} ol_signed_tx;

/* Signs with the next nonce and a recent final block, and sends without waiting. A bad nonce or an
 * expired block is mended here, and the transaction signed anew, up to OL_SIGNER_TRIES_MAX times.
 * On failure ret_answer->fault tells why; for OL_RPC_LOST *ret is the transaction in doubt.
 *
 * `before_send` (may be NULL) sees each signed transaction before the node does; its failure stops
 * the sending. */
enum { OL_SIGNER_TRIES_MAX = 5 };
typedef ol_rc ol_before_send(void *context, const ol_signed_tx *tx, ol_err *err);
ol_rc ol_signer_send(ol_signer *s, const ol_rpc *rpc, const ol_call *call,
                     ol_before_send *before_send, void *context, ol_signed_tx *ret,
                     ol_rpc_answer *ret_answer, ol_err *err);

/* The same bytes again. OL_RPC_BAD_NONCE and OL_RPC_EXPIRED then mean: it is in a block already, or
 * never will be; its hash tells which. */
ol_rc ol_rpc_resend(const ol_rpc *rpc, const ol_signed_tx *tx, ol_rpc_answer *ret_answer,
                    ol_err *err);

#endif
