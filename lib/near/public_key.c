#include "lib/near/public_key.h"

#include <string.h>

#include "lib/codec/base58.h"
#include "lib/crypto/secp256k1.h"

static const struct {
    ol_str name;
    size_t key_bytes;
    size_t signature_bytes;
} CURVES[] = {
    [OL_CURVE_ED25519] = {OL_STR_INIT("ed25519"), 32, 64},
    [OL_CURVE_SECP256K1] = {OL_STR_INIT("secp256k1"), 64, 65},
};

ol_public_key ol_public_key_of_ed25519(const ol_ed25519_public *key)
{
    ol_public_key made = {.curve = OL_CURVE_ED25519};
    memcpy(made.bytes, key->bytes, sizeof key->bytes);
    return made;
}

ol_signature ol_signature_of_ed25519(const ol_ed25519_signature *signature)
{
    ol_signature made = {.curve = OL_CURVE_ED25519};
    memcpy(made.bytes, signature->bytes, sizeof signature->bytes);
    return made;
}

ol_bytes ol_public_key_bytes(const ol_public_key *key)
{
    return (ol_bytes){key->bytes, CURVES[key->curve].key_bytes};
}

ol_bytes ol_signature_bytes(const ol_signature *signature)
{
    return (ol_bytes){signature->bytes, CURVES[signature->curve].signature_bytes};
}

bool ol_public_key_eq(const ol_public_key *a, const ol_public_key *b)
{
    return a->curve == b->curve && ol_bytes_eq(ol_public_key_bytes(a), ol_public_key_bytes(b));
}

static ol_curve decode_curve(ol_borsh *from)
{
    uint8_t tag = ol_borsh_u8(from);
    if (tag >= OL_COUNT(CURVES))
        from->failed = true;
    return tag < OL_COUNT(CURVES) ? (ol_curve)tag : OL_CURVE_ED25519;
}

void ol_public_key_encode(const ol_public_key *key, ol_buf *into)
{
    ol_borsh_add_u8(into, (uint8_t)key->curve);
    ol_borsh_add_fixed(into, ol_public_key_bytes(key));
}

void ol_public_key_decode(ol_borsh *from, ol_public_key *ret)
{
    *ret = (ol_public_key){.curve = decode_curve(from)};
    ol_borsh_fixed(from, ret->bytes, CURVES[ret->curve].key_bytes);
}

void ol_signature_encode(const ol_signature *signature, ol_buf *into)
{
    ol_borsh_add_u8(into, (uint8_t)signature->curve);
    ol_borsh_add_fixed(into, ol_signature_bytes(signature));
}

void ol_signature_decode(ol_borsh *from, ol_signature *ret)
{
    *ret = (ol_signature){.curve = decode_curve(from)};
    ol_borsh_fixed(from, ret->bytes, CURVES[ret->curve].signature_bytes);
}

bool ol_public_key_parse(ol_str text, ol_public_key *ret)
{
    ol_str name;
    ol_str encoded;
    if (!ol_str_cut(text, ':', &name, &encoded)) {
        name = CURVES[OL_CURVE_ED25519].name;
        encoded = text;
    }
    for (size_t i = 0; i < OL_COUNT(CURVES); i++) {
        ol_public_key key = {.curve = (ol_curve)i};
        if (ol_str_eq(name, CURVES[i].name) &&
            ol_base58_decode_fixed(encoded, key.bytes, CURVES[i].key_bytes)) {
            *ret = key;
            return true;
        }
    }
    return false;
}

static void add_text(ol_buf *into, ol_curve curve, ol_bytes bytes)
{
    ol_buf_add_str(into, CURVES[curve].name);
    ol_buf_add_char(into, ':');
    ol_base58_add(into, bytes);
}

void ol_public_key_add_text(ol_buf *into, const ol_public_key *key)
{
    add_text(into, key->curve, ol_public_key_bytes(key));
}

void ol_signature_add_text(ol_buf *into, const ol_signature *signature)
{
    add_text(into, signature->curve, ol_signature_bytes(signature));
}

ol_str ol_public_key_text(const ol_public_key *key, ol_arena *arena)
{
    char storage[16 + OL_BASE58_TEXT_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_str kept;
    ol_public_key_add_text(&text, key);
    OL_ASSERT(ol_buf_ok(&text));
    return ol_arena_copy(arena, ol_buf_str(&text), &kept) ? kept : (ol_str){NULL, 0};
}

bool ol_signature_verify(const ol_public_key *key, const uint8_t hash[32],
                         const ol_signature *signature)
{
    if (key->curve != signature->curve)
        return false;
    if (key->curve == OL_CURVE_SECP256K1) {
        ol_secp256k1_public public;
        ol_secp256k1_signature given;
        memcpy(public.bytes, key->bytes, sizeof public.bytes);
        memcpy(given.bytes, signature->bytes, sizeof given.bytes);
        return ol_secp256k1_verify(&public, hash, &given);
    }
    ol_ed25519_public public;
    ol_ed25519_signature given;
    memcpy(public.bytes, key->bytes, sizeof public.bytes);
    memcpy(given.bytes, signature->bytes, sizeof given.bytes);
    return ol_ed25519_verify(&public, (ol_bytes){hash, 32}, &given);
}
