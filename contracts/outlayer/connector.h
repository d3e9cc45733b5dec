/* Projects that sell operations at a price (Contract 11). */
#ifndef OL_CONTRACTS_OUTLAYER_CONNECTOR_H
#define OL_CONTRACTS_OUTLAYER_CONNECTOR_H

#include "contracts/outlayer/call.h"

/* Contract 11, Gate: for an execution of a priced project. Ends the call with the texts there.
 * Returns the operation's trimmed name, which settlement needs. */
ol_str connector_admit(call *c, ol_str project_id, ol_str input, ol_u128 attached_usd);

/* Contract 11, Settlement on success: who gets what of `attached`. Never ends the call: an
 * unreadable price row counts as unpriced. `operation` empty: the project was not priced at
 * admission. */
typedef struct usd_split {
    ol_u128 to_sender;
    ol_u128 to_author;
    ol_str author; /* empty when to_author is 0 */
    ol_u128 to_owner;
    ol_str owner;
} usd_split;
usd_split connector_split(ol_str project_id, ol_str operation, ol_u128 attached,
                          ol_u128 guest_refund);

#endif
