/* Secrets and payment keys (Contract 8; 15, K68 to K84, K121), and what Contract 16 mends. */
#include "tests/chain/contract_bench.h"

#define HASH64 "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
#define REPO "{\"Repo\":{\"repo\":\"github.com/alice/project\",\"branch\":null}}"
#define REPO_MAIN "{\"Repo\":{\"repo\":\"github.com/alice/project\",\"branch\":\"main\"}}"
#define SYSTEM "{\"System\":\"PaymentKey\"}"
#define WASM "{\"WasmHash\":{\"hash\":\"" HASH64 "\"}}"

#define TENTH AMT("100000000000000000000000") /* of a NEAR */

static bench *open_new(void)
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}");
    return b;
}

static const char *store(bench *b, const char *accessor, const char *profile,
                         const char *ciphertext)
{
    return J(b,
             "{\"accessor\":%s,\"profile\":\"%s\",\"encrypted_secrets_base64\":\"%s\","
             "\"access\":\"AllowAll\"}",
             accessor, profile, ciphertext);
}

static const char *of(bench *b, const char *accessor, const char *profile, const char *owner)
{
    return J(b, "{\"accessor\":%s,\"profile\":\"%s\",\"owner\":\"%s\"}", accessor, profile, owner);
}

static const char *estimate(bench *b, const char *accessor, const char *profile,
                            const char *ciphertext, const char *access)
{
    return J(b,
             "{\"accessor\":%s,\"profile\":\"%s\",\"owner\":\"alice.near\","
             "\"encrypted_secrets_base64\":\"%s\",\"access\":%s}",
             accessor, profile, ciphertext, access);
}

static void check_cost(const char *accessor, const char *profile, const char *ciphertext,
                       const char *access, const char *cost)
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "estimate_storage_cost", estimate(b, accessor, profile, ciphertext, access)),
              ol_str_of(J(b, "\"%s\"", cost)));
    bench_close(b);
}

TEST("K68: what storing for a repository costs")
{
    check_cost(REPO, "default", "base64encodeddata", "\"AllowAll\"", "2320000000000000000000");
}

TEST("K69: a branch adds its bytes")
{
    check_cost(REPO_MAIN, "default", "base64encodeddata", "\"AllowAll\"", "2400000000000000000000");
}

TEST("K71: what storing for a wasm hash costs")
{
    check_cost(WASM, "prod", "encrypted", "\"AllowAll\"", "2600000000000000000000");
}

TEST("K72: what storing a payment key costs")
{
    check_cost(SYSTEM, "1", "encrypted", "\"AllowAll\"", "1900000000000000000000");
}

TEST("K73: a condition costs its canonical bytes, however it was spaced")
{
    check_cost("{\"Project\":{\"project_id\":\"alice.near/app\"}}", "default", "AAAA",
               "{ \"Whitelist\" : { \"accounts\" : [ \"a.near\" , \"bob.near\" ] } }",
               "2460000000000000000000");
}

TEST("K70: the estimate for a key that exists leaves the index bytes out")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets",
            store(b, REPO, "default", "base64encodeddata"));
    CHECK_STR(VIEW(b, "estimate_storage_cost",
                   estimate(b, REPO, "default", "base64encodeddata", "\"AllowAll\"")),
              OL_STR("\"1680000000000000000000\""));
    bench_close(b);
}

TEST("K74: a secret of any branch answers for one, and says so")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, REPO, "default", "AAAA"));
    ol_str got = VIEW(b, "get_secrets", of(b, REPO_MAIN, "default", "alice.near"));
    CHECK_STR(bench_member(b, got, "accessor.Repo.branch"), OL_STR("null"));
    CHECK_STR(VIEW(b, "secrets_exist", of(b, REPO_MAIN, "default", "alice.near")), OL_STR("false"));
    CHECK_STR(VIEW(b, "secrets_exist", of(b, REPO, "default", "alice.near")), OL_STR("true"));
    CHECK_STR(VIEW(b, "get_secrets", of(b, REPO, "default", "bob.near")), OL_STR("null"));
    bench_close(b);
}

