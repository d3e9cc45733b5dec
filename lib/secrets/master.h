/* A master key and the keys that follow from it (Keystore 2): K is 32 bytes, a derived key is
 * HMAC-SHA256(K, seed), read as what its use wants. Interop: these bytes must equal the public
 * reference's for ever, or what was encrypted stays closed. */
#ifndef OL_SECRETS_MASTER_H
#define OL_SECRETS_MASTER_H

#include "lib/crypto/ed25519.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/x25519.h"

enum { OL_MASTER_BYTES = 32, OL_SEED_BYTES_MAX = 512 };

/* Wiped by deinit; no view as text. Whoever holds one keeps it in locked memory. */
typedef struct ol_master {
    uint8_t secret[OL_MASTER_BYTES];
} ol_master;

void ol_master_deinit(ol_master *master);

/* HMAC(K, prefix ‖ seed). Seeds are at most OL_SEED_BYTES_MAX bytes; callers check them where they
 * come in (lib/secrets/accessor.h). The result is a secret: the caller wipes it. */
ol_sha256 ol_master_hmac(const ol_master *master, ol_str prefix, ol_str seed);

void ol_master_ed25519(const ol_master *master, ol_str seed, ol_ed25519_key *ret);
/* The scalar is HMAC(K, "ecies:" ‖ seed). */
void ol_master_x25519(const ol_master *master, ol_str seed, ol_x25519_key *ret);
/* hex(HMAC(K, "secret-path:" ‖ seed)), 64 digits. */
ol_sha256_hex ol_master_secret_path(const ol_master *master, ol_str seed);

#endif
