/* What came of a transaction or a receipt (NEAR 4.4, 5.1). Belongs to its block. */
#ifndef OL_EMULATOR_OUTCOME_H
#define OL_EMULATOR_OUTCOME_H

#include "emulator/error.h"
#include "emulator/receipt.h"
#include "lib/near/transaction.h"

typedef enum ol_status {
    OL_STATUS_UNKNOWN,
    OL_STATUS_FAILURE, /* {"Failure":…}: ol_failure_write */
    OL_STATUS_VALUE,   /* {"SuccessValue":base64} */
    OL_STATUS_RECEIPT, /* {"SuccessReceiptId":…}: the answer will be that receipt's */
} ol_status;

/* One row of metadata.gas_profile. */
typedef struct ol_gas_cost {
    ol_str category; /* ACTION_COST, WASM_HOST_COST */
    ol_str cost;
    uint64_t gas;
} ol_gas_cost;

typedef struct ol_outcome {
    ol_sha256 id; /* of the transaction or the receipt */
    ol_str executor_id;
    const ol_str *logs; /* kept when the receipt failed */
    size_t log_count;
    const ol_sha256 *receipt_ids; /* action and yield receipts, the refund last */
    size_t receipt_count;
    uint64_t gas_burnt;
    ol_yocto tokens_burnt;
    ol_status status;
    ol_bytes value;
    ol_sha256 receipt_id;
    ol_failure failure;
    const ol_gas_cost *gas_profile;
    size_t gas_profile_count;

    /* One of the two is set. */
    const ol_signed_transaction *transaction;
    const ol_receipt *receipt;
    ol_sha256 transaction_hash; /* the transaction it all began with */
} ol_outcome;

#endif
