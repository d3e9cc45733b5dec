/* How a request ends: one place for all of it (Contract 5, 6; 16, 5). */
#ifndef OL_CONTRACTS_OUTLAYER_SETTLEMENT_H
#define OL_CONTRACTS_OUTLAYER_SETTLEMENT_H

#include "contracts/outlayer/response.h"

/* Ends it without a run: the whole payment to the payer, attached USD to the sender. The request
 * was taken from the state; the book, which is in the configuration, must still be saved. */
void settle_cancelled(call *c, const request *r);

#endif
