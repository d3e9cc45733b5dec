#include "lib/secrets/master.h"

#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "lib/crypto/keccak.h"
#include "lib/crypto/secp256k1.h"
#include "tests/harness/test.h"
#include "tests/unit/secrets/vectors.h"

static void check_hex(const uint8_t *bytes, size_t size, const char *want, const char *row)
{
    char hex[128];
    ol_hex_encode((ol_bytes){bytes, size}, hex);
    CHECK_STR_ROW(((ol_str){hex, 2 * size}), ol_str_of(want), row);
}

TEST("S1: seeds give the listed Ed25519 keys")
{
    static const struct {
        const char *seed;
        const char *public;
    } ROWS[] = {
        {"vrf-key", "f11881f7bd2ab547d1208e993aabecd6051671a594619088395f0801a7bd0236"},
        {"wallet:w1:near", "c14e0b683b1792983f8ba2fcc5d4b82a648c2d3a88eddf270f550c5893d619e5"},
    };
    ol_master master = vector_master();
    OL_EACH (row, ROWS) {
        OL_AUTO(ol_ed25519_key) key;
        ol_master_ed25519(&master, ol_str_of(row->seed), &key);
        ol_ed25519_public public = ol_ed25519_public_of(&key);
        check_hex(public.bytes, sizeof public.bytes, row->public, row->seed);
    }
    ol_sha256 secret = ol_master_hmac(&master, OL_STR(""), OL_STR("vrf-key"));
    check_hex(secret.bytes, sizeof secret.bytes,
              "32d47be9590fe42f6bf696502d0cd4a87d823eff6b1c4f695bb7363b2116ce2c", "vrf-key");
}

