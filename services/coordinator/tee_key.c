#include "services/coordinator/tee_key.h"

#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "lib/crypto/ed25519.h"

#define PREFIX OL_STR("ed25519:")

static bool is_base58(char c)
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    for (const char *a = alphabet; *a != 0; a++) {
        if (*a == c)
            return true;
    }
    return false;
}

static ol_rc base58_read(ol_str text, uint8_t *ret, size_t size, const char *what, ol_err *err)
{
    uint8_t bytes[OL_BASE58_BYTES_MAX];
    size_t len;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_base58(text.data[i]))
            return ol_fail(err, OL_ERR_FORBIDDEN,
                           "invalid %s: base58 decode: provided string contained invalid character "
                           "'%c' at byte %zu",
                           what, text.data[i], i);
    }
    if (!ol_base58_decode(text, bytes, sizeof bytes, &len))
        return ol_fail(err, OL_ERR_FORBIDDEN, "invalid %s: base58 decode: too long", what);
    if (len != size)
        return ol_fail(err, OL_ERR_FORBIDDEN, "invalid %s: expected %zu bytes, got %zu", what, size,
                       len);
    memcpy(ret, bytes, size);
    return OL_OK;
}

static ol_rc key_read(ol_str text, ol_ed25519_public *ret, ol_err *err)
{
    if (ol_str_starts(text, PREFIX))
        return base58_read(ol_str_slice(text, PREFIX.len, text.len), ret->bytes, sizeof ret->bytes,
                           "public key", err);
    if (ol_hex_decode_fixed(text, ret->bytes, sizeof ret->bytes))
        return OL_OK;
    return ol_fail(err, OL_ERR_FORBIDDEN,
                   "invalid public key: unrecognized format (expected 'ed25519:...' or 64 hex "
                   "chars): %.*s",
                   OL_FMT(text));
}

static ol_rc hex_fault(ol_str text, ol_err *err)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return ol_fail(err, OL_ERR_FORBIDDEN,
                           "invalid signature: hex decode error: Invalid character '%c' at "
                           "position %zu",
                           c, i);
    }
    if (text.len % 2 != 0)
        return ol_fail(err, OL_ERR_FORBIDDEN,
                       "invalid signature: hex decode error: Odd number of digits");
    return ol_fail(err, OL_ERR_FORBIDDEN, "invalid signature: expected %d bytes, got %zu",
                   OL_ED25519_SIGNATURE_BYTES, text.len / 2);
}

static ol_rc signature_read(ol_str text, ol_ed25519_signature *ret, ol_err *err)
{
    if (ol_str_starts(text, PREFIX))
        return base58_read(ol_str_slice(text, PREFIX.len, text.len), ret->bytes, sizeof ret->bytes,
                           "signature", err);
    if (ol_hex_decode_fixed(text, ret->bytes, sizeof ret->bytes))
        return OL_OK;
    return hex_fault(text, err);
}

ol_rc tee_signature_check(ol_str public_key, ol_str signature, ol_bytes statement, ol_arena *arena,
                          ol_str *ret_key, ol_err *err)
{
    ol_ed25519_public key;
    ol_ed25519_signature given;
    OL_TRY(key_read(public_key, &key, err));
    OL_TRY(signature_read(signature, &given, err));
    if (!ol_ed25519_verify(&key, statement, &given))
        return ol_fail(err, OL_ERR_FORBIDDEN, "signature verification failed");
    ol_str base58 = ol_base58_of(arena, (ol_bytes){key.bytes, sizeof key.bytes});
    *ret_key = ol_arena_printf(arena, "ed25519:%.*s", OL_FMT(base58));
    if (base58.data == NULL || ret_key->data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    return OL_OK;
}
