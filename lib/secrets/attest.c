#include "lib/secrets/attest.h"

#include "lib/codec/borsh.h"
#include "lib/codec/hex.h"
#include "lib/crypto/hmac.h"
#include "lib/crypto/secret.h"

ol_str ol_pubkey_statement(ol_str seed, const ol_x25519_public *key, ol_str vault, ol_arena *arena)
{
    char hex[2 * OL_X25519_BYTES];
    ol_hex_encode((ol_bytes){key->bytes, sizeof key->bytes}, hex);
    return ol_arena_printf(arena, "outlayer-pubkey:v1:%zu:%.*s:%.*s:%.*s", seed.len, OL_FMT(seed),
                           (int)sizeof hex, hex, OL_FMT(vault));
}

bool ol_protected_mac(const ol_master *master, ol_str seed, ol_str name, ol_str value,
                      ol_sha256 *ret)
{
    uint8_t storage[OL_PROTECTED_BYTES_MAX];
    ol_buf message = ol_buf_over(storage, sizeof storage);
    ol_buf_add_str(&message, OL_STR("protected:"));
    ol_borsh_add_str(&message, seed);
    ol_borsh_add_str(&message, name);
    ol_buf_add_str(&message, value);
    if (ol_buf_ok(&message))
        *ret = ol_hmac_sha256((ol_bytes){master->secret, sizeof master->secret},
                              ol_buf_bytes(&message));
    ol_wipe(storage, sizeof storage);
    return ol_buf_ok(&message);
}
