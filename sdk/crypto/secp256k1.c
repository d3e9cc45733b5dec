#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <string.h>

#include "sdk/outlayer.h"

/* The crate gives every symbol of the library a prefix with its version. */
#define LIB(name) rustsecp256k1_v0_14_##name

enum { TAG_UNCOMPRESSED = 4, TAGGED_BYTES = 1 + OL_CRYPTO_SECP256K1_PUBLIC_BYTES, IDS = 4 };

/* Nothing here makes a table at run time: neither verification nor recovery needs one. */
static const LIB(context) * context(void)
{
    return LIB(context_static);
}

static bool public_read(ol_bytes bytes, LIB(pubkey) * ret)
{
    uint8_t tagged[TAGGED_BYTES] = {TAG_UNCOMPRESSED};
    if (bytes.len == OL_CRYPTO_SECP256K1_PUBLIC_BYTES) {
        memcpy(tagged + 1, bytes.data, OL_CRYPTO_SECP256K1_PUBLIC_BYTES);
        bytes = (ol_bytes){tagged, sizeof tagged};
    }
    /* The library also takes the hybrid form, with tags 6 and 7: two ways to write one key. */
    if (bytes.len == TAGGED_BYTES && bytes.data[0] != TAG_UNCOMPRESSED)
        return false;
    return bytes.len > 0 && LIB(ec_pubkey_parse)(context(), ret, bytes.data, bytes.len) == 1;
}

static bool is_high(const LIB(ecdsa_signature) * signature)
{
    return LIB(ecdsa_signature_normalize)(context(), NULL, signature) == 1;
}

int32_t ol_crypto_secp256k1_verify(ol_bytes public_key,
                                   const uint8_t hash[OL_CRYPTO_SECP256K1_HASH_BYTES],
                                   const uint8_t signature[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES])
{
    LIB(pubkey) key;
    LIB(ecdsa_signature) parsed;
    if (!public_read(public_key, &key) ||
        LIB(ecdsa_signature_parse_compact)(context(), &parsed, signature) != 1)
        return OL_EINVAL;
    return LIB(ecdsa_verify)(context(), &parsed, hash, &key) == 1 ? 0 : OL_EDENIED;
}

int32_t ol_crypto_secp256k1_recover(const uint8_t hash[OL_CRYPTO_SECP256K1_HASH_BYTES],
                                    const uint8_t signature[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES],
                                    uint32_t recovery_id,
                                    uint8_t ret[OL_CRYPTO_SECP256K1_PUBLIC_BYTES])
{
    LIB(ecdsa_recoverable_signature) parsed;
    LIB(ecdsa_signature) plain;
    LIB(pubkey) key;
    uint8_t tagged[TAGGED_BYTES];
    size_t size = sizeof tagged;
    if (recovery_id >= IDS || LIB(ecdsa_recoverable_signature_parse_compact)(
                                  context(), &parsed, signature, (int)recovery_id) != 1)
        return OL_EINVAL;
    (void)LIB(ecdsa_recoverable_signature_convert)(context(), &plain, &parsed);
    if (is_high(&plain) || LIB(ecdsa_recover)(context(), &key, &parsed, hash) != 1)
        return OL_EDENIED;
    (void)LIB(ec_pubkey_serialize)(context(), tagged, &size, &key, SECP256K1_EC_UNCOMPRESSED);
    memcpy(ret, tagged + 1, OL_CRYPTO_SECP256K1_PUBLIC_BYTES);
    return 0;
}

int32_t ol_crypto_secp256k1_normalize(uint8_t signature[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES],
                                      uint32_t *recovery_id)
{
    LIB(ecdsa_signature) parsed;
    if ((recovery_id != NULL && *recovery_id >= IDS) ||
        LIB(ecdsa_signature_parse_compact)(context(), &parsed, signature) != 1)
        return OL_EINVAL;
    if (LIB(ecdsa_signature_normalize)(context(), &parsed, &parsed) == 1 && recovery_id != NULL)
        *recovery_id ^= 1; /* -s belongs to the point mirrored: the other parity of y */
    (void)LIB(ecdsa_signature_serialize_compact)(context(), signature, &parsed);
    return 0;
}

/* What the library calls when it is misused; our calls give it no reason to. */
void LIB(default_illegal_callback_fn)(const char *text, void *data);
void LIB(default_error_callback_fn)(const char *text, void *data);

void LIB(default_illegal_callback_fn)(const char *text, void *data)
{
    (void)text;
    (void)data;
    __builtin_trap();
}

void LIB(default_error_callback_fn)(const char *text, void *data)
{
    (void)text;
    (void)data;
    __builtin_trap();
}
