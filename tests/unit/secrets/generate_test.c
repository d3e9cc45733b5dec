#include "lib/secrets/generate.h"

#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "tests/harness/test.h"

static ol_str generate(const char *type, ol_buf *into)
{
    ol_err err;
    ol_buf_clear(into);
    CHECK_OK(ol_secret_generate(ol_str_of(type), ol_random_kernel(), into, &err));
    return ol_buf_str(into);
}

TEST("each type has its length and alphabet")
{
    uint8_t storage[OL_GENERATED_BYTES_MAX];
    uint8_t seed[32];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    CHECK_EQ(generate("hex16", &text).len, 32);
    CHECK_EQ(generate("hex32", &text).len, 64);
    CHECK_EQ(generate("hex64", &text).len, 128);
    CHECK(ol_hex_is_digits(generate("ed25519_seed", &text)) && text.len == 64);
    ol_str key = generate("ed25519", &text);
    CHECK_STARTS(key, OL_STR("ed25519:"), "ed25519");
    CHECK(ol_base58_decode_fixed(ol_str_slice(key, 8, key.len), seed, sizeof seed));
    CHECK_EQ(generate("password", &text).len, 32);
    CHECK_EQ(generate("password:1", &text).len, 1);
    ol_str password = generate("password:1024", &text);
    CHECK_EQ(password.len, 1024);
    for (size_t i = 0; i < password.len; i++) {
        char c = password.data[i];
        CHECK((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    }
}

TEST("S44: passwords have 1 to 1024 characters; other types are unknown")
{
    static const char *const TYPES[] = {"password:0", "password:1025", "password:", "password:x",
                                        "hex8",       "hex16:2",       ""};
    uint8_t storage[OL_GENERATED_BYTES_MAX];
    ol_err err;
    OL_EACH (type, TYPES) {
        ol_buf text = ol_buf_over(storage, sizeof storage);
        CHECK_EQ_ROW(ol_secret_generate(ol_str_of(*type), ol_random_kernel(), &text, &err),
                     OL_ERR_INVALID, *type);
        CHECK_STARTS(ol_err_text(&err), OL_STR("Unknown secret type: "), *type);
    }
}
