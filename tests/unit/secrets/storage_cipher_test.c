#include "lib/secrets/storage_cipher.h"

#include <string.h>

#include "lib/codec/base64.h"
#include "lib/secrets/ecies.h"
#include "tests/harness/test.h"
#include "tests/unit/secrets/vectors.h"

enum { ROOM = 512 };

#define SEED OL_STR("storage:proj_a1b2c3d4:alice.near")

TEST("S78: a stored value has the listed index and bytes")
{
    uint8_t nonce[24];
    uint8_t storage[ROOM];
    uint8_t want[ROOM];
    size_t want_len;
    ol_master master = vector_master();
    ol_buf row = ol_buf_over(storage, sizeof storage);
    for (size_t i = 0; i < sizeof nonce; i++)
        nonce[i] = (uint8_t)i;
    scripted_random random = scripted_random_over(nonce, sizeof nonce);
    ol_sha256 index = ol_storage_index(&master, SEED, OL_STR("counter"));
    ol_sha256_hex hex = ol_sha256_format(&index);
    CHECK_STR(ol_sha256_hex_str(&hex),
              OL_STR("2d1ae1ba5d7ed7dffbe207ddfc18dc7b887865410400dae903b871d51ca87884"));
    CHECK(ol_storage_seal(&master, SEED, OL_STORAGE_VALUE, &index, ol_str_bytes(OL_STR("41")),
                          &random.random, &row));
    CHECK(ol_base64_decode_into(
        OL_STR("AgABAgMEBQYHCAkKCwwNDg8QERITFBUWF9Grvl6fe+tkhW+BfvWrqTs7Ew=="), want, &want_len));
    CHECK(ol_bytes_eq(ol_buf_bytes(&row), (ol_bytes){want, want_len}));
}

TEST("S81: a row opens under its own role and key only")
{
    uint8_t sealed[ROOM];
    uint8_t opened[ROOM];
    ol_master master = vector_master();
    ol_buf row = ol_buf_over(sealed, sizeof sealed);
    ol_buf plain = ol_buf_over(opened, sizeof opened);
    ol_sha256 index = ol_storage_index(&master, SEED, OL_STR("counter"));
    ol_sha256 other = ol_storage_index(&master, SEED, OL_STR("counter2"));
    CHECK(ol_storage_seal(&master, SEED, OL_STORAGE_VALUE, &index, ol_str_bytes(OL_STR("41")),
                          ol_random_kernel(), &row));
    CHECK(!ol_storage_open(&master, SEED, OL_STORAGE_KEY, &index, ol_buf_bytes(&row), &plain));
    CHECK(!ol_storage_open(&master, SEED, OL_STORAGE_VALUE, &other, ol_buf_bytes(&row), &plain));
    CHECK(!ol_storage_open(&master, OL_STR("storage:p:bob.near"), OL_STORAGE_VALUE, &index,
                           ol_buf_bytes(&row), &plain));
    CHECK(ol_storage_open(&master, SEED, OL_STORAGE_VALUE, &index, ol_buf_bytes(&row), &plain));
    CHECK_STR(ol_buf_str(&plain), OL_STR("41"));
}

TEST("rows of the form before still open")
{
    uint8_t sealed[ROOM];
    uint8_t opened[ROOM];
    ol_master master = vector_master();
    OL_AUTO(ol_x25519_key) key;
    ol_buf row = ol_buf_over(sealed, sizeof sealed);
    ol_buf plain = ol_buf_over(opened, sizeof opened);
    ol_sha256 index = ol_storage_index(&master, SEED, OL_STR("counter"));
    ol_master_x25519(&master, SEED, &key);
    ol_x25519_public public = ol_x25519_public_of(&key);
    CHECK(ol_ecies_seal(&public, OL_STR(OL_ECIES_SECRET), ol_str_bytes(OL_STR("counter")),
                        ol_random_kernel(), &row));
    CHECK(ol_storage_open(&master, SEED, OL_STORAGE_KEY, &index, ol_buf_bytes(&row), &plain));
    CHECK_STR(ol_buf_str(&plain), OL_STR("counter"));
}

TEST("a seed's parts cannot reach into each other")
{
    ol_err err;
    ol_str seed;
    ol_str none = {NULL, 0};
    OL_AUTO(ol_arena) arena = ol_arena_new(4096);
    CHECK_OK(ol_storage_seed(OL_STR("p1"), none, OL_STR("a.near"), &arena, &seed, &err));
    CHECK_STR(seed, OL_STR("storage:p1:a.near"));
    CHECK_OK(ol_storage_seed(none, OL_STR("abcd"), OL_STR("a.near"), &arena, &seed, &err));
    CHECK_STR(seed, OL_STR("storage:wasm:abcd:a.near"));
    CHECK_EQ(ol_storage_seed(OL_STR("wasm:abcd"), none, OL_STR("a.near"), &arena, &seed, &err),
             OL_ERR_INVALID);
    CHECK_EQ(ol_storage_seed(OL_STR("p1"), none, OL_STR("x:y"), &arena, &seed, &err),
             OL_ERR_INVALID);
    CHECK_EQ(ol_storage_seed(none, none, OL_STR("a.near"), &arena, &seed, &err), OL_ERR_INVALID);
}
