/* What the keystore vouches for (Keystore 15): that a public key is its own (X1), that a value was
 * generated inside it (X4). */
#ifndef OL_SECRETS_ATTEST_H
#define OL_SECRETS_ATTEST_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/secrets/master.h"

#define OL_ATTESTOR_SEED "pubkey-attest" /* of the default master */

/* X1: the text `outlayer-pubkey:v1:{len(seed)}:{seed}:{pubkey hex}:{vault or empty}`, which the
 * attestor's key signs; the client rebuilds it from what it asked for. NULL data when the arena is
 * full. */
ol_str ol_pubkey_statement(ol_str seed, const ol_x25519_public *key, ol_str vault, ol_arena *arena);

/* X4: HMAC(K, "protected:" ‖ u32le(len seed) ‖ seed ‖ u32le(len name) ‖ name ‖ value). False when
 * the parts are together longer than OL_PROTECTED_BYTES_MAX. */
enum { OL_PROTECTED_BYTES_MAX = 8192 };
OL_MUST_USE bool ol_protected_mac(const ol_master *master, ol_str seed, ol_str name, ol_str value,
                                  ol_sha256 *ret);

#endif
