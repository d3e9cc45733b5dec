#include "lib/secrets/ecies.h"

#include <string.h>

#include "lib/crypto/aead.h"
#include "lib/crypto/hmac.h"
#include "lib/crypto/secret.h"

enum { POINT_AT = 1, NONCE_AT = POINT_AT + OL_X25519_BYTES };
enum { CIPHER_AT = NONCE_AT + OL_CHACHA_NONCE_BYTES };

_Static_assert(CIPHER_AT + OL_AEAD_TAG_BYTES == OL_ECIES_OVERHEAD_BYTES, "parts of a blob");

static bool shared_key(const ol_x25519_key *key, const ol_x25519_public *peer, ol_str purpose,
                       ol_sha256 *ret)
{
    uint8_t shared[OL_X25519_BYTES];
    if (!ol_x25519_agree(key, peer, shared))
        return false;
    *ret = ol_hkdf_sha256((ol_bytes){shared, sizeof shared}, purpose);
    ol_wipe(shared, sizeof shared);
    return true;
}

bool ol_ecies_seal(const ol_x25519_public *recipient, ol_str purpose, ol_bytes plain,
                   const ol_random *random, ol_buf *into)
{
    uint8_t scalar[OL_X25519_BYTES];
    ol_sha256 key;
    OL_AUTO(ol_x25519_key) sender;
    ol_random_fill(random, scalar, sizeof scalar);
    ol_x25519_key_of(scalar, &sender);
    ol_wipe(scalar, sizeof scalar);
    if (!shared_key(&sender, recipient, purpose, &key))
        return false;
    uint8_t *blob = ol_buf_reserve(into, plain.len + OL_ECIES_OVERHEAD_BYTES);
    if (blob != NULL) {
        ol_x25519_public public = ol_x25519_public_of(&sender);
        blob[0] = OL_ECIES_VERSION;
        memcpy(blob + POINT_AT, public.bytes, sizeof public.bytes);
        ol_random_fill(random, blob + NONCE_AT, OL_CHACHA_NONCE_BYTES);
        ol_chacha_seal(key.bytes, blob + NONCE_AT, (ol_bytes){NULL, 0}, plain, blob + CIPHER_AT);
        into->len += plain.len + OL_ECIES_OVERHEAD_BYTES;
    }
    ol_wipe(&key, sizeof key);
    return blob != NULL;
}

bool ol_ecies_open(const ol_x25519_key *key, ol_str purpose, ol_bytes blob, ol_buf *into)
{
    ol_x25519_public sender;
    ol_sha256 cipher_key;
    if (blob.len < OL_ECIES_OVERHEAD_BYTES || blob.data[0] != OL_ECIES_VERSION)
        return false;
    memcpy(sender.bytes, blob.data + POINT_AT, sizeof sender.bytes);
    /* X25519 ignores the last bit (RFC 7748 5), which no sender sets: one blob has one form. */
    if ((sender.bytes[OL_X25519_BYTES - 1] & 0x80) != 0)
        return false;
    if (!shared_key(key, &sender, purpose, &cipher_key))
        return false;
    size_t plain_len = blob.len - OL_ECIES_OVERHEAD_BYTES;
    uint8_t *plain = ol_buf_reserve(into, plain_len + 1); /* never a NULL for nothing */
    bool opened = plain != NULL &&
                  ol_chacha_open(cipher_key.bytes, blob.data + NONCE_AT, (ol_bytes){NULL, 0},
                                 (ol_bytes){blob.data + CIPHER_AT, blob.len - CIPHER_AT}, plain);
    if (opened)
        into->len += plain_len;
    ol_wipe(&cipher_key, sizeof cipher_key);
    return opened;
}