TEST("S1: a vault's access key is the listed one")
{
    uint8_t want[OL_ED25519_PUBLIC_BYTES];
    ol_master master = vector_master();
    OL_AUTO(ol_ed25519_key) key;
    ol_master_ed25519(&master, OL_STR("outlayer.near:vault.alice.near"), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    CHECK(ol_base58_decode_fixed(OL_STR("G7bjuitfUPCFvvQZgjghkQ9cziZC2r2Q4cxjvbCHPHn1"), want,
                                 sizeof want));
    CHECK(memcmp(public.bytes, want, sizeof want) == 0);
}

TEST("S1: seeds give the listed X25519 keys")
{
    static const struct {
        const char *seed;
        const char *public;
    } ROWS[] = {
        {"github.com/alice/project:alice.near",
         "fb3234db8f36e87a8ec08c1b77799b55788f8855931c76eec948f33b76f9ff19"},
        {"github.com/alice/project:alice.near:main",
         "b17ba586b579b33c688821b4e5b25585da967a92a1901c976b298ab896637b3e"},
        {"project:alice.near/app:alice.near",
         "3a9712ebeb88fcb11f508f2f2ffee4fd9e8660d53118c851c23e42a87a6d144e"},
        {"system:payment_key:alice.near:1",
         "d0e7ca82a4828f193339ec6c19d9804d5523822e3e7645035c3393d141d89d33"},
    };
    ol_master master = vector_master();
    OL_EACH (row, ROWS) {
        OL_AUTO(ol_x25519_key) key;
        ol_master_x25519(&master, ol_str_of(row->seed), &key);
        ol_x25519_public public = ol_x25519_public_of(&key);
        check_hex(public.bytes, sizeof public.bytes, row->public, row->seed);
    }
    ol_sha256 secret =
        ol_master_hmac(&master, OL_STR("ecies:"), OL_STR("project:alice.near/app:alice.near"));
    check_hex(secret.bytes, sizeof secret.bytes,
              "2ea0b3852973ea4cbcbf71a3412349e72a128f34684709630ec1ceb1c638d73b", "its secret");
}

/* The derived bytes are the scalar, big-endian; the key in its compressed form. */
static ol_secp256k1_public check_secp256k1(const ol_master *master, const char *seed,
                                           const char *compressed)
{
    uint8_t form[33];
    ol_secp256k1_public key;
    ol_sha256 scalar = ol_master_hmac(master, OL_STR(""), ol_str_of(seed));
    CHECK_ROW(ol_secp256k1_public_of(scalar.bytes, &key), seed);
    form[0] = (uint8_t)(2 + (key.bytes[OL_SECP256K1_PUBLIC_BYTES - 1] & 1));
    memcpy(form + 1, key.bytes, sizeof form - 1);
    check_hex(form, sizeof form, compressed, seed);
    return key;
}

TEST("S1: a seed gives the listed secp256k1 key and address")
{
    ol_master master = vector_master();
    ol_secp256k1_public key =
        check_secp256k1(&master, "wallet:w1:evm",
                        "02fa6fba68ad2e6801425fe000264762fc2ea6543f96b716be0519853dbd4a1872");
    ol_keccak256 hash = ol_keccak256_of((ol_bytes){key.bytes, sizeof key.bytes});
    check_hex(hash.bytes + 12, 20, "ad846ca5f92ca4b40e74bed29a07ced6fbde0637", "address");
}

TEST("S1: the path of a vault's master is the listed text")
{
    ol_master master = vector_master();
    ol_sha256_hex path = ol_master_secret_path(&master, OL_STR("vault-master:vault.alice.near"));
    CHECK_STR(ol_sha256_hex_str(&path),
              OL_STR("285e1d5f25f148fe2f2a663acdc65eec51b5207b3a2abadd87ada8913423558d"));
}

TEST("S2: the fixture of the public reference gives its keys")
{
    ol_master master;
    OL_AUTO(ol_ed25519_key) key;
    memcpy(master.secret, "M-1 regression fixture .........", sizeof master.secret);
    ol_master_ed25519(&master, OL_STR("wallet:fixed:near"), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    check_hex(public.bytes, sizeof public.bytes,
              "124d4dc445d7e1699bc95e94461540a21e605acf993b04e86da59cb046059f13", "fixture");
    (void)check_secp256k1(&master, "wallet:fixed:eth",
                          "03ffd4869b507336699943453906991fe29fac4764f5a77410cbffea9496a6b420");
}

TEST("S3: one seed under two masters has nothing in common")
{
    ol_master one = vector_master();
    ol_master two = other_master();
    ol_str seed = OL_STR("project:alice.near/app:alice.near");
    ol_x25519_key x[2];
    ol_ed25519_key e[2];
    ol_master_x25519(&one, seed, &x[0]);
    ol_master_x25519(&two, seed, &x[1]);
    ol_master_ed25519(&one, seed, &e[0]);
    ol_master_ed25519(&two, seed, &e[1]);
    ol_secp256k1_public k[2];
    ol_sha256 scalar[2] = {ol_master_hmac(&one, OL_STR(""), seed),
                           ol_master_hmac(&two, OL_STR(""), seed)};
    for (int i = 0; i < 2; i++)
        CHECK(ol_secp256k1_public_of(scalar[i].bytes, &k[i]));
    ol_sha256_hex path_one = ol_master_secret_path(&one, seed);
    ol_sha256_hex path_two = ol_master_secret_path(&two, seed);
    CHECK(memcmp(&x[0], &x[1], sizeof x[0]) != 0);
    CHECK(memcmp(&e[0], &e[1], sizeof e[0]) != 0);
    CHECK(memcmp(&k[0], &k[1], sizeof k[0]) != 0);
    CHECK(!ol_str_eq(ol_sha256_hex_str(&path_one), ol_sha256_hex_str(&path_two)));
}

TEST("a master that ends is wiped")
{
    ol_master master = vector_master();
    ol_master wiped = {{0}};
    ol_master_deinit(&master);
    CHECK(memcmp(&master, &wiped, sizeof wiped) == 0);
}
