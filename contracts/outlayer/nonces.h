/* Which payment keys an owner has, so that the highest nonce is found at once (Contract 8:
 * get_next_payment_key_nonce), whatever was stored and deleted in which order.
 *
 * A tree of bitmaps: the lowest level has a bit a nonce, 256 to a node; a level above has a bit for
 * each node below that is not empty. The root lies one level above as few as hold the highest
 * nonce, so an owner with nonces below 256 has the root alone. */
#ifndef OL_CONTRACTS_OUTLAYER_NONCES_H
#define OL_CONTRACTS_OUTLAYER_NONCES_H

#include "lib/base/str.h"

void nonces_add(ol_str owner, uint32_t nonce);
void nonces_remove(ol_str owner, uint32_t nonce);
/* false: there is none. */
bool nonces_highest(ol_str owner, uint32_t *ret);

#endif
