#include "lib/crypto/secp256k1.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <string.h>

enum { UNCOMPRESSED = 4, UNCOMPRESSED_BYTES = 65, RECOVERY_ID_MAX = 3 };

/* The library's own: no allocation, good for verifying and, without blinding, for signing. */
static const secp256k1_context *context(void)
{
    return secp256k1_context_static;
}

/* Signing wants a context of its own; made and given back each time, since we keep no globals. */
static secp256k1_context *signing_context(void)
{
    secp256k1_context *made = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    OL_ASSERT(made != NULL);
    return made;
}

bool ol_secp256k1_public_of(const uint8_t secret[32], ol_secp256k1_public *ret)
{
    secp256k1_context *signing = signing_context();
    secp256k1_pubkey key;
    uint8_t text[UNCOMPRESSED_BYTES];
    size_t size = sizeof text;
    bool ok = secp256k1_ec_pubkey_create(signing, &key, secret) == 1;
    if (ok) {
        (void)secp256k1_ec_pubkey_serialize(signing, text, &size, &key, SECP256K1_EC_UNCOMPRESSED);
        memcpy(ret->bytes, text + 1, sizeof ret->bytes);
    }
    secp256k1_context_destroy(signing);
    return ok;
}

bool ol_secp256k1_sign(const uint8_t secret[32], const uint8_t hash[32],
                       ol_secp256k1_signature *ret)
{
    secp256k1_context *signing = signing_context();
    secp256k1_ecdsa_recoverable_signature made;
    int recovery_id = 0;
    bool ok = secp256k1_ecdsa_sign_recoverable(signing, &made, hash, secret, NULL, NULL) == 1;
    if (ok) {
        (void)secp256k1_ecdsa_recoverable_signature_serialize_compact(signing, ret->bytes,
                                                                      &recovery_id, &made);
        ret->bytes[64] = (uint8_t)recovery_id;
    }
    secp256k1_context_destroy(signing);
    return ok;
}

bool ol_secp256k1_verify(const ol_secp256k1_public *key, const uint8_t hash[32],
                         const ol_secp256k1_signature *signature)
{
    uint8_t text[UNCOMPRESSED_BYTES] = {UNCOMPRESSED};
    secp256k1_pubkey point;
    secp256k1_ecdsa_signature plain;
    memcpy(text + 1, key->bytes, sizeof key->bytes);
    return signature->bytes[64] <= RECOVERY_ID_MAX &&
           secp256k1_ec_pubkey_parse(context(), &point, text, sizeof text) == 1 &&
           secp256k1_ecdsa_signature_parse_compact(context(), &plain, signature->bytes) == 1 &&
           secp256k1_ecdsa_verify(context(), &plain, hash, &point) == 1;
}
