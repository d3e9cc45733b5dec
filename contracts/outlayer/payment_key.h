/* Payment keys (Contract 6, 8): a secret whose profile is its nonce, whose ciphertext holds its
 * balance. The worker changes the ciphertext; the contract yields to it, one top-up a key at a time
 * (Contract 16, 4). */
#ifndef OL_CONTRACTS_OUTLAYER_PAYMENT_KEY_H
#define OL_CONTRACTS_OUTLAYER_PAYMENT_KEY_H

#include "contracts/outlayer/ledger.h"
#include "contracts/outlayer/secret_record.h"

/* Bytes of ciphertext, ours (Contract 16, 22): an event carries it. */
enum { PAYMENT_KEY_BYTES_MAX = 12000 };

/* Contract 8, check 1 of store_secrets: the nonce. */
void payment_key_check_profile(ol_str profile);
/* Check 4, and that events can carry the ciphertext. */
void payment_key_check_new(const secret *it, bool is_new);
/* TopUpPaymentKey of a new key: amount 0, nothing is yielded. */
void payment_key_announce(call *c, const secret *it);

secret_name payment_key_name(ol_str owner, uint32_t nonce);
bool payment_key_exists(ol_str owner, uint32_t nonce);

/* Contract 6: yields to the worker and makes the call's answer what the token is to give back. Ends
 * the call where the amount is too small, the key missing, or another top-up in flight. */
void payment_key_top_up(call *c, ol_str owner, uint32_t nonce, ol_u128 amount);

/* Ends the call with `Payment key not found. …`. */
void payment_key_require(ol_str owner, uint32_t nonce);

#endif
