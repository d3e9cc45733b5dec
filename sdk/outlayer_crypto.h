/* Cryptography inside a program, without the host (User experience 4.1, crypto). Part of
 * outlayer.h.
 *
 *   uint8_t tag[OL_CRYPTO_SHA256_BYTES];
 *   ol_crypto_hmac_sha256(key, body, tag);
 *   if (!ol_crypto_equal((ol_bytes){tag, sizeof tag}, sent)) …
 *
 * The work is done by libsodium and libsecp256k1, compiled to WebAssembly into an archive of its
 * own; a program carries only what it calls. Nothing allocates, nothing is kept: every array is the
 * caller's, of the size its type says, and results are written whole. Unless a function says so,
 * what is written must not overlap what is read. A borrowed ol_bytes of length 0 may have no data.
 *
 * What cannot fail returns nothing. What can returns 0 for yes, and for no
 *   OL_EINVAL   the arguments have no meaning: a length, a recovery id, bytes that are no key;
 *   OL_EDENIED  they have, but the signature, tag or peer is refused.
 * Both mean no; the texts of ol_last_error() are not changed. Mind the 0: test `== 0`, never `!`.
 *
 * Time. HMAC, HKDF, ol_crypto_equal, Ed25519 signing, X25519 and ChaCha20-Poly1305 are written
 * without branches and indices that depend on secrets, and a run's count of instructions, which
 * others see, does not depend on them (a test compares). What an engine makes of WebAssembly is
 * outside anybody's promise, so this is as far as constant time goes here. Verification and
 * recovery work on public values and take their time from them; hex, base58 and base64 of secrets
 * are not protected.
 *
 * Text forms are those of lib/codec/hex.h, base58.h (at most OL_BASE58_BYTES_MAX bytes) and
 * base64.h. */
#ifndef OUTLAYER_CRYPTO_H
#define OUTLAYER_CRYPTO_H

#include "lib/base/assert.h"
#include "lib/base/str.h"
#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/hex.h"

/* --- hashes: FIPS 180-4, and Keccak-256 as Ethereum pads it, which is not SHA3-256 --------------
 */

enum { OL_CRYPTO_SHA256_BYTES = 32, OL_CRYPTO_SHA512_BYTES = 64, OL_CRYPTO_KECCAK256_BYTES = 32 };

void ol_crypto_sha256(ol_bytes data, uint8_t ret[OL_CRYPTO_SHA256_BYTES]);
void ol_crypto_sha512(ol_bytes data, uint8_t ret[OL_CRYPTO_SHA512_BYTES]);
void ol_crypto_keccak256(ol_bytes data, uint8_t ret[OL_CRYPTO_KECCAK256_BYTES]);

/* --- keyed: HMAC (RFC 2104), HKDF (RFC 5869) ----------------------------------------------------
 */

/* Keys of any length. Compare tags with ol_crypto_equal alone. */
void ol_crypto_hmac_sha256(ol_bytes key, ol_bytes data, uint8_t ret[OL_CRYPTO_SHA256_BYTES]);
void ol_crypto_hmac_sha512(ol_bytes key, ol_bytes data, uint8_t ret[OL_CRYPTO_SHA512_BYTES]);

enum {
    OL_CRYPTO_HKDF_SHA256_BYTES_MAX = 255 * OL_CRYPTO_SHA256_BYTES, /* RFC 5869 2.3 */
    OL_CRYPTO_HKDF_SHA512_BYTES_MAX = 255 * OL_CRYPTO_SHA512_BYTES,
};

/* Extract and expand in one: `size` bytes from keying material (not a password), an optional salt
 * and a purpose. OL_EINVAL beyond the maximum, and *ret is left alone. */
OL_MUST_USE int32_t ol_crypto_hkdf_sha256(ol_bytes material, ol_bytes salt, ol_bytes info,
                                          uint8_t *ret, size_t size);
OL_MUST_USE int32_t ol_crypto_hkdf_sha512(ol_bytes material, ol_bytes salt, ol_bytes info,
                                          uint8_t *ret, size_t size);

/* Same bytes? Tells lengths, not contents. */
OL_MUST_USE bool ol_crypto_equal(ol_bytes a, ol_bytes b);
/* Zeroes that the compiler may not leave out. A run's memory dies with the run anyway. */
void ol_crypto_wipe(void *data, size_t size);

/* --- Ed25519 (RFC 8032, pure) -------------------------------------------------------------------
 */

enum {
    OL_CRYPTO_ED25519_SEED_BYTES = 32, /* the secret key of RFC 8032 */
    OL_CRYPTO_ED25519_PUBLIC_BYTES = 32,
    OL_CRYPTO_ED25519_SIGNATURE_BYTES = 64,
};

/* Deterministic. A NEAR secret key `ed25519:…` is base58 of seed and public key: its first half.
 * The public key is computed each time, so that it cannot be a wrong one, which would give the seed
 * away. */
void ol_crypto_ed25519_public(const uint8_t seed[OL_CRYPTO_ED25519_SEED_BYTES],
                              uint8_t ret[OL_CRYPTO_ED25519_PUBLIC_BYTES]);
void ol_crypto_ed25519_sign(const uint8_t seed[OL_CRYPTO_ED25519_SEED_BYTES], ol_bytes message,
                            uint8_t ret[OL_CRYPTO_ED25519_SIGNATURE_BYTES]);
/* Strict: OL_EDENIED also for s not below the group's order (a signature cannot be changed into
 * another one), for a key or R of small order, and for a key that is not written canonically. The
 * equation is the one without cofactor, as NEAR's own. */
