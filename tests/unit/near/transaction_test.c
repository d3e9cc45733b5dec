#include "lib/near/transaction.h"

#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "tests/harness/test.h"

/* A key of public test vectors; nothing belongs to it. */
#define KEY                                                                                        \
    "ed25519:3hoMW1HvnRLSFCLZnvPzWeoGwtdHzke34B2cTHM8rhcbG3TbuLKtShTv3DvyejnXKXKBiV7YPkLeqUHN1"    \
    "ghnqpFv"

TEST("a transfer has the bytes and the signature that NEAR's own libraries give it")
{
    static const char want[] =
        "09000000746573742e6e65617200917b3d268d4b58f7fec1b150bd68d69be3ee5d4cc39855e341538465bb7786"
        "0d01000000000000000d00000077686174657665722e6e6561720fa473fd26901df296be6adc4cc4df34d040ef"
        "a2435224b6986910e630c2fef601000000030100000000000000000000000000000000969a83332186ee9755"
        "e4839325525806e189a3d2d2bb4b4760e94443e97e1c4f22deeef0059a8e9713100eda6e19144da7e8a0ef7e53"
        "9b20708ba1d8d021bd01";
    ol_ed25519_key key;
    ol_err err = {0};
    const ol_action action = ol_action_transfer(OL_YOCTO(1));
    ol_transaction transfer = {.signer_id = OL_STR("test.near"),
                               .receiver_id = OL_STR("whatever.near"),
                               .nonce = 1,
                               .actions = &action,
                               .action_count = 1};
    CHECK(ol_base58_decode_fixed(OL_STR("244ZQ9cgj3CQ6bWBdytfrJMuMQ1jdXLFGnr4HhvtCTnM"),
                                 transfer.block_hash, sizeof transfer.block_hash));
    CHECK_OK(ol_near_secret_key_parse(OL_STR(KEY), &key, &err));
    ol_buf bytes = ol_buf_new(65536);
    ol_buf hex = ol_buf_new(65536);
    ol_sha256 hash;
    ol_transaction_sign(&transfer, &key, &bytes, &hash);
    ol_hex_add(&hex, ol_buf_bytes(&bytes));
    CHECK_STR(ol_buf_str(&hex), ol_str_of(want));
    ol_ed25519_key_deinit(&key);
    ol_buf_deinit(&bytes);
    ol_buf_deinit(&hex);
}

TEST("a call carries method, arguments, gas and deposit in that order")
{
    ol_ed25519_key key;
    ol_err err = {0};
    const ol_action called =
        ol_action_call(OL_STR("m"), ol_str_bytes(OL_STR("{}")), 5, OL_YOCTO(6));
    const ol_transaction call = {.signer_id = OL_STR("a"),
                                 .receiver_id = OL_STR("b"),
                                 .actions = &called,
                                 .action_count = 1};
    static const char action[] = "02010000006d020000007b7d0500000000000000"
                                 "06000000000000000000000000000000";
    CHECK_OK(ol_near_secret_key_parse(OL_STR(KEY), &key, &err));
    ol_buf bytes = ol_buf_new(65536);
    ol_buf hex = ol_buf_new(65536);
    ol_sha256 hash;
    ol_transaction_sign(&call, &key, &bytes, &hash);
    ol_hex_add(&hex, ol_buf_bytes(&bytes));
    CHECK_HAS(ol_buf_str(&hex), ol_str_of(action), "action");
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_ed25519_signature signature;
    memcpy(signature.bytes, bytes.data + bytes.len - sizeof signature.bytes,
           sizeof signature.bytes);
    CHECK(ol_ed25519_verify(&public, ol_sha256_bytes(&hash), &signature));
    ol_ed25519_key_deinit(&key);
    ol_buf_deinit(&bytes);
    ol_buf_deinit(&hex);
}

/* The public half of another key. */
#define OTHER_HALF                                                                                 \
    "ed25519:3hoMW1HvnRLSFCLZnvPzWeoGwtdHzke34B2cTHM8rhcbG3TbuLKtShTv3DvyejnXKXKBiV7YPkLeqUHN1"    \
    "ghnqpFw"

TEST("a secret key is refused without a word of it")
{
    static const char *const bad[] = {
        "",
        "ed25519:",
        "ed25519:0OIl",
        "secp256k1:" KEY,
        "ed25519:3hoMW1HvnRLSFCLZnvPzWeoGwtdHzke34B2c",
        OTHER_HALF,
    };
    OL_EACH (text, bad) {
        ol_ed25519_key key;
        ol_err err = {0};
        size_t at;
        CHECK_EQ_ROW(ol_near_secret_key_parse(ol_str_of(*text), &key, &err), OL_ERR_INVALID, *text);
        CHECK_ROW(!ol_str_find(ol_err_text(&err), OL_STR("3hoMW"), &at), *text);
    }
}
