/* Subscriptions (Contract 11): plans the owner sells, bought with the token. */
#ifndef OL_CONTRACTS_OUTLAYER_SUBSCRIPTION_H
#define OL_CONTRACTS_OUTLAYER_SUBSCRIPTION_H

#include "contracts/outlayer/call.h"

/* Ends the call when no active plan of that number costs `paid` or less, or the key is missing.
 * All of `paid` is kept. */
void subscription_buy(call *c, ol_str owner, uint32_t nonce, uint8_t plan, ol_u128 paid,
                      ol_str payer);

#endif
