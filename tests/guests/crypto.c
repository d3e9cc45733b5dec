/* Every function of outlayer_crypto.h, asked by JSON:
 * [["sha256","616263"],["ed-verify",KEY,MESSAGE, SIGNATURE],…] answers one text a call. Bytes are
 * hex, but for the text of base58-decode and base64-decode; numbers are decimal. An answer is hex,
 * `ok`, `yes`, `no`, the error's number, or `args` for arguments that the C function could not even
 * be given. */
#include <outlayer.h>
#include <string.h>

enum { ARGS_MAX = 5, ARENA_BYTES_MAX = 4 << 20, RESULT_BYTES_MAX = 256 * 1024 };

typedef struct call {
    ol_str text[ARGS_MAX]; /* as it came */
    ol_bytes arg[ARGS_MAX];
    size_t args;
    uint8_t ret[RESULT_BYTES_MAX];
    ol_json_writer *w;
} call;

static void say(call *c, size_t bytes)
{
    ol_json_add_hex(c->w, (ol_bytes){c->ret, bytes});
}

static void say_text(call *c, const char *text)
{
    ol_json_add_cstr(c->w, text);
}

/* The result's bytes, or the error. */
static void say_rc(call *c, int32_t rc, size_t bytes)
{
    char number[] = {'-', (char)('0' - rc), '\0'};
    if (rc != 0)
        say_text(c, number);
    else if (bytes == 0)
        say_text(c, "ok");
    else
        say(c, bytes);
}

static bool number_of(const call *c, size_t i, uint32_t *ret)
{
    return ol_u32_parse(c->text[i], ret);
}

/* ---- one function a row */

static void sha256(call *c)
{
    ol_crypto_sha256(c->arg[0], c->ret);
    say(c, OL_CRYPTO_SHA256_BYTES);
}

static void sha512(call *c)
{
    ol_crypto_sha512(c->arg[0], c->ret);
    say(c, OL_CRYPTO_SHA512_BYTES);
}

static void keccak256(call *c)
{
    ol_crypto_keccak256(c->arg[0], c->ret);
    say(c, OL_CRYPTO_KECCAK256_BYTES);
}

static void hmac_sha256(call *c)
{
    ol_crypto_hmac_sha256(c->arg[0], c->arg[1], c->ret);
    say(c, OL_CRYPTO_SHA256_BYTES);
}

static void hmac_sha512(call *c)
{
    ol_crypto_hmac_sha512(c->arg[0], c->arg[1], c->ret);
    say(c, OL_CRYPTO_SHA512_BYTES);
}

static void hkdf_sha256(call *c)
{
    uint32_t size;
    if (!number_of(c, 3, &size) || size > RESULT_BYTES_MAX)
        say_text(c, "args");
    else
        say_rc(c, ol_crypto_hkdf_sha256(c->arg[0], c->arg[1], c->arg[2], c->ret, size), size);
}

static void hkdf_sha512(call *c)
{
    uint32_t size;
    if (!number_of(c, 3, &size) || size > RESULT_BYTES_MAX)
        say_text(c, "args");
    else
        say_rc(c, ol_crypto_hkdf_sha512(c->arg[0], c->arg[1], c->arg[2], c->ret, size), size);
}

static void equal(call *c)
{
    say_text(c, ol_crypto_equal(c->arg[0], c->arg[1]) ? "yes" : "no");
}

static void wipe(call *c)
{
    memcpy(c->ret, c->arg[0].data, c->arg[0].len);
    ol_crypto_wipe(c->ret, c->arg[0].len);
    say(c, c->arg[0].len);
}

static void ed_public(call *c)
{
    ol_crypto_ed25519_public(c->arg[0].data, c->ret);
    say(c, OL_CRYPTO_ED25519_PUBLIC_BYTES);
}

static void ed_sign(call *c)
{
    ol_crypto_ed25519_sign(c->arg[0].data, c->arg[1], c->ret);
    say(c, OL_CRYPTO_ED25519_SIGNATURE_BYTES);
}

static void ed_verify(call *c)
{
    say_rc(c, ol_crypto_ed25519_verify(c->arg[0].data, c->arg[1], c->arg[2].data), 0);
}