TEST("K75: what an accessor, a profile and a ciphertext must be")
{
    static const struct {
        const char *accessor;
        const char *profile;
        const char *ciphertext;
        const char *error;
    } cases[] = {
        {"{\"Repo\":{\"repo\":\"\"}}", "p", "A", "Repository cannot be empty"},
        {"{\"Repo\":{\"repo\":\"r\",\"branch\":\"\"}}", "p", "A",
         "Branch name cannot be empty if provided"},
        {"{\"WasmHash\":{\"hash\":\"\"}}", "p", "A", "WASM hash cannot be empty"},
        {"{\"WasmHash\":{\"hash\":\"tooshort\"}}", "p", "A",
         "WASM hash must be 64 hex characters (SHA256)"},
        {"{\"WasmHash\":{\"hash\":"
         "\"zdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd\"}}",
         "p", "A", "WASM hash must be hex encoded"},
        {"{\"Project\":{\"project_id\":\"\"}}", "p", "A", "Project ID cannot be empty"},
        {"{\"Project\":{\"project_id\":\"x\"}}", "p", "A",
         "Project ID must be in format 'owner.near/name'"},
        {"{\"Project\":{\"project_id\":\"a.near/x\"}}", "p", "A",
         "Project 'a.near/x' does not exist"},
        {REPO, "", "A", "Profile cannot be empty"},
        {REPO, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "A",
         "Profile name too long (max 64 chars)"},
        {REPO, "invalid profile!", "A",
         "Profile name must contain only alphanumeric, dash, or underscore"},
        {REPO, "p", "", "Encrypted secrets cannot be empty"},
        {"{\"System\":\"Other\"}", "p", "A", "Failed to deserialize input from JSON."},
        {"{\"Repo\":{\"repo\":\"r\"},\"System\":\"PaymentKey\"}", "p", "A",
         "Failed to deserialize input from JSON."},
    };
    bench *b = open_new();
    OL_EACH (it, cases)
        CALL_FAILS(b, "alice.near", TENTH, "store_secrets",
                   store(b, it->accessor, it->profile, it->ciphertext), it->error);
    bench_close(b);
}

TEST("K76: a wasm hash has one spelling, in lower case")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets",
            store(b,
                  "{\"WasmHash\":{\"hash\":"
                  "\"CDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCDCD\"}}",
                  "prod", "AAAA"));
    ol_str got = VIEW(b, "get_secrets", of(b, WASM, "prod", "alice.near"));
    CHECK_STR(bench_member(b, got, "accessor"), OL_STR(WASM));
    CALL_OK(b, "alice.near", 0, "delete_secrets", "{\"accessor\":" WASM ",\"profile\":\"prod\"}");
    bench_close(b);
}

TEST("K77: a payment key's profile is its nonce")
{
    bench *b = open_new();
    CALL_FAILS(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "0", "A"),
               "Payment key nonce 0 is reserved.");
    CALL_FAILS(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "2147483648", "A"),
               "Payment key nonce is too large (maximum 2147483647)");
    CALL_FAILS(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "abc", "A"),
               "A payment key's profile is its nonce and must be a number");
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "1", "A"));
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "2147483647", "A"));
    CHECK_STR(VIEW(b, "get_next_payment_key_nonce", "{\"account_id\":\"alice.near\"}"),
              OL_STR("2147483648"));
    bench_close(b);
}

