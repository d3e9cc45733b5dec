/* Storage deposits (Contract 7 to 9). */
#ifndef OL_CONTRACTS_OUTLAYER_DEPOSIT_H
#define OL_CONTRACTS_OUTLAYER_DEPOSIT_H

#include "contracts/outlayer/call.h"

/* What is attached, with what was paid before (0: it is new), must cover `required`, or the call
 * ends; the rest goes back to the caller. `unit` stands behind amounts of an update: " yoctoNEAR"
 * or, for wallets, nothing. */
void deposit_settle(const call *c, ol_u128 required, ol_u128 before, const char *unit);

#define YOCTO_NEAR " yoctoNEAR"

#endif
