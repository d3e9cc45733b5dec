#include "lib/near/nep413.h"

#include <string.h>

#include "lib/codec/base64.h"
#include "tests/harness/test.h"

/* NEAR appendix A4: nonce 00 … 1f. */
static ol_nep413 hello(void)
{
    ol_nep413 message = {OL_STR("Hello NEAR"), {0}, OL_STR("myapp.com"), {NULL, 0}};
    for (size_t i = 0; i < sizeof message.nonce; i++)
        message.nonce[i] = (uint8_t)i;
    return message;
}

static void check_hash(const ol_nep413 *message, const char *want)
{
    ol_err err;
    ol_sha256 hash;
    CHECK_OK(ol_nep413_hash(message, &hash, &err));
    ol_sha256_hex hex = ol_sha256_format(&hash);
    CHECK_STR(ol_sha256_hex_str(&hex), ol_str_of(want));
}

TEST("NA4: a message has the listed hash, with and without a callback")
{
    ol_nep413 message = hello();
    check_hash(&message, "c40d6652ae9a7cb1d84a8a90d0d385fa261f7000e7de3c3e721f213537c1bd74");
    message.callback_url = OL_STR("https://app");
    check_hash(&message, "af573d5521d55ee334959cd63c83371df0c7b3b5aaf844790b1c622298b9698b");
}

TEST("S45: the update of secrets is verified, and refused when anything differs")
{
    ol_ed25519_key key;
    uint8_t seed[OL_ED25519_SEED_BYTES];
    uint8_t signed_bytes[66];
    size_t len;
    ol_ed25519_signature signature;
    ol_nep413 message = hello();
    message.message = OL_STR("Update Outlayer secrets for alice.near:default\nkeys:API_KEY,TOKEN\n"
                             "protected:PROTECTED_SEED");
    message.recipient = OL_STR("keystore.outlayer.near");
    memset(seed, 0x11, sizeof seed);
    ol_ed25519_key_of_seed(seed, &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    check_hash(&message, "0062ddd2b747c4c37e61d85af369c2fe52605e2773e2566bca45480dd3366a59");
    CHECK(ol_base64_decode_into(OL_STR("T6cVJopoFpVAHbkqcNTzWYKXg4L4jXeY02gMq/CmciECP5mNLOyg84jdfX/"
                                       "xz6pNUXwQhB/Ohh6xIFYY0oE2BQ=="),
                                signed_bytes, &len));
    CHECK_EQ(len, sizeof signature.bytes);
    memcpy(signature.bytes, signed_bytes, sizeof signature.bytes);
    CHECK(ol_nep413_verify(&message, &public, &signature));
    message.nonce[0] ^= 1;
    CHECK(!ol_nep413_verify(&message, &public, &signature));
    message.nonce[0] ^= 1;
    message.recipient = OL_STR("keystore.outlayer.testnet");
    CHECK(!ol_nep413_verify(&message, &public, &signature));
    message.recipient = OL_STR("keystore.outlayer.near");
    message.message = OL_STR("Update Outlayer secrets for alice.near:default\nkeys:API_KEY");
    CHECK(!ol_nep413_verify(&message, &public, &signature));
}
