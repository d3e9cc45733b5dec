/* {"message":"Some data","signature":"0x…"} → {"address":"0x2c75…"}: which Ethereum account signed
 * a text, as wallets do it (EIP-191, "personal_sign"). Nothing is asked of anybody: the key follows
 * from the signature, the address from the key. */
#include <outlayer.h>

enum { MESSAGE_BYTES_MAX = 64 * 1024, SIGNATURE_BYTES = 65, ADDRESS_BYTES = 20 };

/* r, s and v; "0x" before may be left out. */
static bool signature_read(ol_str text, uint8_t ret[static SIGNATURE_BYTES])
{
    if (ol_str_starts(text, OL_STR("0x")))
        text = ol_str_slice(text, 2, text.len);
    return ol_hex_decode_fixed(text, ret, SIGNATURE_BYTES);
}

/* What a wallet hashes: words that no transaction begins with, the length, the text. */
static bool message_hash(ol_str message, uint8_t ret[static OL_CRYPTO_KECCAK256_BYTES])
{
    ol_buf signed_text = ol_buf_new(MESSAGE_BYTES_MAX + 64);
    ol_buf_addf(&signed_text,
                "\x19"
                "Ethereum Signed Message:\n%zu",
                message.len);
    ol_buf_add_str(&signed_text, message);
    ol_crypto_keccak256(ol_buf_bytes(&signed_text), ret);
    return ol_buf_ok(&signed_text);
}

/* The last 20 bytes of the key's hash; letters are upper case where the hash of the text says so,
 * which makes a checksum of them (EIP-55). */
static void address_write(const uint8_t key[static OL_CRYPTO_SECP256K1_PUBLIC_BYTES],
                          char ret[static 2 + 2 * ADDRESS_BYTES])
{
    uint8_t hash[OL_CRYPTO_KECCAK256_BYTES];
    char *digits = ret + 2;
    ret[0] = '0';
    ret[1] = 'x';
    ol_crypto_keccak256((ol_bytes){key, OL_CRYPTO_SECP256K1_PUBLIC_BYTES}, hash);
    ol_hex_encode((ol_bytes){hash + sizeof hash - ADDRESS_BYTES, ADDRESS_BYTES}, digits);
    ol_crypto_keccak256(ol_str_bytes((ol_str){digits, 2 * (size_t)ADDRESS_BYTES}), hash);
    for (size_t i = 0; i < 2 * (size_t)ADDRESS_BYTES; i++) {
        unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
        if (nibble >= 8 && digits[i] >= 'a')
            digits[i] = (char)(digits[i] - 'a' + 'A');
    }
}

static bool text_member(const ol_json *object, ol_str name, ol_arena *arena, ol_str *ret)
{
    ol_json value;
    return ol_json_find(object, name, &value) && ol_json_text(&value, arena, ret, NULL) == OL_OK;
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(512));
    ol_arena arena = ol_arena_new(OL_KIB(512));
    ol_json input;
    ol_str message, text;
    uint8_t signature[SIGNATURE_BYTES], hash[OL_CRYPTO_KECCAK256_BYTES];
    uint8_t key[OL_CRYPTO_SECP256K1_PUBLIC_BYTES];
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (!text_member(&input, OL_STR("message"), &arena, &message) ||
        !text_member(&input, OL_STR("signature"), &arena, &text))
        return ol_fail_with(OL_STR("message and signature are wanted"));
    if (!signature_read(text, signature) || !message_hash(message, hash))
        return ol_fail_with(OL_STR("a signature has 65 bytes in hex, a message at most 64 KiB"));

    /* v is 27 or 28 in the old way of writing, 0 or 1 in the new one. */
    uint32_t v = signature[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES];
    if (ol_crypto_secp256k1_recover(hash, signature, v >= 27 ? v - 27 : v, key) != 0)
        return ol_fail_with(
            OL_STR("this is nobody's signature, or the second form of one (high s)"));

    char address[2 + 2 * ADDRESS_BYTES];
    ol_buf answer = ol_buf_new(OL_KIB(1));
    ol_json_writer w = ol_json_writer_over(&answer);
    address_write(key, address);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "address", (ol_str){address, sizeof address});
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
