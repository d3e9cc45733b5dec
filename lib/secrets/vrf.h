/* Randomness anyone can verify (Keystore 7): the proof is the deterministic Ed25519 signature of
 * alpha by the key of seed `vrf-key`, the output its SHA-256. One alpha has one output. */
#ifndef OL_SECRETS_VRF_H
#define OL_SECRETS_VRF_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/secrets/master.h"

#define OL_VRF_SEED "vrf-key"
enum { OL_VRF_ALPHA_BYTES_MAX = 1024 };

typedef struct ol_vrf {
    ol_ed25519_signature proof;
    ol_sha256 output;
} ol_vrf;

/* `vrf:{request_id}:{sender}:{user_seed}`. OL_ERR_INVALID: a user seed with ':' or an alpha of more
 * than OL_VRF_ALPHA_BYTES_MAX bytes. In the arena. */
ol_rc ol_vrf_alpha(uint64_t request_id, ol_str sender, ol_str user_seed, ol_arena *arena,
                   ol_str *ret, ol_err *err);

ol_vrf ol_vrf_prove(const ol_ed25519_key *key, ol_str alpha);
OL_MUST_USE bool ol_vrf_verify(const ol_ed25519_public *key, ol_str alpha, const ol_vrf *vrf);

/* A number of 0 to max from the first four bytes of the output, big-endian. */
uint32_t ol_vrf_number(const ol_sha256 *output, uint32_t max);

#endif
