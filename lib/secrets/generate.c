#include "lib/secrets/generate.h"

#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "lib/crypto/secret.h"

enum { SEED_BYTES = 32, DRAWN_BYTES_MAX = 64, PASSWORD_DEFAULT = 32 };

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static const struct {
    ol_str type;
    size_t bytes;
} HEX[] = {
    {OL_STR_INIT("hex16"), 16},
    {OL_STR_INIT("hex32"), 32},
    {OL_STR_INIT("hex64"), 64},
    {OL_STR_INIT("ed25519_seed"), SEED_BYTES},
};

static void add_password(uint32_t characters, const ol_random *random, ol_buf *into)
{
    for (uint32_t i = 0; i < characters; i++)
        ol_buf_add_char(into, ALPHABET[ol_random_below(random, sizeof ALPHABET - 1)]);
}

static void add_hex(size_t bytes, const ol_random *random, ol_buf *into)
{
    uint8_t drawn[DRAWN_BYTES_MAX];
    ol_random_fill(random, drawn, bytes);
    ol_hex_add(into, (ol_bytes){drawn, bytes});
    ol_wipe(drawn, sizeof drawn);
}

/* The seed, not NEAR's 64 bytes of seed and public key: so the reference writes it. */
static void add_ed25519(const ol_random *random, ol_buf *into)
{
    uint8_t seed[SEED_BYTES];
    ol_random_fill(random, seed, sizeof seed);
    ol_buf_add_str(into, OL_STR("ed25519:"));
    ol_base58_add(into, (ol_bytes){seed, sizeof seed});
    ol_wipe(seed, sizeof seed);
}

static bool add_of_type(ol_str type, const ol_random *random, ol_buf *into)
{
    ol_str head;
    ol_str length;
    uint32_t characters = PASSWORD_DEFAULT;
    OL_EACH (row, HEX) {
        if (ol_str_eq(type, row->type)) {
            add_hex(row->bytes, random, into);
            return true;
        }
    }
    if (ol_str_eq(type, OL_STR("ed25519"))) {
        add_ed25519(random, into);
        return true;
    }
    if (!ol_str_cut(type, ':', &head, &length))
        head = type;
    else if (!ol_u32_parse(length, &characters))
        return false;
    if (!ol_str_eq(head, OL_STR("password")) || characters == 0 ||
        characters > OL_GENERATED_PASSWORD_MAX)
        return false;
    add_password(characters, random, into);
    return true;
}

ol_rc ol_secret_generate(ol_str type, const ol_random *random, ol_buf *into, ol_err *err)
{
    if (!add_of_type(type, random, into))
        return ol_fail(err, OL_ERR_INVALID, "Unknown secret type: %.*s", OL_FMT(type));
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_LIMIT, "no room for a generated secret");
}
