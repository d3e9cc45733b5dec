/* Wallet policies and agents' secrets (Contract 9, 11; 15, K97 to K106), and what Contract 16
 * mends. */
#include <stdlib.h>
#include <string.h>

#include "tests/chain/contract_bench.h"

/* Ed25519 seed 32 x 07 (Contract 15). */
#define KEY "ed25519:ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
#define KEY_HEX "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
#define KEY_UPPER "ED25519:EA4A6C63E29C520ABEF5507B132EC5F9954776AEBEBE7B92421EEA691446D22C"
#define SECP "secp256k1:0256b328b30c8bf5839e24058747879408bdb36241dc9c2e7c619faa12b2920967"

#define POLICY_SIGNATURE                                                                           \
    "3f2dc528b750c5d93fbc998598123fc84f31c482069bb0b1a4936739eab845431b4838e9bb7875939acc66b71a3"  \
    "71ad647ad4a2c4c957617b812eb95e739c706"
#define SECP_SIGNATURE                                                                             \
    "6185aee1b605b8e07eea40286395aa5515530550c66cf106ca6e4b7c8e632b9a4cc8f8017d009988218e92a717c"  \
    "ad2de0b68f4d9d825d0a391139bf2ae1f34f601"
#define STORE_SIGNATURE                                                                            \
    "46b70c4bc98ca090d6b6dfcb1c30a0763999d16ea3857da02eacd8fc3b910d8baeb5d984736f2f5b808b1023ded"  \
    "f5cedb980c2dbcf9eafdc43028a4f30807d04"
#define DELETE_SIGNATURE                                                                           \
    "6d7fcb80d36abbf5ba7e72390d94d283cdd1b3461bff391cef51ad1f121068aa5f434fab63c7c6142510064317"   \
    "307ab3ba6fe8f54527e9768e3dd66b4588c609"

#define WASM                                                                                       \
    "{\"WasmHash\":{\"hash\":"                                                                     \
    "\"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd\"}}"
#define POLICY_PRICE AMT("2210000000000000000000")
#define TENTH AMT("100000000000000000000000")

static bench *open_new(void)
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}");
    return b;
}

static const char *policy(bench *b, const char *key, const char *data, const char *signature)
{
    return J(b, "{\"wallet_pubkey\":\"%s\",\"encrypted_data\":\"%s\",\"wallet_signature\":\"%s\"}",
             key, data, signature);
}

static const char *only(bench *b, const char *key)
{
    return J(b, "{\"wallet_pubkey\":\"%s\"}", key);
}

static bench *open_with_policy(void)
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", POLICY_PRICE, "store_wallet_policy",
            policy(b, KEY, "Y2lwaGVy", POLICY_SIGNATURE));
    return b;
}

TEST("K97: a policy signed by its wallet's key is stored for its price")
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "estimate_wallet_policy_cost",
                   "{\"wallet_pubkey\":\"" KEY "\",\"encrypted_data\":\"Y2lwaGVy\"}"),
              OL_STR("\"2210000000000000000000\""));
    CALL_FAILS(
        b, "alice.near", POLICY_PRICE - 1, "store_wallet_policy",
        policy(b, KEY, "Y2lwaGVy", POLICY_SIGNATURE),
        "Insufficient storage deposit. Required: 2210000000000000000000 yoctoNEAR, attached: "
        "2209999999999999999999");
    CALL_OK(b, "alice.near", POLICY_PRICE, "store_wallet_policy",
            policy(b, KEY, "Y2lwaGVy", POLICY_SIGNATURE));
    CHECK_STR(bench_event(b, "system_event"),
              OL_STR("{\"WalletPolicyUpdated\":{\"wallet_pubkey\":\"" KEY
                     "\",\"owner\":\"alice.near\",\"encrypted_data\":\"Y2lwaGVy\",\"frozen\":"
                     "false}}"));
    CHECK_STR(VIEW(b, "get_wallet_policy", only(b, KEY)),
              ol_str_of(J(b,
                          "{\"owner\":\"alice.near\",\"encrypted_data\":\"Y2lwaGVy\",\"frozen\":"
                          "false,\"updated_at\":%llu}",
                          (unsigned long long)bench_now(b))));
    CHECK_STR(VIEW(b, "get_wallet_policies_by_owner", "{\"owner\":\"alice.near\"}"),
              ol_str_of(J(b,
                          "[{\"wallet_pubkey\":\"" KEY
                          "\",\"owner\":\"alice.near\",\"frozen\":false,\"updated_at\":%llu}]",
                          (unsigned long long)bench_now(b))));
    bench_close(b);
}

