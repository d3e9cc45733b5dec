/* The vectors of NEAR, appendix A: bytes, hashes and signatures that clients agree on. */
#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/crypto/secp256k1.h"
#include "lib/near/transaction.h"
#include "tests/harness/test.h"

#define PUBLIC_HEX "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
#define PUBLIC_TEXT "ed25519:FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"
#define SECRET_TEXT                                                                                \
    "ed25519:1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMikjwpAW9DMZzU2Pqakc5it8X3N5vPmqdN7KF4CCUpm"  \
    "Khq"
#define BLOCK_TEXT "5wbD6GsVBReHetMUw17QcNne8BjB1xSKRoU4JYpafEx5"
#define A1_HEX                                                                                     \
    "0a000000616c6963652e6e6561720003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531" \
    "b8010000000000000008000000626f622e6e656172496aca80e4d8f29fb8e8cd816c3afb48d3f103970b3a2ee160" \
    "0c08ca67326dee0100000003000000a1edccce1bc2d3000000000000"
#define ONE_NEAR OL_YOCTO((ol_u128)1000000000000000000 * 1000000)

typedef struct vector {
    ol_arena arena;
    ol_buf bytes;
} vector;

static vector begin(void)
{
    return (vector){.arena = ol_arena_new(OL_MIB(1)), .bytes = ol_buf_new(OL_MIB(1))};
}

static void end(vector *v)
{
    ol_arena_deinit(&v->arena);
    ol_buf_deinit(&v->bytes);
}

static ol_ed25519_key secret(void)
{
    ol_ed25519_key key;
    ol_err err = {0};
    CHECK_OK(ol_near_secret_key_parse(OL_STR(SECRET_TEXT), &key, &err));
    return key;
}

static ol_public_key public_key(void)
{
    ol_ed25519_key key = secret();
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    return ol_public_key_of_ed25519(&public);
}

static ol_transaction to_bob(const ol_action *action)
{
    ol_transaction t = {.signer_id = OL_STR("alice.near"),
                        .key = public_key(),
                        .nonce = 1,
                        .receiver_id = OL_STR("bob.near"),
                        .actions = action,
                        .action_count = 1};
    CHECK(ol_base58_decode_fixed(OL_STR(BLOCK_TEXT), t.block_hash, sizeof t.block_hash));
    return t;
}

static ol_str hash_text(vector *v, ol_bytes bytes)
{
    ol_sha256 hash = ol_sha256_of(bytes);
    return ol_base58_of(&v->arena, ol_sha256_bytes(&hash));
}

TEST("NA1: a V0 transfer has the network's bytes, hash and signature")
{
    vector v = begin();
    const ol_action transfer = ol_action_transfer(ONE_NEAR);
    const ol_transaction t = to_bob(&transfer);
    ol_transaction_encode(&t, &v.bytes);
    CHECK_EQ(v.bytes.len, 120);
    CHECK_STR(ol_hex_of(&v.arena, ol_buf_bytes(&v.bytes)), OL_STR(A1_HEX));
    CHECK_STR(hash_text(&v, ol_buf_bytes(&v.bytes)),
              OL_STR("5iEd7R5gJJpZsnFLHxD8pGYvGho3EorCso87ughDXBJY"));
    ol_ed25519_key key = secret();
    ol_sha256 hash;
    ol_buf_clear(&v.bytes);
    ol_transaction_sign(&t, &key, &v.bytes, &hash);
    CHECK_EQ(v.bytes.len, 185);
    CHECK_ENDS(ol_hex_of(&v.arena, ol_buf_bytes(&v.bytes)),
               OL_STR("007626b1062469ac24c39aefdc027daec00929372a72c26eb3d5e3d3684d50c521"
                      "ce3601f64f5de507ccda13bea3cdd4c4f562f233f877ff950ffaebd79f4af008"),
               "signature");
    ol_buf base64 = ol_buf_new(1024);
    ol_base64_add(&base64, ol_buf_bytes(&v.bytes));
    CHECK_STARTS(ol_buf_str(&base64), OL_STR("CgAAAGFsaWNlLm5lYXIAA6EHv/PO"), "base64");
    ol_buf_deinit(&base64);
    ol_signed_transaction back;
    ol_err err = {0};
    CHECK_OK(ol_signed_transaction_decode(ol_buf_bytes(&v.bytes), &v.arena, &back, &err));
    CHECK(ol_signed_transaction_verify(&back));
    CHECK(back.transaction.actions[0].transfer.yocto == ONE_NEAR.yocto);
    CHECK(!back.transaction.v1);
    end(&v);
}

