#include "lib/crypto/ed25519.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "tests/harness/test.h"

/* RFC 8032 7.1, tests 1 to 3. */
static const struct {
    const char *seed;
    const char *public;
    const char *message;
    const char *signature;
} VECTORS[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "659"
     "4a7c15e9716ed28dc027beceea1ec40a"},
};

static void check_hex(const uint8_t *bytes, size_t size, const char *want)
{
    char hex[2 * OL_ED25519_SIGNATURE_BYTES];
    ol_hex_encode((ol_bytes){bytes, size}, hex);
    CHECK_STR(((ol_str){hex, 2 * size}), ol_str_of(want));
}

TEST("keys and signatures are those of RFC 8032")
{
    OL_EACH (row, VECTORS) {
        uint8_t seed[OL_ED25519_SEED_BYTES];
        uint8_t message[2];
        size_t len = strlen(row->message) / 2;
        OL_AUTO(ol_ed25519_key) key;
        CHECK(ol_hex_decode_fixed(ol_str_of(row->seed), seed, sizeof seed));
        CHECK(ol_hex_decode_fixed(ol_str_of(row->message), message, len));
        ol_ed25519_key_of_seed(seed, &key);
        ol_ed25519_public public = ol_ed25519_public_of(&key);
        check_hex(public.bytes, sizeof public.bytes, row->public);
        ol_ed25519_signature signature = ol_ed25519_sign(&key, (ol_bytes){message, len});
        check_hex(signature.bytes, sizeof signature.bytes, row->signature);
        CHECK(ol_ed25519_verify(&public, (ol_bytes){message, len}, &signature));
    }
}

TEST("a changed message, key or signature is refused")
{
    uint8_t seed[OL_ED25519_SEED_BYTES] = {1};
    OL_AUTO(ol_ed25519_key) key;
    ol_ed25519_key_of_seed(seed, &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_bytes message = ol_str_bytes(OL_STR("pay 5"));
    ol_ed25519_signature signature = ol_ed25519_sign(&key, message);
    CHECK(ol_ed25519_verify(&public, message, &signature));
    CHECK(!ol_ed25519_verify(&public, ol_str_bytes(OL_STR("pay 6")), &signature));
    for (size_t i = 0; i < sizeof signature.bytes; i++) {
        ol_ed25519_signature changed = signature;
        changed.bytes[i] ^= 0x40;
        CHECK(!ol_ed25519_verify(&public, message, &changed));
    }
    public.bytes[3] ^= 1;
    CHECK(!ol_ed25519_verify(&public, message, &signature));
}

TEST("the malleable twin of a signature and a key of small order are refused")
{
    /* The twin adds the group's order to the second half (RFC 8032 5.1.7 forbids it). */
    static const uint8_t ORDER[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    uint8_t seed[OL_ED25519_SEED_BYTES] = {2};
    OL_AUTO(ol_ed25519_key) key;
    ol_ed25519_key_of_seed(seed, &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_bytes message = ol_str_bytes(OL_STR("m"));
    ol_ed25519_signature twin = ol_ed25519_sign(&key, message);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)twin.bytes[32 + i] + ORDER[i];
        twin.bytes[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    CHECK(!ol_ed25519_verify(&public, message, &twin));

    ol_ed25519_public neutral = {{1}};
    ol_ed25519_signature any = {{1}};
    CHECK(!ol_ed25519_verify(&neutral, message, &any));
}

TEST("a key is wiped when it ends")
{
    uint8_t seed[OL_ED25519_SEED_BYTES] = {3};
    static const ol_ed25519_key ZERO;
    ol_ed25519_key key;
    ol_ed25519_key_of_seed(seed, &key);
    ol_ed25519_key_deinit(&key);
    CHECK_EQ(memcmp(&key, &ZERO, sizeof key), 0);
}