static void k1_verify(call *c)
{
    say_rc(c, ol_crypto_secp256k1_verify(c->arg[0], c->arg[1].data, c->arg[2].data), 0);
}

static void k1_recover(call *c)
{
    uint32_t id;
    if (!number_of(c, 2, &id))
        say_text(c, "args");
    else
        say_rc(c, ol_crypto_secp256k1_recover(c->arg[0].data, c->arg[1].data, id, c->ret),
               OL_CRYPTO_SECP256K1_PUBLIC_BYTES);
}

/* The recovery id follows as the last byte. */
static void k1_normalize(call *c)
{
    uint32_t id = 0;
    memcpy(c->ret, c->arg[0].data, OL_CRYPTO_SECP256K1_SIGNATURE_BYTES);
    bool with_id = number_of(c, 1, &id);
    int32_t rc = ol_crypto_secp256k1_normalize(c->ret, with_id ? &id : NULL);
    c->ret[OL_CRYPTO_SECP256K1_SIGNATURE_BYTES] = (uint8_t)id;
    say_rc(c, rc, OL_CRYPTO_SECP256K1_SIGNATURE_BYTES + (with_id ? 1 : 0));
}

static void x_public(call *c)
{
    ol_crypto_x25519_public(c->arg[0].data, c->ret);
    say(c, OL_CRYPTO_X25519_BYTES);
}

static void x_agree(call *c)
{
    int32_t rc = ol_crypto_x25519(c->arg[0].data, c->arg[1].data, c->ret);
    say_rc(c, rc, OL_CRYPTO_X25519_BYTES);
}

static void chacha_seal(call *c)
{
    ol_crypto_chacha_seal(c->arg[0].data, c->arg[1].data, c->arg[2], c->arg[3], c->ret);
    say(c, c->arg[3].len + OL_CRYPTO_AEAD_TAG_BYTES);
}

static void xchacha_seal(call *c)
{
    ol_crypto_xchacha_seal(c->arg[0].data, c->arg[1].data, c->arg[2], c->arg[3], c->ret);
    say(c, c->arg[3].len + OL_CRYPTO_AEAD_TAG_BYTES);
}

/* In place, as the header allows; what is refused must have left zeroes or nothing behind. */
static void open_with(call *c, int32_t (*open)(const uint8_t *, const uint8_t *, ol_bytes, ol_bytes,
                                               uint8_t *))
{
    ol_bytes sealed = {c->ret, c->arg[3].len};
    memcpy(c->ret, c->arg[3].data, c->arg[3].len);
    int32_t rc = open(c->arg[0].data, c->arg[1].data, c->arg[2], sealed, c->ret);
    for (size_t i = 0; rc == OL_EDENIED && i + OL_CRYPTO_AEAD_TAG_BYTES < sealed.len; i++) {
        if (c->ret[i] != 0)
            rc = OL_EHOST;
    }
    say_rc(c, rc, rc == 0 ? sealed.len - OL_CRYPTO_AEAD_TAG_BYTES : 0);
}

static void chacha_open(call *c)
{
    open_with(c, ol_crypto_chacha_open);
}

static void xchacha_open(call *c)
{
    open_with(c, ol_crypto_xchacha_open);
}

static void base58(call *c)
{
    ol_buf text = ol_buf_over(c->ret, sizeof c->ret);
    ol_base58_add(&text, c->arg[0]);
    ol_json_add_str(c->w, ol_buf_ok(&text) ? ol_buf_str(&text) : OL_STR("no"));
}

static void base58_decode(call *c)
{
    size_t len;
    if (ol_base58_decode(c->text[0], c->ret, sizeof c->ret, &len))
        say(c, len);
    else
        say_text(c, "no");
}

static void base64(call *c)
{
    ol_buf text = ol_buf_over(c->ret, sizeof c->ret);
    ol_base64_add(&text, c->arg[0]);
    ol_json_add_str(c->w, ol_buf_str(&text));
}

static void base64_decode(call *c)
{
    size_t len;
    if (ol_base64_decode_into(c->text[0], c->ret, &len))
        say(c, len);
    else
        say_text(c, "no");
}