TEST("NA2: the same call as V0 and as V1")
{
    static const char action[] = "01000000020400000070696e67020000007b7d00e057eb481b0000"
                                 "01000000000000000000000000000000";
    vector v = begin();
    const ol_action ping = ol_action_call(OL_STR("ping"), ol_str_bytes(OL_STR("{}")),
                                          UINT64_C(30000000000000), OL_YOCTO(1));
    ol_transaction t = to_bob(&ping);
    ol_transaction_encode(&t, &v.bytes);
    CHECK_ENDS(ol_hex_of(&v.arena, ol_buf_bytes(&v.bytes)), ol_str_of(action), "action");
    CHECK_STR(hash_text(&v, ol_buf_bytes(&v.bytes)),
              OL_STR("BmQ13Xxi8sTRd53ArhLoR76Cq6bLKLaUg5aunkySQRV9"));
    ol_buf_clear(&v.bytes);
    t.v1 = true;
    ol_transaction_encode(&t, &v.bytes);
    CHECK_STR(hash_text(&v, ol_buf_bytes(&v.bytes)),
              OL_STR("DQLSFsjEvn8LywBLfVWpoaGAELVYNna4Su8fViqb4yfy"));
    ol_ed25519_key key = secret();
    ol_sha256 hash;
    ol_signed_transaction back;
    ol_err err = {0};
    ol_buf_clear(&v.bytes);
    t.strict_nonce = true;
    ol_transaction_sign(&t, &key, &v.bytes, &hash);
    CHECK_OK(ol_signed_transaction_decode(ol_buf_bytes(&v.bytes), &v.arena, &back, &err));
    CHECK(back.transaction.v1 && back.transaction.strict_nonce);
    end(&v);
}

TEST("NA3: a delegate action's hash and signature")
{
    vector v = begin();
    const ol_action transfer = ol_action_transfer(ONE_NEAR);
    const ol_delegate delegate = {.sender_id = OL_STR("alice.near"),
                                  .receiver_id = OL_STR("bob.near"),
                                  .actions = &transfer,
                                  .action_count = 1,
                                  .nonce = 1,
                                  .max_block_height = 1000,
                                  .key = public_key()};
    ol_sha256 hash;
    CHECK(ol_delegate_hash(&delegate, false, &hash));
    ol_sha256_hex hex = ol_sha256_format(&hash);
    CHECK_STR(ol_sha256_hex_str(&hex),
              OL_STR("40bd56c1dd0184c1b79fbfc9f93c122f9b0870c0bd3571fdaed6fe483e9b683b"));
    ol_ed25519_key key = secret();
    ol_ed25519_signature made = ol_ed25519_sign(&key, ol_sha256_bytes(&hash));
    ol_signature signature = ol_signature_of_ed25519(&made);
    ol_signature_add_text(&v.bytes, &signature);
    CHECK_STR(ol_buf_str(&v.bytes),
              OL_STR("ed25519:mEP5FPnqgnmxZvCTzJoroBWCVtVueZMyBZXoCPk2xPooHZSXFFEUtuHhDKU3usUtHyHbw"
                     "HvEFjuREBRbJmtzJWx"));
    end(&v);
}

TEST("NA6: base58 keeps leading zeros")
{
    static const uint8_t one[] = {0, 0, 1};
    static const uint8_t zeros[32] = {0};
    vector v = begin();
    CHECK_STR(ol_base58_of(&v.arena, (ol_bytes){one, sizeof one}), OL_STR("112"));
    CHECK_STR(ol_base58_of(&v.arena, ol_str_bytes(OL_STR("Hello World!"))),
              OL_STR("2NEpo7TZRRrLZSi2U"));
    CHECK_STR(ol_base58_of(&v.arena, (ol_bytes){zeros, sizeof zeros}),
              OL_STR("11111111111111111111111111111111"));
    end(&v);
}

static const uint8_t SECP_SECRET[32] = {[31] = 1};

static ol_public_key secp_key(void)
{
    ol_secp256k1_public public;
    ol_public_key key = {.curve = OL_CURVE_SECP256K1};
    CHECK(ol_secp256k1_public_of(SECP_SECRET, &public));
    memcpy(key.bytes, public.bytes, sizeof public.bytes);
    return key;
}

TEST("NA7: the secp256k1 key of secret 1, as text")
{
    vector v = begin();
    ol_public_key key = secp_key();
    ol_public_key parsed;
    ol_str text = ol_public_key_text(&key, &v.arena);
    CHECK_STR(text, OL_STR("secp256k1:3SB8tA9Kbn7FBtT6GWR6AJk73QceudisHaGThPoLCDgC9tan7d3cwZFiDZ"
                           "trmhSAf8aTynEdQ3N7KXhMm3nWhekP"));
    CHECK(ol_public_key_parse(text, &parsed) && ol_public_key_eq(&parsed, &key));
    end(&v);
}

