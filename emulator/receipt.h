/* Receipts: what accounts send each other (NEAR 4.4). A transaction becomes one; calls make more.
 *
 * A receipt in a block belongs to that block and lives as long as it. Everything it points to
 * (texts, lists, bytes) does, too. */
#ifndef OL_EMULATOR_RECEIPT_H
#define OL_EMULATOR_RECEIPT_H

#include "lib/base/err.h"
#include "lib/near/action.h"

typedef enum ol_receipt_kind {
    OL_RECEIPT_ACTION,      /* waits for its inputs, then its actions run */
    OL_RECEIPT_DATA,        /* an input for another receipt of the same receiver */
    OL_RECEIPT_YIELD,       /* an action receipt that waits for a resume or its timeout (NEAR 3) */
    OL_RECEIPT_RESUME,      /* the data of a resume; without data: the timeout */
    OL_RECEIPT_GLOBAL_CODE, /* distribution of a global contract's code */
} ol_receipt_kind;

/* Who gets what the receipt returns. */
typedef struct ol_data_receiver {
    ol_sha256 data_id;
    ol_str receiver_id;
} ol_data_receiver;

typedef struct ol_receipt {
    ol_sha256 id;
    ol_str predecessor_id; /* "system" for refunds */
    ol_str receiver_id;
    ol_receipt_kind kind;
    ol_sha256 transaction_hash; /* the transaction it all began with; zeroes: none */

    /* ACTION, YIELD */
    ol_str signer_id;
    ol_public_key signer_key;
    ol_yocto gas_price; /* at which its gas was bought; 0 for refunds */
    const ol_data_receiver *outputs;
    size_t output_count;
    const ol_sha256 *inputs; /* data ids awaited; a YIELD has one */
    size_t input_count;
    const ol_action *actions;
    size_t action_count;
    ol_str refund_to; /* empty: the predecessor */

    /* DATA, RESUME */
    ol_sha256 data_id;
    bool has_data; /* false: the sender failed, or the yield timed out */
    ol_bytes data;

    /* GLOBAL_CODE */
    ol_global_id global;
    ol_bytes code;
} ol_receipt;

static inline bool ol_receipt_runs_actions(const ol_receipt *receipt)
{
    return receipt->kind == OL_RECEIPT_ACTION || receipt->kind == OL_RECEIPT_YIELD;
}

/* A refund: sent by `system`, free of charge. */
bool ol_receipt_is_refund(const ol_receipt *receipt);

/* The form in which receipts wait in the state. Decoding borrows from the bytes; lists lie in the
 * arena. OL_ERR_INVALID, OL_ERR_NO_MEMORY. */
void ol_receipt_encode(const ol_receipt *receipt, ol_buf *into);
ol_rc ol_receipt_decode(ol_bytes bytes, ol_arena *arena, ol_receipt *ret, ol_err *err);
/* A copy that owns nothing outside the arena. */
ol_rc ol_receipt_copy(const ol_receipt *receipt, ol_arena *arena, ol_receipt *ret, ol_err *err);

/* Ids (NEAR 4.4): SHA-256(base ‖ height ‖ salt), height being that of the block being applied. */
ol_sha256 ol_id_of(const ol_sha256 *base, uint64_t height, uint64_t salt);
ol_sha256 ol_action_hash(const ol_sha256 *receipt_id, uint64_t height, uint64_t action_index);

#endif