TEST("K98: a signature is for one caller")
{
    bench *b = open_new();
    CALL_FAILS(b, "bob.near", TENTH, "store_wallet_policy",
               policy(b, KEY, "Y2lwaGVy", POLICY_SIGNATURE), "Invalid Ed25519 wallet signature");
    bench_close(b);
}

TEST("K99: a secp256k1 key signs too")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_wallet_policy",
            policy(b, SECP, "Y2lwaGVy", SECP_SIGNATURE));
    CHECK_STR(VIEW(b, "has_wallet_policy", only(b, SECP)), OL_STR("true"));
    CALL_FAILS(b, "bob.near", TENTH, "store_wallet_policy",
               policy(b, SECP, "Y2lwaGVy", SECP_SIGNATURE),
               "Recovered secp256k1 public key does not match wallet_pubkey");
    bench_close(b);
}

TEST("K100: a frozen wallet stays frozen through an update, until it is unfrozen")
{
    bench *b = open_with_policy();
    CALL_OK(b, "alice.near", 0, "freeze_wallet", only(b, KEY_UPPER));
    CHECK_STR(bench_event(b, "system_event"),
              OL_STR("{\"WalletFrozenChanged\":{\"wallet_pubkey\":\"" KEY
                     "\",\"owner\":\"alice.near\",\"frozen\":true}}"));
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", TENTH, "store_wallet_policy",
            policy(b, KEY, "Y2lwaGVy", POLICY_SIGNATURE));
    CHECK(bench_balance(b, "alice.near") == before);
    CHECK_STR(bench_member(b, VIEW(b, "get_wallet_policy", only(b, KEY)), "frozen"),
              OL_STR("true"));
    CALL_OK(b, "alice.near", 0, "unfreeze_wallet", only(b, KEY));
    CHECK_STR(bench_member(b, VIEW(b, "get_wallet_policy", only(b, KEY_UPPER)), "frozen"),
              OL_STR("false"));
    CALL_FAILS(b, "alice.near", 0, "unfreeze_wallet", only(b, KEY), "Wallet is not frozen");
    bench_close(b);
}

TEST("K101: only the controller freezes, and once")
{
    bench *b = open_with_policy();
    CALL_FAILS(b, "bob.near", 0, "freeze_wallet", only(b, KEY),
               "Only the controller (alice.near) can freeze this wallet");
    CALL_OK(b, "alice.near", 0, "freeze_wallet", only(b, KEY));
    CALL_FAILS(b, "alice.near", 0, "freeze_wallet", only(b, KEY), "Wallet is already frozen");
    CALL_FAILS(b, "bob.near", 0, "unfreeze_wallet", only(b, KEY),
               "Only the controller (alice.near) can unfreeze this wallet");
    CALL_FAILS(b, "alice.near", 0, "freeze_wallet", only(b, SECP), "Wallet policy not found");
    bench_close(b);
}

TEST("K102: a valid signature of somebody else does not take a policy over")
{
    /* by the same key over store_wallet_policy:v1:KEY:8:Y2lwaGVy:bob.near */
    static const char BOBS[] =
        "0096c61126529c535df740a75c4702a5a2485c936686982c8c7ccc17ff3826358bcd9fbbee0bfd23f4a7911f1c"
        "478bdba626adc1ee6ceef8ec786292aee2d40b";
    bench *b = open_with_policy();
    CALL_FAILS(b, "bob.near", TENTH, "store_wallet_policy", policy(b, KEY, "Y2lwaGVy", BOBS),
               "Only the original controller (alice.near) can update this wallet policy");
    bench_close(b);
}

TEST("K103: what is no key has no policy")
{
    bench *b = open_with_policy();
    CHECK_STR(VIEW(b, "has_wallet_policy", only(b, "garbage")), OL_STR("false"));
    CHECK_STR(VIEW(b, "has_wallet_policy", only(b, "rsa:00")), OL_STR("false"));
    CHECK_STR(VIEW(b, "get_wallet_policy", only(b, "ed25519:00")), OL_STR("null"));
    bench_close(b);
}

