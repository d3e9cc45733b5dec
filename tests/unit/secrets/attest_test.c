#include "lib/secrets/attest.h"

#include <string.h>

#include "lib/codec/hex.h"
#include "lib/secrets/tee_challenge.h"
#include "tests/harness/test.h"
#include "tests/unit/secrets/vectors.h"

#define SEED OL_STR("project:alice.near/app:alice.near")

static ol_ed25519_signature signature_of(ol_str hex)
{
    ol_ed25519_signature signature;
    CHECK(ol_hex_decode_fixed(hex, signature.bytes, sizeof signature.bytes));
    return signature;
}

/* X1's signature over the statement about SEED, and what was signed. */
static ol_ed25519_signature sign_pubkey(ol_ed25519_public *ret_attestor, ol_x25519_public *ret_key)
{
    ol_master master = vector_master();
    OL_AUTO(ol_arena) arena = ol_arena_new(4096);
    OL_AUTO(ol_ed25519_key) attestor;
    OL_AUTO(ol_x25519_key) key;
    ol_master_ed25519(&master, OL_STR(OL_ATTESTOR_SEED), &attestor);
    ol_master_x25519(&master, SEED, &key);
    *ret_key = ol_x25519_public_of(&key);
    *ret_attestor = ol_ed25519_public_of(&attestor);
    ol_str statement = ol_pubkey_statement(SEED, ret_key, OL_STR(""), &arena);
    return ol_ed25519_sign(&attestor, ol_str_bytes(statement));
}

TEST("S78: a public key is attested with the listed signature")
{
    uint8_t want[OL_ED25519_PUBLIC_BYTES];
    ol_ed25519_public attestor;
    ol_x25519_public key;
    ol_ed25519_signature got = sign_pubkey(&attestor, &key);
    ol_ed25519_signature listed = signature_of(OL_STR(
        "ad96c6af2452fa4dcb0546e14659650c9e9ffe96853059451d31432786dcaae7b475a7adff4d80202648"
        "a8cb9f5847ca91219f68df8d15ce4edbdcdef5b4d304"));
    CHECK(ol_hex_decode_fixed(
        OL_STR("ff102e11adc9a05af27bce6b5a67da30784c0bbb87161f6f1a7931dfad32d38a"), want,
        sizeof want));
    CHECK(memcmp(attestor.bytes, want, sizeof want) == 0);
    CHECK(memcmp(&got, &listed, sizeof got) == 0);
}

TEST("S79: the signature says nothing about another owner's seed, another vault or key")
{
    OL_AUTO(ol_arena) arena = ol_arena_new(4096);
    ol_ed25519_public attestor;
    ol_x25519_public key;
    ol_ed25519_signature got = sign_pubkey(&attestor, &key);
    ol_str ours = ol_pubkey_statement(SEED, &key, OL_STR(""), &arena);
    ol_str owner =
        ol_pubkey_statement(OL_STR("project:alice.near/app:bob.near"), &key, OL_STR(""), &arena);
    ol_str vault = ol_pubkey_statement(SEED, &key, OL_STR("v.near"), &arena);
    CHECK(ol_ed25519_verify(&attestor, ol_str_bytes(ours), &got));
    CHECK(!ol_ed25519_verify(&attestor, ol_str_bytes(owner), &got));
    CHECK(!ol_ed25519_verify(&attestor, ol_str_bytes(vault), &got));
    key.bytes[0] ^= 1;
    ol_str changed = ol_pubkey_statement(SEED, &key, OL_STR(""), &arena);
    CHECK(!ol_ed25519_verify(&attestor, ol_str_bytes(changed), &got));
}

TEST("S78: a generated value has the listed code")
{
    char zeros[64];
    ol_sha256 mac;
    ol_master master = vector_master();
    memset(zeros, '0', sizeof zeros);
    CHECK(ol_protected_mac(&master, SEED, OL_STR("PROTECTED_SEED"), (ol_str){zeros, sizeof zeros},
                           &mac));
    ol_sha256_hex hex = ol_sha256_format(&mac);
    CHECK_STR(ol_sha256_hex_str(&hex),
              OL_STR("d624a5fed34fb5456d5369b65593695b1ed720559ba54884c62807ff699830e2"));
}

TEST("S78: the challenge is signed in the listed words")
{
    uint8_t challenge[OL_TEE_CHALLENGE_BYTES];
    uint8_t seed[OL_ED25519_SEED_BYTES];
    uint8_t storage[OL_TEE_STATEMENT_BYTES_MAX];
    ol_err err;
    ol_buf statement = ol_buf_over(storage, sizeof storage);
    OL_AUTO(ol_ed25519_key) key;
    for (size_t i = 0; i < sizeof challenge; i++)
        challenge[i] = (uint8_t)i;
    memset(seed, 0x22, sizeof seed);
    ol_ed25519_key_of_seed(seed, &key);
    CHECK_OK(ol_tee_statement(OL_STR("keystore"), challenge, NULL, &statement, &err));
    ol_ed25519_signature got = ol_ed25519_sign(&key, ol_buf_bytes(&statement));
    ol_ed25519_signature listed = signature_of(OL_STR(
        "1c4f8f4e0ef8309f5071039299fa36db1e4d80dc10af2c3952879f16b59f39653b13943fce6113cac365"
        "070708e5f8d9fdbb1b6ab02b559fb999a4cbb0f84f0c"));
    CHECK(memcmp(&got, &listed, sizeof got) == 0);
}

TEST("S75: the messages of section 13 have the listed hashes")
{
    static const struct {
        const char *message;
        const char *hash;
    } ROWS[] = {
        {"store_secrets_for:v1:ed25519:ab:8:a.near/p:agent:cipher:payer.near::\"AllowAll\"",
         "327044395e3f91a9d7f0374e854c913b6ef174bbd04bd8248462f8cd99fb56b2"},
        {"delete_agent_secret:v1:ed25519:ab:8:a.near/p:agent:payer.near",
         "d3f5eee2aa4e0eb9628b36f0f0b4fd641d5ce123e7d2b5430d763dc34993d015"},
        {"store_wallet_policy:v1:ed25519:ab:8:Y2lwaGVy:alice.near",
         "55ae94c277c2df4c2c044ce0909162de539502201bda3b927e0fdb3ed033b482"},
    };
    OL_EACH (row, ROWS) {
        ol_sha256_hex hex = ol_sha256_hex_of(ol_str_bytes(ol_str_of(row->message)));
        CHECK_STR_ROW(ol_sha256_hex_str(&hex), ol_str_of(row->hash), row->message);
    }
}
