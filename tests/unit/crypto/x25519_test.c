#include "lib/crypto/x25519.h"

#include "lib/codec/hex.h"
#include "lib/crypto/hmac.h"
#include "tests/harness/test.h"

static void read_hex(const char *hex, uint8_t *ret, size_t size)
{
    CHECK(ol_hex_decode_fixed(ol_str_of(hex), ret, size));
}

static void check_hex(const uint8_t *bytes, const char *want)
{
    char hex[2 * OL_X25519_BYTES];
    ol_hex_encode((ol_bytes){bytes, OL_X25519_BYTES}, hex);
    CHECK_STR(((ol_str){hex, sizeof hex}), ol_str_of(want));
}

TEST("Bob agrees with Alice as in RFC 7748 6.1")
{
    uint8_t scalar[OL_X25519_BYTES];
    uint8_t shared[OL_X25519_BYTES];
    ol_x25519_public alice;
    OL_AUTO(ol_x25519_key) bob;
    read_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", scalar,
             sizeof scalar);
    read_hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", alice.bytes,
             sizeof alice.bytes);
    ol_x25519_key_of(scalar, &bob);
    ol_x25519_public public = ol_x25519_public_of(&bob);
    check_hex(public.bytes, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    CHECK(ol_x25519_agree(&bob, &alice, shared));
    check_hex(shared, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TEST("a point of small order is refused and leaves no secret")
{
    uint8_t scalar[OL_X25519_BYTES] = {9};
    uint8_t shared[OL_X25519_BYTES] = {1};
    uint8_t zero[OL_X25519_BYTES] = {0};
    ol_x25519_public small = {{0}};
    OL_AUTO(ol_x25519_key) key;
    ol_x25519_key_of(scalar, &key);
    CHECK(!ol_x25519_agree(&key, &small, shared));
    CHECK(ol_bytes_eq((ol_bytes){shared, sizeof shared}, (ol_bytes){zero, sizeof zero}));
    small.bytes[0] = 1;
    CHECK(!ol_x25519_agree(&key, &small, shared));
}

TEST("HKDF without salt and purpose is that of RFC 5869 A.3")
{
    uint8_t material[22];
    for (size_t i = 0; i < sizeof material; i++)
        material[i] = 0x0b;
    ol_sha256 key = ol_hkdf_sha256((ol_bytes){material, sizeof material}, OL_STR(""));
    check_hex(key.bytes, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}