TEST("K78: a nonce has one spelling, and a key is written once")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "007", "A"));
    CHECK_STR(VIEW(b, "secrets_exist", of(b, SYSTEM, "7", "alice.near")), OL_STR("true"));
    CHECK_STR(VIEW(b, "secrets_exist", of(b, SYSTEM, "+7", "alice.near")), OL_STR("true"));
    CHECK_STR(VIEW(b, "get_next_payment_key_nonce", "{\"account_id\":\"alice.near\"}"),
              OL_STR("8"));
    CALL_FAILS(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "7", "B"),
               "Payment key already exists for this nonce.");
    CHECK_HAS(bench_last(b)->error, OL_STR("A payment key cannot be rewritten"), "K78");
    bench_close(b);
}

TEST("K79: a new payment key is announced with amount 0, and nothing is yielded")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "1", "CIPHER"));
    CHECK_STR(bench_event(b, "system_event"),
              OL_STR("{\"TopUpPaymentKey\":{\"data_id\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
                     "0,0,0,0,0,0,0,0,0,0,0],\"owner\":\"alice.near\",\"nonce\":1,\"amount\":\"0\","
                     "\"encrypted_data\":\"CIPHER\"}}"));
    CHECK_EQ(bench_yields(b), 0);
    bench_close(b);
}

TEST("K80: a profile of 64 hex digits belongs to the account of that name")
{
    bench *b = open_new();
    CALL_FAILS(b, "alice.near", TENTH, "store_secrets", store(b, REPO, HASH64, "A"),
               "A profile of 64 hex characters names an AGENT");
    CALL_OK(b, HASH64, TENTH, "store_secrets", store(b, REPO, HASH64, "A"));
    CALL_OK(
        b, "alice.near", TENTH, "store_secrets",
        store(b, REPO, "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "A"));
    bench_close(b);
}

TEST("K81: a larger ciphertext needs a larger deposit")
{
    bench *b = open_new();
    CALL_FAILS(
        b, "alice.near", AMT("2319999999999999999999"), "store_secrets",
        store(b, REPO, "default", "base64encodeddata"),
        "Insufficient storage deposit. Required: 2320000000000000000000 yoctoNEAR, attached: "
        "2319999999999999999999 yoctoNEAR");
    CALL_OK(b, "alice.near", AMT("2320000000000000000000"), "store_secrets",
            store(b, REPO, "default", "base64encodeddata"));
    CALL_FAILS(b, "alice.near", 0, "store_secrets",
               store(b, REPO, "default", "base64encodeddata1234"),
               "Insufficient deposit for update. Required: 2360000000000000000000 yoctoNEAR, "
               "available (attached 0 + old 2320000000000000000000): 2320000000000000000000");
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", TENTH, "store_secrets",
            store(b, REPO, "default", "base64encodeddata1234"));
    CHECK(bench_balance(b, "alice.near") == before - AMT("40000000000000000000"));
    bench_close(b);
}

/* How often `text` stands in `in`. */
static size_t count(ol_str in, ol_str text)
{
    size_t found = 0;
    size_t at;
    while (ol_str_find(in, text, &at)) {
        found++;
        in = ol_str_slice(in, at + text.len, in.len);
    }
    return found;
}

TEST("K82: secrets are listed in pages that tile the set")
{
    bench *b = open_new();
    for (int i = 0; i < 7; i++)
        CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, REPO, J(b, "p%d", i), "A"));
    static const size_t SIZES[] = {3, 3, 1};
    unsigned seen = 0;
    for (unsigned page = 0; page < OL_COUNT(SIZES); page++) {
        ol_str got =
            VIEW(b, "list_user_secrets",
                 J(b, "{\"account_id\":\"alice.near\",\"from_index\":%u,\"limit\":3}", page * 3));
        CHECK_EQ(count(got, OL_STR("\"profile\"")), SIZES[page]);
        for (unsigned i = 0; i < 7; i++)
            seen += (unsigned)count(got, ol_str_of(J(b, "\"p%u\"", i))) << (4 * i);
    }
    CHECK_EQ(seen, 0x1111111);
    CHECK_STR(VIEW(b, "list_user_secrets", "{\"account_id\":\"alice.near\",\"from_index\":99}"),
              OL_STR("[]"));
    CHECK_EQ(count(VIEW(b, "list_user_secrets", "{\"account_id\":\"alice.near\"}"),
                   OL_STR("\"profile\"")),
             7);
    CHECK_STR(VIEW(b, "list_profiles", "{\"_repo\":\"r\"}"), OL_STR("[]"));
    bench_close(b);
}