TEST("keys and signatures are refused by their first fault")
{
    static const struct {
        const char *key;
        const char *data;
        const char *signature;
        const char *error;
    } cases[] = {
        {"", "d", "00", "wallet_pubkey cannot be empty"},
        {KEY, "", "00", "encrypted_data cannot be empty"},
        {KEY, "d", "", "wallet_signature is required"},
        {"garbage", "d", "00", "Invalid public key format."},
        {"rsa:00", "d", "00", "Unsupported key type 'rsa'."},
        {"ed25519:xx", "d", "00", "Invalid hex encoding in the public key"},
        {"ed25519:0001", "d", "00", "Ed25519 public key must be 32 bytes, got 2"},
        {"secp256k1:0001", "d", "00", "Secp256k1 compressed public key must be 33 bytes, got 2"},
        {"secp256k1:0456b328b30c8bf5839e24058747879408bdb36241dc9c2e7c619faa12b2920967", "d", "00",
         "Secp256k1 compressed key must start with 0x02 or 0x03"},
        {KEY, "d", "zz", "Invalid hex encoding in wallet_signature"},
        {KEY, "d", "0011", "Ed25519 signature must be 64 bytes, got 2"},
        {SECP, "d", "0011", "Secp256k1 signature must be 65 bytes"},
        {SECP, "d",
         "6185aee1b605b8e07eea40286395aa5515530550c66cf106ca6e4b7c8e632b9a4cc8f8017d009988218e92a7"
         "17cad2de0b68f4d9d825d0a391139bf2ae1f34f602",
         "Recovery id (v) must be 0 or 1, got 2"},
        {SECP, "d",
         "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff4cc8f8017d009988218e92a7"
         "17cad2de0b68f4d9d825d0a391139bf2ae1f34f601",
         "Secp256k1 signature recovery failed"},
    };
    bench *b = open_new();
    OL_EACH (it, cases)
        CALL_FAILS(b, "alice.near", TENTH, "store_wallet_policy",
                   policy(b, it->key, it->data, it->signature), it->error);
    bench_close(b);
}

TEST("a deleted policy leaves no record and refunds its controller")
{
    bench *b = open_new();
    size_t records = bench_records(b);
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", TENTH, "store_wallet_policy",
            policy(b, KEY, "Y2lwaGVy", POLICY_SIGNATURE));
    CALL_OK(b, "alice.near", TENTH, "store_wallet_policy",
            policy(b, SECP, "Y2lwaGVy", SECP_SIGNATURE));
    CALL_FAILS(b, "bob.near", 0, "delete_wallet_policy", only(b, KEY),
               "Only the controller (alice.near) can delete this wallet policy");
    CALL_OK(b, "alice.near", 0, "delete_wallet_policy", only(b, KEY_UPPER));
    CHECK_STR(bench_event(b, "system_event"),
              OL_STR("{\"WalletPolicyDeleted\":{\"wallet_pubkey\":\"" KEY
                     "\",\"owner\":\"alice.near\"}}"));
    CHECK_STR(VIEW(b, "get_wallet_policies_by_owner",
                   "{\"owner\":\"alice.near\",\"from_index\":1,\"limit\":5}"),
              OL_STR("[]"));
    CALL_OK(b, "alice.near", 0, "delete_wallet_policy", only(b, SECP));
    CHECK(bench_balance(b, "alice.near") == before);
    CHECK_EQ(bench_records(b), records);
    bench_close(b);
}

/* --- Agents' secrets -----------------------------------------------------------------------------
 */

static const char *agent(bench *b, const char *key, const char *accessor, const char *profile,
                         const char *signature)
{
    return J(b,
             "{\"agent_pubkey\":\"%s\",\"accessor\":%s,\"profile\":\"%s\","
             "\"encrypted_secrets_base64\":\"cipher\",\"access\":\"AllowAll\",\"vault_id\":null,"
             "\"wallet_signature\":\"%s\"}",
             key, accessor, profile, signature);
}

TEST("K104: an agent's secret belongs to its key's account, whoever paid")
{
    bench *b = open_new();
    CALL_OK(b, "payer.near", AMT("3110000000000000000000"), "store_agent_secret",
            agent(b, KEY, WASM, "prod", STORE_SIGNATURE));
    CHECK_STR(VIEW(b, "secrets_exist",
                   "{\"accessor\":" WASM ",\"profile\":\"prod\",\"owner\":\"" KEY_HEX "\"}"),
              OL_STR("true"));
    CHECK_STR(VIEW(b, "list_user_secrets", "{\"account_id\":\"payer.near\"}"), OL_STR("[]"));
    CALL_FAILS(b, "other.near", AMT("3110000000000000000000"), "store_agent_secret",
               agent(b, KEY, WASM, "prod", STORE_SIGNATURE), "Invalid Ed25519 wallet signature");
    bench_close(b);
}

