#include "lib/secrets/blob.h"

#include <string.h>

#include "lib/codec/base64.h"
#include "lib/crypto/aead.h"
#include "lib/secrets/ecies.h"
#include "tests/harness/test.h"
#include "tests/unit/secrets/vectors.h"

enum { ROOM = 4096 };

static const char SEED[] = "project:alice.near/app:alice.near";
static const char PLAIN[] = "{\"API_KEY\":\"abc123\"}";
static const char BLOB[] = "ARMsRCvgEPvVfnJgMyiqducfzMFQOq4hkyfRTZyZk/"
                           "RyoKGio6SlpqeoqaqrC0PEaGssqPRx8tBBhtGxdE98F2JZ0XvAnLgsF4iGdrhBnJ9S";
static const char LEGACY[] = "oKGio6SlpqeoqaqrK/2SdI3gD3rwirjYNgra3SE8zQ98EC7cRPMfAlGQnrBE7OCD";

typedef struct bytes {
    uint8_t data[256];
    size_t len;
} bytes;

static bytes decode(const char *text)
{
    bytes it;
    CHECK(strlen(text) / 4 * 3 <= sizeof it.data);
    CHECK(ol_base64_decode_into(ol_str_of(text), it.data, &it.len));
    return it;
}

static ol_rc open_with(const ol_master *master, const char *seed, const bytes *blob,
                       ol_blob_legacy legacy, ol_buf *into)
{
    ol_err err;
    return ol_blob_open(master, ol_str_of(seed), (ol_bytes){blob->data, blob->len}, legacy, into,
                        &err);
}

TEST("S5: the listed point and nonce seal to the listed blob")
{
    uint8_t drawn[OL_X25519_BYTES + 12];
    uint8_t storage[ROOM];
    ol_err err;
    ol_master master = vector_master();
    bytes want = decode(BLOB);
    ol_buf blob = ol_buf_over(storage, sizeof storage);
    memset(drawn, 0x42, OL_X25519_BYTES);
    for (size_t i = 0; i < 12; i++)
        drawn[OL_X25519_BYTES + i] = (uint8_t)(0xa0 + i);
    scripted_random random = scripted_random_over(drawn, sizeof drawn);
    CHECK_OK(ol_blob_seal(&master, OL_STR("project:alice.near/app:alice.near"),
                          ol_str_bytes(ol_str_of(PLAIN)), &random.random, &blob, &err));
    CHECK(ol_bytes_eq(ol_buf_bytes(&blob), (ol_bytes){want.data, want.len}));
}

TEST("S6: the listed blob opens")
{
    uint8_t storage[ROOM];
    ol_master master = vector_master();
    bytes blob = decode(BLOB);
    ol_buf plain = ol_buf_over(storage, sizeof storage);
    CHECK_EQ(open_with(&master, SEED, &blob, OL_BLOB_LEGACY_REFUSED, &plain), OL_OK);
    CHECK_STR(ol_buf_str(&plain), ol_str_of(PLAIN));
}

TEST("S7: the form before opens while it is switched on")
{
    uint8_t storage[ROOM];
    ol_master master = vector_master();
    bytes blob = decode(LEGACY);
    ol_buf plain = ol_buf_over(storage, sizeof storage);
    CHECK_EQ(open_with(&master, SEED, &blob, OL_BLOB_LEGACY_OPENED, &plain), OL_OK);
    CHECK_STR(ol_buf_str(&plain), ol_str_of(PLAIN));
    CHECK_EQ(open_with(&master, SEED, &blob, OL_BLOB_LEGACY_REFUSED, &plain), OL_ERR_INVALID);
}