TEST("K83: nothing is deleted or changed where there is nothing")
{
    bench *b = open_new();
    CALL_FAILS(b, "alice.near", 0, "delete_secrets", "{\"accessor\":" REPO ",\"profile\":\"p\"}",
               "Secrets not found");
    CALL_FAILS(b, "alice.near", 0, "update_access",
               "{\"accessor\":" REPO ",\"profile\":\"p\",\"new_access\":\"AllowAll\"}",
               "Secrets not found");
    bench_close(b);
}

TEST("K84: a deletion refunds what was recorded and leaves the others alone")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, REPO, "one", "AAAA"));
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, WASM, "two", "BBBBBB"));
    ol_str two = VIEW(b, "get_secrets", of(b, WASM, "two", "alice.near"));
    const char *kept = J(b, "%.*s", OL_FMT(two));
    ol_str one = VIEW(b, "get_secrets", of(b, REPO, "one", "alice.near"));
    CHECK_STR(bench_member(b, one, "storage_deposit"), OL_STR("\"2150000000000000000000\""));
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", 0, "delete_secrets", "{\"accessor\":" REPO ",\"profile\":\"one\"}");
    CHECK(bench_balance(b, "alice.near") == before + AMT("2150000000000000000000"));
    CHECK_STR(VIEW(b, "get_secrets", of(b, REPO, "one", "alice.near")), OL_STR("null"));
    CHECK_STR(VIEW(b, "get_secrets", of(b, WASM, "two", "alice.near")), ol_str_of(kept));
    CALL_OK(b, "alice.near", 0, "delete_secrets", "{\"accessor\":" WASM ",\"profile\":\"two\"}");
    bench_close(b);
}

TEST("secrets that come and go leave no record behind")
{
    bench *b = open_new();
    int64_t usage = bench_storage_usage(b);
    size_t records = bench_records(b);
    for (int i = 0; i < 9; i++)
        CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, REPO, J(b, "p%d", i), "A"));
    static const int ORDER[] = {4, 0, 8, 1, 7, 2, 6, 3, 5};
    OL_EACH (it, ORDER)
        CALL_OK(b, "alice.near", 0, "delete_secrets",
                J(b, "{\"accessor\":" REPO ",\"profile\":\"p%d\"}", *it));
    CHECK_EQ(bench_storage_usage(b), usage);
    CHECK_EQ(bench_records(b), records);
    bench_close(b);
}

TEST("the next nonce follows the highest that exists, whatever came and went")
{
    static const struct {
        const char *stored;
        const char *deleted;
        const char *next;
    } steps[] = {
        {"3", NULL, "4"},
        {"300", NULL, "301"},
        {"70000", NULL, "70001"},
        {"5", NULL, "70001"},
        {NULL, "300", "70001"},
        {NULL, "70000", "6"},
        {"255", NULL, "256"},
        {"256", NULL, "257"},
        {NULL, "256", "256"},
        {NULL, "255", "6"},
        {"20000000", NULL, "20000001"},
        {NULL, "5", "20000001"},
        {NULL, "20000000", "4"},
        {NULL, "3", "1"},
    };
    bench *b = open_new();
    size_t records = bench_records(b);
    CHECK_STR(VIEW(b, "get_next_payment_key_nonce", "{\"account_id\":\"alice.near\"}"),
              OL_STR("1"));
    OL_EACH (it, steps) {
        if (it->stored) {
            CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, it->stored, "A"));
        } else {
            CALL_OK(b, "alice.near", 1, "delete_payment_key", J(b, "{\"nonce\":%s}", it->deleted));
            size_t newest = bench_yields(b) - 1;
            const uint8_t *id = bench_yield_at(b, newest)->data_id;
            char hex[65] = {0};
            for (int i = 0; i < 32; i++) {
                hex[2 * i] = "0123456789abcdef"[id[i] >> 4];
                hex[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
            }
            CALL_OK(b, "op.near", 0, "resume_delete_payment_key",
                    J(b, "{\"data_id\":\"%s\",\"result\":\"Success\"}", hex));
            CHECK(bench_run_yield(b, newest)->ok);
        }
        CHECK_STR_ROW(VIEW(b, "get_next_payment_key_nonce", "{\"account_id\":\"alice.near\"}"),
                      ol_str_of(it->next), it->next);
    }
    CHECK_EQ(bench_records(b), records);
    bench_close(b);
}

