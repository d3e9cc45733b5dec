#include "lib/secrets/vrf.h"

ol_rc ol_vrf_alpha(uint64_t request_id, ol_str sender, ol_str user_seed, ol_arena *arena,
                   ol_str *ret, ol_err *err)
{
    ol_str head;
    ol_str tail;
    if (ol_str_cut(user_seed, ':', &head, &tail))
        return ol_fail(err, OL_ERR_INVALID, "user_seed must not contain ':'");
    if (ol_str_cut(sender, ':', &head, &tail)) /* its rest would be read as a user seed */
        return ol_fail(err, OL_ERR_INVALID, "sender must not contain ':'");
    if (user_seed.len > OL_VRF_ALPHA_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "user_seed is longer than %d bytes",
                       OL_VRF_ALPHA_BYTES_MAX);
    *ret = ol_arena_printf(arena, "vrf:%llu:%.*s:%.*s", (unsigned long long)request_id,
                           OL_FMT(sender), OL_FMT(user_seed));
    if (ret->data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (ret->len > OL_VRF_ALPHA_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "alpha is longer than %d bytes",
                       OL_VRF_ALPHA_BYTES_MAX);
    return OL_OK;
}

ol_vrf ol_vrf_prove(const ol_ed25519_key *key, ol_str alpha)
{
    ol_vrf vrf;
    vrf.proof = ol_ed25519_sign(key, ol_str_bytes(alpha));
    vrf.output = ol_sha256_of((ol_bytes){vrf.proof.bytes, sizeof vrf.proof.bytes});
    return vrf;
}

bool ol_vrf_verify(const ol_ed25519_public *key, ol_str alpha, const ol_vrf *vrf)
{
    ol_sha256 output = ol_sha256_of((ol_bytes){vrf->proof.bytes, sizeof vrf->proof.bytes});
    return ol_ed25519_verify(key, ol_str_bytes(alpha), &vrf->proof) &&
           ol_sha256_eq(&output, &vrf->output);
}

uint32_t ol_vrf_number(const ol_sha256 *output, uint32_t max)
{
    const uint8_t *b = output->bytes;
    uint64_t drawn =
        (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 | (uint64_t)b[2] << 8 | (uint64_t)b[3];
    return (uint32_t)(drawn * ((uint64_t)max + 1) >> 32);
}
