#include "contracts/outlayer/wallet_key.h"

#include "contracts/outlayer/names.h"
#include "lib/codec/hex.h"

enum {
    ED25519_BYTES = 32,
    SECP256K1_BYTES = 33,
    ED25519_SIGNATURE_BYTES = 64,
    SECP256K1_SIGNATURE_BYTES = 65, /* r, s, v */
};

/* Words of what is wrong, a format for the number or text in *ret_shown; NULL: nothing. */
typedef struct key_fault {
    const char *words;
    ol_str type;
    size_t bytes;
} key_fault;

static bool parse(ol_str text, wallet_key *ret, key_fault *fault)
{
    ol_str digits;
    *fault = (key_fault){"Invalid public key format. Expected 'type:hex'", {0}, 0};
    if (!ol_str_cut(text, ':', &fault->type, &digits))
        return false;
    ret->text = lower_case(text);
    ol_str type = ol_str_slice(ret->text, 0, fault->type.len);
    bool ed25519 = ol_str_eq(type, OL_STR("ed25519"));
    fault->words = NULL;
    if (!ed25519 && !ol_str_eq(type, OL_STR("secp256k1")))
        return false;
    ret->curve = ed25519 ? KEY_ED25519 : KEY_SECP256K1;
    ret->len = ed25519 ? ED25519_BYTES : SECP256K1_BYTES;
    fault->words = "Invalid hex encoding in the public key";
    if (digits.len % 2 != 0 || !ol_hex_is_digits(digits))
        return false;
    fault->words = ed25519 ? "Ed25519 public key must be 32 bytes, got "
                           : "Secp256k1 compressed public key must be 33 bytes, got ";
    fault->bytes = digits.len / 2;
    if (!ol_hex_decode_fixed(digits, ret->bytes, ret->len))
        return false;
    fault->words = "Secp256k1 compressed key must start with 0x02 or 0x03";
    fault->bytes = 0;
    return ed25519 || ret->bytes[0] == 2 || ret->bytes[0] == 3;
}

bool wallet_key_try(ol_str text, wallet_key *ret)
{
    key_fault fault;
    return parse(text, ret, &fault);
}

wallet_key wallet_key_parse(ol_str text)
{
    wallet_key key;
    key_fault fault;
    if (parse(text, &key, &fault))
        return key;
    if (fault.words == NULL)
        fail("Unsupported key type '%.*s'. Use ed25519 or secp256k1", OL_FMT(fault.type));
    if (ol_str_ends(ol_str_of(fault.words), OL_STR("got ")))
        fail("%s%zu", fault.words, fault.bytes);
    fail("%s", fault.words);
}

/* A recovered key is x and y; a compressed one is whether y is odd, and x. */
static bool same_point(const uint8_t compressed[SECP256K1_BYTES], const uint8_t point[64])
{
    uint8_t odd = point[63] & 1;
    return compressed[0] == 2 + odd &&
           ol_bytes_eq((ol_bytes){compressed + 1, 32}, (ol_bytes){point, 32});
}

ol_str decimal(size_t value)
{
    ol_u128_text text = ol_u128_format(value);
    ol_buf copy = ol_buf_over(near_alloc(text.len), text.len);
    ol_buf_add_str(&copy, (ol_str){text.data, text.len});
    return ol_buf_str(&copy);
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
    uint8_t signature[SECP256K1_SIGNATURE_BYTES];
    uint8_t recovered[64];
    bool ed25519 = key->curve == KEY_ED25519;
    size_t bytes = ed25519 ? ED25519_SIGNATURE_BYTES : SECP256K1_SIGNATURE_BYTES;
    REQUIRE(signature_hex.len % 2 == 0 && ol_hex_is_digits(signature_hex),
            "Invalid hex encoding in wallet_signature");
    if (!ol_hex_decode_fixed(signature_hex, signature, bytes)) {
        if (ed25519)
            fail("Ed25519 signature must be 64 bytes, got %zu", signature_hex.len / 2);
        fail("Secp256k1 signature must be 65 bytes, got %zu", signature_hex.len / 2);
    }
    digest_of(parts, count, digest);
    if (ed25519) {
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
