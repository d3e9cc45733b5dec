#include "lib/secrets/master.h"

#include <string.h>

#include "lib/crypto/hmac.h"
#include "lib/crypto/secret.h"

enum { PREFIX_BYTES_MAX = 32 };

void ol_master_deinit(ol_master *master)
{
    ol_wipe(master, sizeof *master);
}

ol_sha256 ol_master_hmac(const ol_master *master, ol_str prefix, ol_str seed)
{
    uint8_t message[PREFIX_BYTES_MAX + OL_SEED_BYTES_MAX];
    OL_ASSERT(prefix.len <= PREFIX_BYTES_MAX && seed.len <= OL_SEED_BYTES_MAX);
    if (prefix.len > 0)
        memcpy(message, prefix.data, prefix.len);
    if (seed.len > 0)
        memcpy(message + prefix.len, seed.data, seed.len);
    return ol_hmac_sha256((ol_bytes){master->secret, sizeof master->secret},
                          (ol_bytes){message, prefix.len + seed.len});
}

void ol_master_ed25519(const ol_master *master, ol_str seed, ol_ed25519_key *ret)
{
    ol_sha256 derived = ol_master_hmac(master, OL_STR(""), seed);
    ol_ed25519_key_of_seed(derived.bytes, ret);
    ol_wipe(&derived, sizeof derived);
}

void ol_master_x25519(const ol_master *master, ol_str seed, ol_x25519_key *ret)
{
    ol_sha256 derived = ol_master_hmac(master, OL_STR("ecies:"), seed);
    ol_x25519_key_of(derived.bytes, ret);
    ol_wipe(&derived, sizeof derived);
}

ol_sha256_hex ol_master_secret_path(const ol_master *master, ol_str seed)
{
    ol_sha256 derived = ol_master_hmac(master, OL_STR("secret-path:"), seed);
    ol_sha256_hex hex = ol_sha256_format(&derived);
    ol_wipe(&derived, sizeof derived);
    return hex;
}
