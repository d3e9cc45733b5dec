#include "lib/crypto/x25519.h"

#include <sodium.h>
#include <string.h>

_Static_assert(OL_X25519_BYTES == crypto_scalarmult_BYTES, "point");
_Static_assert(OL_X25519_BYTES == crypto_scalarmult_SCALARBYTES, "scalar");

void ol_x25519_key_of(const uint8_t scalar[OL_X25519_BYTES], ol_x25519_key *ret)
{
    memcpy(ret->secret, scalar, OL_X25519_BYTES);
}

void ol_x25519_key_deinit(ol_x25519_key *key)
{
    sodium_memzero(key, sizeof *key);
}

ol_x25519_public ol_x25519_public_of(const ol_x25519_key *key)
{
    ol_x25519_public public;
    int rc = crypto_scalarmult_base(public.bytes, key->secret);
    OL_ASSERT(rc == 0);
    return public;
}

bool ol_x25519_agree(const ol_x25519_key *key, const ol_x25519_public *peer,
                     uint8_t ret[OL_X25519_BYTES])
{
    if (crypto_scalarmult(ret, key->secret, peer->bytes) == 0)
        return true;
    sodium_memzero(ret, OL_X25519_BYTES);
    return false;
}