/* --- Contract 11, vaults -------------------------------------------------------------------------
 */

TEST("K121: a vault binding outlives an update, is paid for, and unbinding ends it")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets",
            "{\"accessor\":" REPO ",\"profile\":\"p\",\"encrypted_secrets_base64\":\"AAAA\","
            "\"access\":\"AllowAll\",\"vault_id\":\"vault.near\"}");
    ol_str bound = VIEW(b, "get_secret_with_vault", of(b, REPO_MAIN, "p", "alice.near"));
    CHECK_STR(bench_member(b, bound, "vault_id"), OL_STR("\"vault.near\""));
    /* K = 6+24 + 4+1 + 4+10 = 49; V = 4+4 + 10+10 + 32 = 60; 40+49+60+64 + 40+49+68 = 370 */
    CHECK_STR(bench_member(b, bound, "profile.storage_deposit"),
              OL_STR("\"3700000000000000000000\""));
    CALL_OK(b, "alice.near", 0, "store_secrets", store(b, REPO, "p", "AAAA"));
    CHECK_STR(VIEW(b, "get_secret_vault", of(b, REPO, "p", "alice.near")),
              OL_STR("\"vault.near\""));
    CHECK_STR(
        bench_member(b, VIEW(b, "get_secrets", of(b, REPO, "p", "alice.near")), "storage_deposit"),
        OL_STR("\"3700000000000000000000\""));
    CALL_FAILS(b, "bob.near", 0, "unbind_secret_vault", "{\"accessor\":" REPO ",\"profile\":\"p\"}",
               "secret not found or not owned by caller");
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", 0, "unbind_secret_vault", "{\"accessor\":" REPO ",\"profile\":\"p\"}");
    CALL_OK(b, "alice.near", 0, "unbind_secret_vault", "{\"accessor\":" REPO ",\"profile\":\"p\"}");
    CHECK(bench_balance(b, "alice.near") == before + AMT("1570000000000000000000"));
    CHECK_STR(VIEW(b, "get_secret_vault", of(b, REPO, "p", "alice.near")), OL_STR("null"));
    CHECK_STR(VIEW(b, "get_secret_with_vault", of(b, WASM, "p", "alice.near")),
              OL_STR("{\"profile\":null,\"vault_id\":null}"));
    bench_close(b);
}

/* --- Contract 16 ---------------------------------------------------------------------------------
 */

TEST("KF6: a payment key is not deleted as a secret")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, SYSTEM, "1", "A"));
    CALL_FAILS(b, "alice.near", 0, "delete_secrets", "{\"accessor\":" SYSTEM ",\"profile\":\"1\"}",
               "delete_payment_key");
    CHECK_STR(VIEW(b, "secrets_exist", of(b, SYSTEM, "1", "alice.near")), OL_STR("true"));
    bench_close(b);
}

