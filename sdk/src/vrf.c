#include <stdlib.h>

#include "lib/codec/hex.h"
#include "sdk/src/host.h"

/* tuple<string, string, string, string> and tuple<string, string>. */
typedef struct generated {
    host_list output;
    host_list proof;
    host_list alpha;
    host_list error;
} generated;
typedef struct key_result {
    host_list key;
    host_list error;
} key_result;

HOST_IMPORT("near:vrf/api@0.1.0", "generate")
void host_vrf_generate(const char *seed, size_t seed_len, generated *ret);
HOST_IMPORT("near:vrf/api@0.1.0", "pubkey") void host_vrf_pubkey(key_result *ret);

static ol_str list_text(host_list list)
{
    return (ol_str){(const char *)list.data, list.len};
}

static void list_free(host_list list)
{
    if (list.len != 0)
        free(list.data);
}

int32_t ol_vrf_generate(ol_str seed, ol_vrf_result *ret)
{
    generated result;
    host_vrf_generate(seed.data, seed.len, &result);
    bool readable = ol_hex_decode_fixed(list_text(result.output), ret->output, OL_VRF_BYTES) &&
                    ol_hex_decode_fixed(list_text(result.proof), ret->proof, OL_VRF_PROOF_BYTES);
    list_free(result.output);
    list_free(result.proof);
    if (result.error.len != 0) {
        list_free(result.alpha);
        return host_failed(result.error);
    }
    if (!readable) {
        list_free(result.alpha);
        return host_fail(OL_EHOST, OL_STR("the host's randomness is not understood"));
    }
    ret->alpha = host_buf(result.alpha);
    return 0;
}

int32_t ol_vrf_pubkey(uint8_t ret[OL_VRF_BYTES])
{
    key_result result;
    host_vrf_pubkey(&result);
    if (result.error.len != 0) {
        list_free(result.key);
        return host_failed(result.error);
    }
    bool readable = ol_hex_decode_fixed(list_text(result.key), ret, OL_VRF_BYTES);
    list_free(result.key);
    return readable ? 0 : host_fail(OL_EHOST, OL_STR("the host's key is not understood"));
}

/* Words of 32 bits are taken until one lies below the largest multiple of `bound`: no number is
 * favoured. Eight words are enough with a probability beyond 1 - 2^-8 for the worst bound; then the
 * remainder of the last is taken, a bias below what 2^32 draws would show. */
uint32_t ol_vrf_below(const ol_vrf_result *vrf, uint32_t bound)
{
    uint32_t word = 0;
    uint32_t excess = (uint32_t)(0 - (uint64_t)bound) % bound;
    for (size_t i = 0; i + 4 <= OL_VRF_BYTES; i += 4) {
        word = (uint32_t)vrf->output[i] << 24 | (uint32_t)vrf->output[i + 1] << 16 |
               (uint32_t)vrf->output[i + 2] << 8 | (uint32_t)vrf->output[i + 3];
        if (word <= UINT32_MAX - excess)
            break;
    }
    return word % bound;
}
