#include "lib/crypto/aead.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "tests/harness/test.h"

enum { PLAIN_BYTES = 114 };

static const char PLAIN[] =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one "
    "tip for the future, sunscreen would be it.";
static const char ASSOCIATED[] = "50515253c0c1c2c3c4c5c6c7";

typedef struct vector {
    uint8_t key[OL_AEAD_KEY_BYTES];
    uint8_t nonce[OL_XCHACHA_NONCE_BYTES];
    uint8_t associated[12];
    uint8_t sealed[PLAIN_BYTES + OL_AEAD_TAG_BYTES];
} vector;

static void vector_read(vector *v, const char *nonce, size_t nonce_bytes, const char *sealed)
{
    for (size_t i = 0; i < sizeof v->key; i++)
        v->key[i] = (uint8_t)(0x80 + i);
    CHECK(ol_hex_decode_fixed(ol_str_of(nonce), v->nonce, nonce_bytes));
    CHECK(ol_hex_decode_fixed(ol_str_of(ASSOCIATED), v->associated, sizeof v->associated));
    CHECK(ol_hex_decode_fixed(ol_str_of(sealed), v->sealed, sizeof v->sealed));
}

TEST("ChaCha20-Poly1305 is that of RFC 8439 2.8.2")
{
    vector v;
    uint8_t out[PLAIN_BYTES + OL_AEAD_TAG_BYTES];
    vector_read(&v, "070000004041424344454647", OL_CHACHA_NONCE_BYTES,
                "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca967128"
                "2fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fa"
                "b324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26"
                "a7e902ecbd0600691");
    ol_bytes associated = {v.associated, sizeof v.associated};
    ol_bytes plain = {(const uint8_t *)PLAIN, PLAIN_BYTES};
    ol_chacha_seal(v.key, v.nonce, associated, plain, out);
    CHECK(memcmp(out, v.sealed, sizeof out) == 0);
    CHECK(ol_chacha_open(v.key, v.nonce, associated, (ol_bytes){v.sealed, sizeof v.sealed}, out));
    CHECK(memcmp(out, PLAIN, PLAIN_BYTES) == 0);
}

TEST("XChaCha20-Poly1305 is that of draft-irtf-cfrg-xchacha-03 A.3.1")
{
    vector v;
    uint8_t out[PLAIN_BYTES + OL_AEAD_TAG_BYTES];
    vector_read(&v, "404142434445464748494a4b4c4d4e4f5051525354555657", OL_XCHACHA_NONCE_BYTES,
                "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440"
                "bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f"
                "3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987"
                "947deafd8780acf49");
    ol_bytes associated = {v.associated, sizeof v.associated};
    ol_bytes plain = {(const uint8_t *)PLAIN, PLAIN_BYTES};
    ol_xchacha_seal(v.key, v.nonce, associated, plain, out);
    CHECK(memcmp(out, v.sealed, sizeof out) == 0);
    CHECK(ol_xchacha_open(v.key, v.nonce, associated, (ol_bytes){v.sealed, sizeof v.sealed}, out));
    CHECK(memcmp(out, PLAIN, PLAIN_BYTES) == 0);
}

TEST("any flipped bit of what was sealed is noticed")
{
    uint8_t key[OL_AEAD_KEY_BYTES] = {1};
    uint8_t nonce[OL_CHACHA_NONCE_BYTES] = {2};
    uint8_t sealed[3 + OL_AEAD_TAG_BYTES];
    uint8_t out[3];
    ol_chacha_seal(key, nonce, (ol_bytes){NULL, 0}, ol_str_bytes(OL_STR("abc")), sealed);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        CHECK(!ol_chacha_open(key, nonce, (ol_bytes){NULL, 0}, (ol_bytes){sealed, sizeof sealed},
                              out));
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    CHECK(!ol_chacha_open(key, nonce, (ol_bytes){NULL, 0},
                          (ol_bytes){sealed, OL_AEAD_TAG_BYTES - 1}, out));
}
