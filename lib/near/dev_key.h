/* Keys of local chains: they follow from a seed and an account id, so that they are the same on
 * every start. They are public: whoever knows the seed has them. */
#ifndef OL_NEAR_DEV_KEY_H
#define OL_NEAR_DEV_KEY_H

#include "lib/crypto/ed25519.h"

enum { OL_DEV_SEED_BYTES_MAX = 128 };

/* The Ed25519 seed is SHA-256("outlayer-dev:" ‖ seed ‖ ":" ‖ account id). A seed beyond the limit
 * is cut. */
void ol_dev_key(ol_str seed, ol_str account_id, ol_ed25519_key *ret);

#endif
