#include "contracts/outlayer/wallet_key.h"

#include "contracts/outlayer/names.h"
#include "lib/codec/hex.h"

typedef struct curve {
    const char *name;  /* before the colon */
    const char *title; /* in errors */
    const char *kind;  /* of its keys */
    uint8_t key_bytes;
    uint8_t signature_bytes;
} curve;

/* By key_curve. A signature of secp256k1 is r, s, v. */
static const curve CURVES[] = {
    [KEY_ED25519] = {"ed25519", "Ed25519", "", 32, 64},
    [KEY_SECP256K1] = {"secp256k1", "Secp256k1", "compressed ", 33, 65},
};

enum { SIGNATURE_BYTES_MAX = 65 };

/* With `strict` a fault ends the call. */
#define KEY_REQUIRE(condition, ...)                                                                \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            if (!strict)                                                                           \
                return false;                                                                      \
            fail(__VA_ARGS__);                                                                     \
        }                                                                                          \
    } while (0)

static bool parse(ol_str text, bool strict, wallet_key *ret)
{
    ol_str type;
    ol_str digits;
    ret->text = lower_case(text);
    KEY_REQUIRE(ol_str_cut(ret->text, ':', &type, &digits),
                "Invalid public key format. Expected 'type:hex'");
    ret->curve = KEY_ED25519;
    while (ret->curve <= KEY_SECP256K1 && !ol_str_eq(type, ol_str_of(CURVES[ret->curve].name)))
        ret->curve++;
    KEY_REQUIRE(ret->curve <= KEY_SECP256K1, "Unsupported key type '%.*s'.", (int)type.len,
                text.data);
    const curve *of = &CURVES[ret->curve];
    ret->len = of->key_bytes;
    KEY_REQUIRE(digits.len % 2 == 0 && ol_hex_is_digits(digits),
                "Invalid hex encoding in the public key");
    KEY_REQUIRE(ol_hex_decode_fixed(digits, ret->bytes, ret->len),
                "%s %spublic key must be %u bytes, got %zu", of->title, of->kind, of->key_bytes,
                digits.len / 2);
    KEY_REQUIRE(ret->curve == KEY_ED25519 || ret->bytes[0] == 2 || ret->bytes[0] == 3,
                "Secp256k1 compressed key must start with 0x02 or 0x03");
    return true;
}

bool wallet_key_try(ol_str text, wallet_key *ret)
{
    return parse(text, false, ret);
}

wallet_key wallet_key_parse(ol_str text)
{
    wallet_key key;
    (void)parse(text, true, &key);
    return key;
}

/* A recovered key is x and y; a compressed one is whether y is odd, and x. */
static bool same_point(const uint8_t compressed[33], const uint8_t point[64])
{
    uint8_t odd = point[63] & 1;
    return compressed[0] == 2 + odd &&
           ol_bytes_eq((ol_bytes){compressed + 1, 32}, (ol_bytes){point, 32});
}

/* Parts may hold any byte, so this is no matter of formats. */
static void digest_of(const ol_str *parts, size_t count, uint8_t ret[32])
{
    size_t bytes = count;
    for (size_t i = 0; i < count; i++)
        bytes += parts[i].len;
    ol_buf message = ol_buf_over(near_alloc(bytes), bytes);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            ol_buf_add_char(&message, ':');
        ol_buf_add_str(&message, parts[i]);
    }
    near_sha256(ol_buf_bytes(&message), ret);
}

void wallet_key_verify(const wallet_key *key, const ol_str *parts, size_t count,
                       ol_str signature_hex)
{
    uint8_t digest[32];
    uint8_t signature[SIGNATURE_BYTES_MAX];
    uint8_t recovered[64];
    const curve *of = &CURVES[key->curve];
    REQUIRE(signature_hex.len % 2 == 0 && ol_hex_is_digits(signature_hex),
            "Invalid hex encoding in wallet_signature");
    REQUIRE(ol_hex_decode_fixed(signature_hex, signature, of->signature_bytes),
            "%s signature must be %u bytes, got %zu", of->title, of->signature_bytes,
            signature_hex.len / 2);
    digest_of(parts, count, digest);
    if (key->curve == KEY_ED25519) {
        REQUIRE(near_ed25519_verify(signature, (ol_bytes){digest, sizeof digest}, key->bytes),
                "Invalid Ed25519 wallet signature");
        return;
    }
    uint8_t v = signature[64];
    REQUIRE(v <= 1, "Recovery id (v) must be 0 or 1, got %u", v);
    REQUIRE(near_ecrecover(digest, signature, v, recovered), "Secp256k1 signature recovery failed");
    REQUIRE(same_point(key->bytes, recovered),
            "Recovered secp256k1 public key does not match wallet_pubkey");
}
