#include "lib/crypto/ed25519.h"

#include <sodium.h>

_Static_assert(OL_ED25519_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "public key");
_Static_assert(OL_ED25519_SEED_BYTES == crypto_sign_SEEDBYTES, "seed");
_Static_assert(OL_ED25519_SIGNATURE_BYTES == crypto_sign_BYTES, "signature");
_Static_assert(sizeof(ol_ed25519_key) == crypto_sign_SECRETKEYBYTES, "seed and public key");

void ol_ed25519_key_of_seed(const uint8_t seed[OL_ED25519_SEED_BYTES], ol_ed25519_key *ret)
{
    ol_ed25519_public ignored;
    int rc = crypto_sign_seed_keypair(ignored.bytes, ret->secret, seed);
    OL_ASSERT(rc == 0);
}

void ol_ed25519_key_deinit(ol_ed25519_key *key)
{
    sodium_memzero(key, sizeof *key);
}

ol_ed25519_public ol_ed25519_public_of(const ol_ed25519_key *key)
{
    ol_ed25519_public public;
    int rc = crypto_sign_ed25519_sk_to_pk(public.bytes, key->secret);
    OL_ASSERT(rc == 0);
    return public;
}

ol_ed25519_signature ol_ed25519_sign(const ol_ed25519_key *key, ol_bytes message)
{
    ol_ed25519_signature signature;
    int rc = crypto_sign_detached(signature.bytes, NULL, message.data, message.len, key->secret);
    OL_ASSERT(rc == 0);
    return signature;
}

bool ol_ed25519_verify(const ol_ed25519_public *key, ol_bytes message,
                       const ol_ed25519_signature *signature)
{
    return crypto_sign_verify_detached(signature->bytes, message.data, message.len, key->bytes) ==
           0;
}