TEST("KF7: a condition that grows is paid for, one that shrinks refunds")
{
    static const char GROWN[] = "{\"accessor\":" REPO ",\"profile\":\"p\",\"new_access\":"
                                "{\"Whitelist\":{\"accounts\":[\"bob.near\"]}}}";
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, REPO, "p", "AAAA"));
    CALL_FAILS(b, "alice.near", 0, "update_access", GROWN,
               "Insufficient deposit for update. Required: 2420000000000000000000");
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", TENTH, "update_access", GROWN);
    CHECK(bench_balance(b, "alice.near") == before - AMT("290000000000000000000"));
    CHECK_STR(bench_member(b, VIEW(b, "get_secrets", of(b, REPO, "p", "alice.near")), "access"),
              OL_STR("{\"Whitelist\":{\"accounts\":[\"bob.near\"]}}"));
    CALL_OK(b, "alice.near", 0, "update_access",
            "{\"accessor\":" REPO ",\"profile\":\"p\",\"new_access\":\"AllowAll\"}");
    CHECK(bench_balance(b, "alice.near") == before);
    bench_close(b);
}

TEST("KF8: storing the same again pays nothing back and keeps the time of creation")
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, REPO, "p", "AAAA"));
    uint64_t created = bench_now(b);
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", 0, "store_secrets", store(b, REPO, "p", "BBBB"));
    CHECK(bench_balance(b, "alice.near") == before);
    ol_str got = VIEW(b, "get_secrets", of(b, REPO, "p", "alice.near"));
    CHECK_STR(bench_member(b, got, "created_at"),
              ol_str_of(J(b, "%llu", (unsigned long long)created)));
    CHECK_STR(bench_member(b, got, "encrypted_secrets"), OL_STR("\"BBBB\""));
    CHECK(created < bench_now(b));
    bench_close(b);
}

TEST("KF22: a payment key too large for its event is refused before it is stored")
{
    bench *b = open_new();
    static char big[12002];
    for (size_t i = 0; i < sizeof big - 1; i++)
        big[i] = 'A';
    CALL_FAILS(b, "alice.near", TENTH * 10, "store_secrets", store(b, SYSTEM, "1", big),
               "Encrypted payment key too large");
    big[12000] = 0;
    CALL_OK(b, "alice.near", TENTH * 10, "store_secrets", store(b, SYSTEM, "1", big));
    for (size_t i = 0; i < 12000; i += 2)
        big[i] = '\\', big[i + 1] = '"'; /* each pair is one quote, two bytes in the event */
    big[12000] = 0;
    CALL_OK(b, "alice.near", TENTH * 10, "store_secrets", store(b, SYSTEM, "2", big));
    bench_close(b);
}

static uint64_t gas_of_storing(bench *b, const char *who)
{
    return CALL_OK(b, who, TENTH, "store_secrets", store(b, REPO, "default", "AAAA"))->gas_burnt;
}

TEST("KF24: what a call costs does not depend on how much there is")
{
    bench *b = open_new();
    (void)VIEW(b, "get_config", "{}");
    uint64_t view = bench_last(b)->gas_burnt;
    uint64_t first = gas_of_storing(b, "dave.near");
    CALL_OK(b, "owner.near", 0, "set_subscription_plans",
            "{\"plans\":[{\"index\":0,\"name\":\"Pro\",\"price_usd\":\"1\",\"active\":true},"
            "{\"index\":1,\"name\":\"Max\",\"price_usd\":\"2\",\"active\":true}]}");
    for (int i = 0; i < 60; i++) {
        CALL_OK(b, "alice.near", TENTH, "store_secrets", store(b, REPO, J(b, "p%d", i), "A"));
        CALL_OK(b, "alice.near", TENTH, "create_project",
                J(b,
                  "{\"name\":\"p%d\",\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":"
                  "\"00\"}}}",
                  i));
    }
    CHECK_EQ(gas_of_storing(b, "erin.near"), first);
    (void)VIEW(b, "get_config", "{}");
    CHECK_EQ(bench_last(b)->gas_burnt, view);
    bench_close(b);
}