TEST("NA8: a transaction signed with a secp256k1 key")
{
    vector v = begin();
    const ol_action transfer = ol_action_transfer(ONE_NEAR);
    ol_transaction t = to_bob(&transfer);
    t.signer_id = OL_STR("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    t.key = secp_key();
    ol_transaction_encode(&t, &v.bytes);
    CHECK_EQ(v.bytes.len, 184);
    ol_sha256 hash = ol_sha256_of(ol_buf_bytes(&v.bytes));
    ol_sha256_hex hex = ol_sha256_format(&hash);
    CHECK_STR(ol_sha256_hex_str(&hex),
              OL_STR("2309f57a4f7c450da150ef1a3cdce633b0f604dd8b81ee650e12f9bd996082b3"));
    ol_secp256k1_signature made;
    CHECK(ol_secp256k1_sign(SECP_SECRET, hash.bytes, &made));
    CHECK_STR(ol_hex_of(&v.arena, (ol_bytes){made.bytes, sizeof made.bytes}),
              OL_STR("33204dc565f5c2ab3b034a7e94e5139027b6abcd30062ef0616dfb662d70668d"
                     "37d2fe7cb51100737a35072c69e9f0492ea10956458822d078a359bdc33a865a01"));
    ol_signature signature = {.curve = OL_CURVE_SECP256K1};
    memcpy(signature.bytes, made.bytes, sizeof made.bytes);
    ol_signed_transaction it = {.transaction = t, .signature = signature, .hash = hash};
    CHECK(ol_signed_transaction_verify(&it));
    it.signature.bytes[64] = 4; /* no such recovery id */
    CHECK(!ol_signed_transaction_verify(&it));
    it.signature = signature;
    it.hash.bytes[0] ^= 1;
    CHECK(!ol_signed_transaction_verify(&it));
    end(&v);
}

TEST("NA9: adding a function-call key")
{
    vector v = begin();
    static const ol_str methods[] = {OL_STR_INIT("ping")};
    const ol_action add = {.kind = OL_ACTION_ADD_KEY,
                           .add_key = {.key = public_key(),
                                       .access = {.permission = OL_PERMISSION_CALL,
                                                  .has_allowance = true,
                                                  .allowance = OL_YOCTO(ONE_NEAR.yocto / 4),
                                                  .receiver_id = OL_STR("bob.near"),
                                                  .methods = methods,
                                                  .method_count = 1}}};
    ol_action_encode(&add, &v.bytes);
    CHECK_STR(ol_hex_of(&v.arena, ol_buf_bytes(&v.bytes)),
              OL_STR("0500" PUBLIC_HEX "00000000000000000001000040683bb3f386f034000000000000"
                     "08000000626f622e6e656172010000000400000070696e67"));
    end(&v);
}

TEST("keys and signatures of unknown curves, and delegates within delegates, are refused")
{
    vector v = begin();
    static const uint8_t unknown[2048] = {2};
    ol_borsh from = ol_borsh_over((ol_bytes){unknown, sizeof unknown});
    ol_public_key key;
    ol_public_key_decode(&from, &key);
    CHECK(from.failed);
    CHECK(!ol_public_key_parse(OL_STR("ml-dsa:1111"), &key));
    CHECK(!ol_public_key_parse(OL_STR("ed25519:111"), &key));
    CHECK(ol_public_key_parse(OL_STR(PUBLIC_TEXT), &key));
    const ol_action transfer = ol_action_transfer(ONE_NEAR);
    const ol_delegate inner = {.sender_id = OL_STR("aa"),
                               .receiver_id = OL_STR("bb"),
                               .actions = &transfer,
                               .action_count = 1,
                               .key = key};
    const ol_action nested = {.kind = OL_ACTION_DELEGATE, .delegate = &inner};
    ol_delegate outer = inner;
    outer.actions = &nested;
    const ol_action both[] = {nested, {.kind = OL_ACTION_DELEGATE, .delegate = &outer}};
    for (size_t i = 0; i < OL_COUNT(both); i++) {
        ol_action back;
        ol_buf_clear(&v.bytes);
        ol_action_encode(&both[i], &v.bytes);
        from = ol_borsh_over(ol_buf_bytes(&v.bytes));
        ol_action_decode(&from, &v.arena, &back);
        CHECK_EQ(ol_borsh_done(&from), i == 0);
    }
    end(&v);
}