TEST("S8: a blob with any flipped bit stays closed")
{
    uint8_t storage[ROOM];
    ol_master master = vector_master();
    bytes blob = decode(BLOB);
    ol_buf plain = ol_buf_over(storage, sizeof storage);
    for (size_t bit = 0; bit < 8 * blob.len; bit++) {
        blob.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        CHECK_EQ(open_with(&master, SEED, &blob, OL_BLOB_LEGACY_OPENED, &plain), OL_ERR_INVALID);
        blob.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    CHECK_EQ(plain.len, 0);
}

TEST("S9: another seed or master does not open it")
{
    uint8_t storage[ROOM];
    ol_master master = vector_master();
    ol_master vault = other_master();
    bytes blob = decode(BLOB);
    ol_buf plain = ol_buf_over(storage, sizeof storage);
    CHECK_EQ(
        open_with(&master, "project:alice.near/app:bob.near", &blob, OL_BLOB_LEGACY_OPENED, &plain),
        OL_ERR_INVALID);
    CHECK_EQ(open_with(&vault, SEED, &blob, OL_BLOB_LEGACY_OPENED, &plain), OL_ERR_INVALID);
}

TEST("S10: 27 bytes are too short")
{
    uint8_t storage[ROOM];
    uint8_t data[27] = {1};
    ol_err err;
    ol_master master = vector_master();
    ol_buf plain = ol_buf_over(storage, sizeof storage);
    CHECK_EQ(ol_blob_open(&master, OL_STR("s"), (ol_bytes){data, sizeof data},
                          OL_BLOB_LEGACY_OPENED, &plain, &err),
             OL_ERR_INVALID);
    CHECK_STR(ol_err_text(&err), OL_STR("Encrypted data too short"));
}

TEST("S12: a sender's point of zeroes is refused")
{
    uint8_t storage[ROOM];
    ol_master master = vector_master();
    bytes blob = decode(BLOB);
    ol_buf plain = ol_buf_over(storage, sizeof storage);
    memset(blob.data + 1, 0, OL_X25519_BYTES);
    CHECK_EQ(open_with(&master, SEED, &blob, OL_BLOB_LEGACY_OPENED, &plain), OL_ERR_INVALID);
}

TEST("what is sealed opens again, the empty text too, and never looks the same twice")
{
    uint8_t first[ROOM];
    uint8_t second[ROOM];
    uint8_t storage[ROOM];
    ol_err err;
    ol_master master = vector_master();
    static const char *const TEXTS[] = {"", "a", "{\"A\":\"b\"}"};
    OL_EACH (text, TEXTS) {
        ol_buf one = ol_buf_over(first, sizeof first);
        ol_buf two = ol_buf_over(second, sizeof second);
        ol_buf plain = ol_buf_over(storage, sizeof storage);
        ol_bytes given = ol_str_bytes(ol_str_of(*text));
        CHECK_OK(ol_blob_seal(&master, OL_STR("s"), given, ol_random_kernel(), &one, &err));
        CHECK_OK(ol_blob_seal(&master, OL_STR("s"), given, ol_random_kernel(), &two, &err));
        CHECK(!ol_bytes_eq(ol_buf_bytes(&one), ol_buf_bytes(&two)));
        CHECK_OK(ol_blob_open(&master, OL_STR("s"), ol_buf_bytes(&one), OL_BLOB_LEGACY_REFUSED,
                              &plain, &err));
        CHECK_STR(ol_buf_str(&plain), ol_str_of(*text));
    }
}

TEST("a blob for one purpose does not open for another")
{
    uint8_t sealed[ROOM];
    uint8_t opened[ROOM];
    ol_master master = vector_master();
    OL_AUTO(ol_x25519_key) key;
    ol_buf blob = ol_buf_over(sealed, sizeof sealed);
    ol_buf plain = ol_buf_over(opened, sizeof opened);
    ol_master_x25519(&master, OL_STR("s"), &key);
    ol_x25519_public public = ol_x25519_public_of(&key);
    CHECK(ol_ecies_seal(&public, OL_STR(OL_ECIES_REPLY), ol_str_bytes(OL_STR("a")),
                        ol_random_kernel(), &blob));
    CHECK(!ol_ecies_open(&key, OL_STR(OL_ECIES_SECRET), ol_buf_bytes(&blob), &plain));
    CHECK(ol_ecies_open(&key, OL_STR(OL_ECIES_REPLY), ol_buf_bytes(&blob), &plain));
}

TEST("S11: a blob of the form before that begins like the new one still opens")
{
    uint8_t sealed[ROOM];
    uint8_t opened[ROOM];
    uint8_t nonce[12] = {OL_ECIES_VERSION};
    ol_err err;
    ol_master master = vector_master();
    ol_buf plain = ol_buf_over(opened, sizeof opened);
    OL_AUTO(ol_ed25519_key) key;
    ol_str text = OL_STR("{\"A_LONG_ENOUGH_NAME\":\"and a long enough value\"}");
    ol_master_ed25519(&master, OL_STR("s"), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    memcpy(sealed, nonce, sizeof nonce);
    ol_chacha_seal(public.bytes, nonce, (ol_bytes){NULL, 0}, ol_str_bytes(text),
                   sealed + sizeof nonce);
    size_t len = sizeof nonce + text.len + OL_AEAD_TAG_BYTES;
    CHECK(len >= OL_ECIES_OVERHEAD_BYTES);
    CHECK_OK(ol_blob_open(&master, OL_STR("s"), (ol_bytes){sealed, len}, OL_BLOB_LEGACY_OPENED,
                          &plain, &err));
    CHECK_STR(ol_buf_str(&plain), text);
}