OL_MUST_USE int32_t
ol_crypto_ed25519_verify(const uint8_t public_key[OL_CRYPTO_ED25519_PUBLIC_BYTES], ol_bytes message,
                         const uint8_t signature[OL_CRYPTO_ED25519_SIGNATURE_BYTES]);

/* --- ECDSA over secp256k1, of hashes ------------------------------------------------------------
 */

enum {
    OL_CRYPTO_SECP256K1_HASH_BYTES = 32,
    OL_CRYPTO_SECP256K1_PUBLIC_BYTES = 64,    /* x and y, big-endian, no tag before */
    OL_CRYPTO_SECP256K1_SIGNATURE_BYTES = 64, /* r and s, big-endian; no DER */
};

/* The low-s rule holds in both: of the two signatures that anybody can make out of one, (r, s) and
 * (r, order - s), the one with the higher s is refused (OL_EDENIED), so that a signature is as good
 * as its message for "seen before". ol_crypto_secp256k1_normalize is for those who must take both,
 * as Ethereum's precompile does.
 *
 * `public_key` has 33 bytes (tag 2 or 3), 65 (tag 4) or 64 (no tag). OL_EINVAL: it is no point of
 * the curve in one of these forms, or r or s is not below the order. */
OL_MUST_USE int32_t
ol_crypto_secp256k1_verify(ol_bytes public_key, const uint8_t hash[OL_CRYPTO_SECP256K1_HASH_BYTES],
                           const uint8_t signature[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES]);

/* The key that made the signature; its Ethereum address is the last 20 bytes of its Keccak-256.
 * Whatever the bytes, some key nearly always comes out: compare it with the one expected.
 * `recovery_id` is 0 to 3: Ethereum's v - 27, or v itself in newer transactions. OL_EINVAL: another
 * id, or r or s not below the order; OL_EDENIED: no key would give this signature. Then *ret is
 * left alone. */
OL_MUST_USE int32_t
ol_crypto_secp256k1_recover(const uint8_t hash[OL_CRYPTO_SECP256K1_HASH_BYTES],
                            const uint8_t signature[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES],
                            uint32_t recovery_id, uint8_t ret[OL_CRYPTO_SECP256K1_PUBLIC_BYTES]);

/* Turns a high s into the low one, in place, and the recovery id (NULL where there is none) with
 * it. OL_EINVAL as above, and nothing changes. */
OL_MUST_USE int32_t ol_crypto_secp256k1_normalize(
    uint8_t signature[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES], uint32_t *recovery_id);

/* --- X25519 (RFC 7748) --------------------------------------------------------------------------
 */

enum { OL_CRYPTO_X25519_BYTES = 32 };

/* Any 32 bytes of ol_random are a secret; they are clamped where they are used. */
void ol_crypto_x25519_public(const uint8_t secret[OL_CRYPTO_X25519_BYTES],
                             uint8_t ret[OL_CRYPTO_X25519_BYTES]);
/* The shared secret: a point, to be put through HKDF before it is a key. OL_EDENIED for a peer's
 * point of small order, with which it would be zero whoever computes it; *ret is zero then. The
 * highest bit of the peer's bytes is ignored and values from 2^255 - 19 are reduced, as the RFC
 * says, so a peer can be written in more than one way: hash both public keys into what is derived.
 */
OL_MUST_USE int32_t ol_crypto_x25519(const uint8_t secret[OL_CRYPTO_X25519_BYTES],
                                     const uint8_t peer[OL_CRYPTO_X25519_BYTES],
                                     uint8_t ret[OL_CRYPTO_X25519_BYTES]);

/* --- ChaCha20-Poly1305 (RFC 8439), XChaCha20-Poly1305 -------------------------------------------
 */

enum {
    OL_CRYPTO_AEAD_KEY_BYTES = 32,
    OL_CRYPTO_AEAD_TAG_BYTES = 16,
    OL_CRYPTO_CHACHA_NONCE_BYTES = 12,
    OL_CRYPTO_XCHACHA_NONCE_BYTES = 24,
};

/* A nonce must never come twice under one key: count the short ones, draw the long ones by
 * ol_random.
 *
 * seal writes plain.len + OL_CRYPTO_AEAD_TAG_BYTES bytes, the tag last. open writes sealed.len -
 * OL_CRYPTO_AEAD_TAG_BYTES: the plaintext, or zeroes with OL_EDENIED when anything is not as it was
 * sealed; OL_EINVAL, and nothing written, for fewer bytes than a tag. `ret` may be where the bytes
 * lie that are read, exactly. */
void ol_crypto_chacha_seal(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                           const uint8_t nonce[OL_CRYPTO_CHACHA_NONCE_BYTES], ol_bytes associated,
                           ol_bytes plain, uint8_t *ret);
OL_MUST_USE int32_t ol_crypto_chacha_open(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                                          const uint8_t nonce[OL_CRYPTO_CHACHA_NONCE_BYTES],
                                          ol_bytes associated, ol_bytes sealed, uint8_t *ret);
void ol_crypto_xchacha_seal(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                            const uint8_t nonce[OL_CRYPTO_XCHACHA_NONCE_BYTES], ol_bytes associated,
                            ol_bytes plain, uint8_t *ret);
OL_MUST_USE int32_t ol_crypto_xchacha_open(const uint8_t key[OL_CRYPTO_AEAD_KEY_BYTES],
                                           const uint8_t nonce[OL_CRYPTO_XCHACHA_NONCE_BYTES],
                                           ol_bytes associated, ol_bytes sealed, uint8_t *ret);

#endif