TEST("K105: an agent's secret is deleted by its key, for its submitter")
{
    bench *b = open_new();
    CALL_OK(b, "payer.near", AMT("3110000000000000000000"), "store_agent_secret",
            agent(b, KEY, WASM, "prod", STORE_SIGNATURE));
    CALL_FAILS(b, "payer.near", 0, "delete_agent_secret",
               agent(b, KEY, WASM, "prod", STORE_SIGNATURE), "Invalid Ed25519 wallet signature");
    ol_u128 before = bench_balance(b, "payer.near");
    CALL_OK(b, "payer.near", 0, "delete_agent_secret",
            agent(b, KEY, WASM, "prod", DELETE_SIGNATURE));
    CHECK(bench_balance(b, "payer.near") == before + AMT("3110000000000000000000"));
    CHECK_STR(VIEW(b, "list_user_secrets", "{\"account_id\":\"" KEY_HEX "\"}"), OL_STR("[]"));
    CALL_FAILS(b, "payer.near", 0, "delete_agent_secret",
               agent(b, KEY, WASM, "prod", DELETE_SIGNATURE), "Secrets not found");
    bench_close(b);
}

TEST("K106: what cannot be an agent's secret")
{
    static const struct {
        const char *method;
        const char *key;
        const char *accessor;
        const char *profile;
        const char *error;
    } cases[] = {
        {"store_agent_secret", KEY, "{\"Repo\":{\"repo\":\"r\"}}", "p",
         "GitHub repositories are not supported for agent secrets."},
        {"store_agent_secret", KEY, "{\"System\":\"PaymentKey\"}", "1",
         "A payment key is not an agent secret."},
        {"store_agent_secret", SECP, WASM, "p",
         "Only an ed25519 wallet key has a NEAR account. Got 'secp256k1'."},
        {"store_agent_secret", KEY, WASM, "a:b", "profile must not contain ':'"},
        {"store_agent_secret", KEY, "{\"WasmHash\":{\"hash\":\"00\"}}", "p",
         "WASM hash must be 64 hex characters (SHA256)"},
        {"delete_agent_secret", KEY, "{\"System\":\"PaymentKey\"}", "1",
         "delete_agent_secret removes an agent SECRET"},
        {"delete_agent_secret", KEY, "{\"Repo\":{\"repo\":\"r\"}}", "p",
         "GitHub repositories are not supported for agent secrets."},
    };
    bench *b = open_new();
    OL_EACH (it, cases)
        CALL_FAILS(b, "payer.near", 0, it->method,
                   agent(b, it->key, it->accessor, it->profile, STORE_SIGNATURE), it->error);
    bench_close(b);
}

/* --- Contract 16 ---------------------------------------------------------------------------------
 */

TEST("KF19: a wallet is frozen even while the contract is paused")
{
    bench *b = open_with_policy();
    CALL_OK(b, "owner.near", 0, "set_paused", "{\"paused\":true}");
    CALL_OK(b, "alice.near", 0, "freeze_wallet", only(b, KEY));
    CALL_FAILS(b, "alice.near", 0, "unfreeze_wallet", only(b, KEY), "Contract is paused");
    bench_close(b);
}

TEST("KF22: a policy larger than its event is refused, with or without the 100 kB")
{
    bench *b = open_new();
    char *big = malloc(100002);
    memset(big, 'A', 100001);
    big[100001] = 0;
    CALL_FAILS(b, "alice.near", AMT("2000000000000000000000000"), "store_wallet_policy",
               policy(b, KEY, big, "00"), "encrypted_data too large (max 100KB)");
    big[20000] = 0;
    CALL_FAILS(b, "alice.near", AMT("2000000000000000000000000"), "store_wallet_policy",
               policy(b, KEY, big,
                      "27f57faa1579e6d3715509be35fdd35de2d4b9a6d5d7582947dd738f91ae705b28a027244d91"
                      "8fe1aad189ac22"
                      "1277ddae8a7312fdcb5159caff832e12836e03"),
               "encrypted_data too large");
    free(big);
    bench_close(b);
}