static void hex(call *c)
{
    memcpy(c->ret, c->arg[0].data, c->arg[0].len);
    say(c, c->arg[0].len);
}

/* ---- the table */

enum { ANY = -1, TEXT = -2 };

typedef struct operation {
    const char *name;
    void (*run)(call *c);
    size_t args;
    int bytes[ARGS_MAX]; /* of each argument, or ANY, or TEXT that is not hex */
} operation;

static const operation OPERATIONS[] = {
    {"sha256", sha256, 1, {ANY}},
    {"sha512", sha512, 1, {ANY}},
    {"keccak256", keccak256, 1, {ANY}},
    {"hmac-sha256", hmac_sha256, 2, {ANY, ANY}},
    {"hmac-sha512", hmac_sha512, 2, {ANY, ANY}},
    {"hkdf-sha256", hkdf_sha256, 4, {ANY, ANY, ANY, TEXT}},
    {"hkdf-sha512", hkdf_sha512, 4, {ANY, ANY, ANY, TEXT}},
    {"equal", equal, 2, {ANY, ANY}},
    {"wipe", wipe, 1, {ANY}},
    {"ed-public", ed_public, 1, {32}},
    {"ed-sign", ed_sign, 2, {32, ANY}},
    {"ed-verify", ed_verify, 3, {32, ANY, 64}},
    {"k1-verify", k1_verify, 3, {ANY, 32, 64}},
    {"k1-recover", k1_recover, 3, {32, 64, TEXT}},
    {"k1-normalize", k1_normalize, 2, {64, TEXT}},
    {"x-public", x_public, 1, {32}},
    {"x-agree", x_agree, 2, {32, 32}},
    {"chacha-seal", chacha_seal, 4, {32, 12, ANY, ANY}},
    {"chacha-open", chacha_open, 4, {32, 12, ANY, ANY}},
    {"xchacha-seal", xchacha_seal, 4, {32, 24, ANY, ANY}},
    {"xchacha-open", xchacha_open, 4, {32, 24, ANY, ANY}},
    {"base58", base58, 1, {ANY}},
    {"base58-decode", base58_decode, 1, {TEXT}},
    {"base64", base64, 1, {ANY}},
    {"base64-decode", base64_decode, 1, {TEXT}},
    {"hex", hex, 1, {ANY}},
};

static bool args_read(call *c, const operation *op, ol_json_iter *it, ol_arena *arena)
{
    ol_json item;
    for (c->args = 0; ol_json_next_item(it, &item); c->args++) {
        if (c->args == op->args || ol_json_text(&item, arena, &c->text[c->args], NULL) != OL_OK)
            return false;
        int wanted = op->bytes[c->args];
        ol_bytes *arg = &c->arg[c->args];
        if (wanted == TEXT)
            continue;
        if (!ol_hex_decode(c->text[c->args], arena, arg) || arg->len > RESULT_BYTES_MAX / 2 ||
            (wanted != ANY && arg->len != (size_t)wanted))
            return false;
    }
    return c->args == op->args;
}

static void answer(call *c, const ol_json *words)
{
    OL_AUTO(ol_arena) arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_json_iter it = ol_json_iterate(words);
    ol_json name;
    if (!ol_json_next_item(&it, &name)) {
        say_text(c, "args");
        return;
    }
    OL_EACH (op, OPERATIONS) {
        if (!ol_json_says(&name, ol_str_of(op->name)))
            continue;
        if (args_read(c, op, &it, &arena))
            op->run(c);
        else
            say_text(c, "args");
        return;
    }
    say_text(c, "unknown");
}

int main(void)
{
    static call c;
    ol_buf storage = ol_buf_new(OL_MIB(16));
    ol_buf text = ol_buf_new(OL_MIB(16));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json input, words;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    c.w = &w;
    ol_json_array_begin(&w);
    for (ol_json_iter it = ol_json_iterate(&input); ol_json_next_item(&it, &words);)
        answer(&c, &words);
    ol_json_array_end(&w);
    return ol_output(ol_buf_str(&text)) != 0;
}
