#include "lib/secrets/vrf.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "tests/harness/test.h"
#include "tests/unit/secrets/vectors.h"

static ol_vrf listed(void)
{
    ol_vrf vrf;
    CHECK(ol_hex_decode_fixed(
        OL_STR(
            "b01ed1eea7c995fa9e037db14e5d048bb8badad1d63445c69f965a0772f930ad913a272ac84ded683296"
            "c173e241718944a9837fbffcd5aaa2433936c5200b0c"),
        vrf.proof.bytes, sizeof vrf.proof.bytes));
    CHECK(ol_sha256_parse(
        OL_STR("868ff99162e559ce14c1126db2a6f832c00f7efe3e8d9a84c8beec78f9654359"), &vrf.output));
    return vrf;
}

TEST("S50: alpha has the listed proof and output, every time")
{
    ol_err err;
    ol_str alpha;
    ol_vrf want = listed();
    ol_master master = vector_master();
    OL_AUTO(ol_arena) arena = ol_arena_new(4096);
    OL_AUTO(ol_ed25519_key) key;
    ol_master_ed25519(&master, OL_STR(OL_VRF_SEED), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    CHECK_OK(ol_vrf_alpha(42, OL_STR("alice.near"), OL_STR("coin-flip"), &arena, &alpha, &err));
    CHECK_STR(alpha, OL_STR("vrf:42:alice.near:coin-flip"));
    ol_vrf once = ol_vrf_prove(&key, alpha);
    ol_vrf again = ol_vrf_prove(&key, alpha);
    CHECK(memcmp(&once, &want, sizeof want) == 0);
    CHECK(memcmp(&again, &want, sizeof want) == 0);
    CHECK(ol_vrf_verify(&public, alpha, &want));
}

TEST("another alpha, proof or output is not verified")
{
    ol_vrf vrf = listed();
    ol_master master = vector_master();
    OL_AUTO(ol_ed25519_key) key;
    ol_master_ed25519(&master, OL_STR(OL_VRF_SEED), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    CHECK(!ol_vrf_verify(&public, OL_STR("vrf:43:alice.near:coin-flip"), &vrf));
    vrf.output.bytes[0] ^= 1;
    CHECK(!ol_vrf_verify(&public, OL_STR("vrf:42:alice.near:coin-flip"), &vrf));
    vrf = listed();
    vrf.proof.bytes[63] ^= 1;
    CHECK(!ol_vrf_verify(&public, OL_STR("vrf:42:alice.near:coin-flip"), &vrf));
}

TEST("S51: a user seed with a colon is refused")
{
    ol_err err;
    ol_str alpha;
    OL_AUTO(ol_arena) arena = ol_arena_new(4096);
    CHECK_EQ(ol_vrf_alpha(1, OL_STR("a.near"), OL_STR("a:b"), &arena, &alpha, &err),
             OL_ERR_INVALID);
    CHECK_STR(ol_err_text(&err), OL_STR("user_seed must not contain ':'"));
    CHECK_EQ(ol_vrf_alpha(1, OL_STR("a.near:b"), OL_STR("c"), &arena, &alpha, &err),
             OL_ERR_INVALID); /* or it would be another sender's alpha with the seed b:c */
}

TEST("numbers lie between 0 and max, both reached")
{
    ol_sha256 low = {{0}};
    ol_sha256 high = {{0xff, 0xff, 0xff, 0xff}};
    CHECK_EQ(ol_vrf_number(&low, 5), 0);
    CHECK_EQ(ol_vrf_number(&high, 5), 5);
    CHECK_EQ(ol_vrf_number(&high, UINT32_MAX), UINT32_MAX);
    CHECK_EQ(ol_vrf_number(&high, 0), 0);
}
