/* Projects priced per operation, and how attached USD is shared after a run (Contract 11, 6). */
#ifndef OL_CONTRACTS_OUTLAYER_PRICED_PROJECT_H
#define OL_CONTRACTS_OUTLAYER_PRICED_PROJECT_H

#include "contracts/outlayer/ledger.h"

/* Contract 11, gate; for a project whose project_code says `priced`, in execute mode only. Aborts
 * when the input names no operation on sale or `attached` does not cover it. Returns the
 * operation, trimmed: the request keeps it for settlement. */
ol_str priced_project_gate(ol_str project_id, uint64_t project_number, ol_str input,
                           ol_u128 attached);

/* What became of `attached`: the sum of the three is `attached`. */
typedef struct usd_shares {
    ol_u128 sender; /* change and what the guest gave back */
    ol_u128 author;
    ol_u128 owner;
} usd_shares;

/* Settlement of a successful run, priced or not (Contract 6, 11): books the shares into the ledgers
 * of `token`. `operation` is what the gate returned, empty for a project without prices. Saturates,
 * never aborts. */
usd_shares usd_settle(ol_str project_id, ol_str operation, token_number token, ol_str sender,
                      ol_u128 attached, ol_u128 guest_refund);

/* For projects: a project is gone; it has another id. */
void project_pricing_forget(uint64_t project_number);
void project_pricing_rename(uint64_t project_number, ol_str new_id);

/* The arithmetic alone. `price` is `attached` when nothing is priced by now. */
usd_shares usd_divide(ol_u128 attached, ol_u128 price, uint16_t developer_share_bp,
                      ol_u128 guest_refund);

#endif
