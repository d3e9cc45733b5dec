#include "lib/secrets/blob.h"

#include "lib/crypto/aead.h"
#include "lib/secrets/ecies.h"

ol_rc ol_blob_seal(const ol_master *master, ol_str seed, ol_bytes plain, const ol_random *random,
                   ol_buf *into, ol_err *err)
{
    OL_AUTO(ol_x25519_key) key;
    ol_master_x25519(master, seed, &key);
    ol_x25519_public recipient = ol_x25519_public_of(&key);
    if (!ol_ecies_seal(&recipient, OL_STR(OL_ECIES_SECRET), plain, random, into))
        return ol_fail(err, OL_ERR_LIMIT, "Data too large to encrypt");
    return OL_OK;
}

/* nonce(12) ‖ ciphertext ‖ tag(16) under the *public* Ed25519 key of the seed: whoever has that key
 * can read it, which is why nothing is written so any more. */
static bool open_legacy(const ol_master *master, ol_str seed, ol_bytes blob, ol_buf *into)
{
    OL_AUTO(ol_ed25519_key) key;
    size_t plain_len = blob.len - OL_BLOB_BYTES_MIN;
    uint8_t *plain = ol_buf_reserve(into, plain_len + 1);
    if (plain == NULL)
        return false;
    ol_master_ed25519(master, seed, &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    if (!ol_chacha_open(
            public.bytes, blob.data, (ol_bytes){NULL, 0},
            (ol_bytes){blob.data + OL_CHACHA_NONCE_BYTES, blob.len - OL_CHACHA_NONCE_BYTES}, plain))
        return false;
    into->len += plain_len;
    return true;
}

ol_rc ol_blob_open(const ol_master *master, ol_str seed, ol_bytes blob, ol_blob_legacy legacy,
                   ol_buf *into, ol_err *err)
{
    OL_AUTO(ol_x25519_key) key;
    if (blob.len > OL_BLOB_BYTES_MAX)
        return ol_fail(err, OL_ERR_INVALID, "Encrypted data too large");
    if (blob.len < OL_BLOB_BYTES_MIN)
        return ol_fail(err, OL_ERR_INVALID, "Encrypted data too short");
    ol_master_x25519(master, seed, &key);
    if (ol_ecies_open(&key, OL_STR(OL_ECIES_SECRET), blob, into))
        return OL_OK;
    if (legacy == OL_BLOB_LEGACY_OPENED && open_legacy(master, seed, blob, into))
        return OL_OK;
    return ol_fail(err, OL_ERR_INVALID, "Decryption failed");
}
