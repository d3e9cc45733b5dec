/* Payments in the token and payment keys (Contract 6; 15, K85 to K96), and what Contract 16 mends.
 */
#include "tests/chain/contract_bench.h"

#define TENTH AMT("100000000000000000000000")
#define CENT AMT("10000000000000000000000")

static bench *open_new(void)
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}");
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract", "{\"token_contract\":\"usdc.near\"}");
    return b;
}

static void store_key(bench *b, const char *nonce, const char *ciphertext)
{
    CALL_OK(b, "alice.near", TENTH, "store_secrets",
            J(b,
              "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"%s\","
              "\"encrypted_secrets_base64\":\"%s\",\"access\":\"AllowAll\"}",
              nonce, ciphertext));
}

static bench *open_with_key(void)
{
    bench *b = open_new();
    store_key(b, "5", "OLD");
    return b;
}

static ol_str key_data(bench *b)
{
    ol_str got = VIEW(b, "get_secrets",
                      "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"5\","
                      "\"owner\":\"alice.near\"}");
    return got.len > 4 ? bench_member(b, got, "encrypted_secrets") : got;
}

static const char *transfer(bench *b, const char *amount, const char *msg)
{
    return J(b, "{\"sender_id\":\"alice.near\",\"amount\":\"%s\",\"msg\":\"%s\"}", amount, msg);
}

#define DEPOSIT "{\\\"action\\\":\\\"deposit_balance\\\"}"
#define TOP_UP "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":5}"

static const char *newest_id(bench *b)
{
    const uint8_t *id = bench_yield_at(b, bench_yields(b) - 1)->data_id;
    char hex[65] = {0};
    for (int i = 0; i < 32; i++) {
        hex[2 * i] = "0123456789abcdef"[id[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
    }
    return J(b, "%s", hex);
}

static const bench_outcome *run_newest(bench *b)
{
    return bench_run_yield(b, bench_yields(b) - 1);
}

static ol_str balance(bench *b)
{
    return VIEW(b, "get_user_stablecoin_balance", "{\"account_id\":\"alice.near\"}");
}

TEST("K85: only the configured token pays")
{
    bench *b = open_new();
    CALL_FAILS(b, "evil.near", 0, "ft_on_transfer", transfer(b, "1000000", DEPOSIT),
               "Invalid token contract. Expected: usdc.near, got: evil.near");
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract", "{\"token_contract\":null}");
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "1000000", DEPOSIT),
               "Payment token contract not configured");
    bench_close(b);
}

TEST("K86: a message that says nothing sends the token back")
{
    static const char *const MESSAGES[] = {
        "hello",
        "",
        "{}",
        "{\\\"action\\\":\\\"steal\\\"}",
        "{\\\"action\\\":\\\"top_up_payment_key\\\"}",
        "{\\\"action\\\":\\\"buy_subscription\\\",\\\"nonce\\\":1}",
        "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":-1}",
        "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":1,\\\"owner\\\":\\\"A\\\"}",
    };
    bench *b = open_new();
    OL_EACH (it, MESSAGES)
        CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "1000000", *it),
                   "Invalid msg format.");
    bench_close(b);
}

TEST("K87: a deposit is credited to its sender and nothing goes back")
{
    bench *b = open_new();
    CHECK_STR(CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "1000000", DEPOSIT))->value,
              OL_STR("\"0\""));
    CHECK_STR(balance(b), OL_STR("\"1000000\""));
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "5", DEPOSIT));
    CHECK_STR(balance(b), OL_STR("\"1000005\""));
    bench_close(b);
}

TEST("K88: a top-up has a minimum and needs its key")
{
    bench *b = open_with_key();
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "9999", TOP_UP),
               "Minimum top-up is $0.01 (10000 minimal units)");
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer",
               transfer(b, "10000", "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":6}"),
               "Payment key not found. Create it first with store_secrets()");
    bench_close(b);
}

TEST("K89: a top-up the worker confirmed replaces the ciphertext and keeps the token")
{
    bench *b = open_with_key();
    const bench_outcome *asked =
        CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    CHECK(asked->returned_promise && (asked->promise & BENCH_YIELD_BIT) != 0);
    ol_str event = bench_event(b, "system_event");
    CHECK_STR(bench_member(b, event, "TopUpPaymentKey.amount"), OL_STR("\"20000\""));
    CHECK_STR(bench_member(b, event, "TopUpPaymentKey.nonce"), OL_STR("5"));
    CHECK_STR(bench_member(b, event, "TopUpPaymentKey.owner"), OL_STR("\"alice.near\""));
    CHECK_STR(bench_member(b, event, "TopUpPaymentKey.encrypted_data"), OL_STR("\"OLD\""));
    CALL_OK(b, "op.near", 0, "resume_topup",
            J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"NEW\"}}}",
              newest_id(b)));
    CHECK_STR(run_newest(b)->value, OL_STR("\"0\""));
    CHECK_STR(key_data(b), OL_STR("\"NEW\""));
    CHECK_STR(VIEW(b, "get_revenue", "{}"), OL_STR("\"20000\""));
    bench_close(b);
}

TEST("K90: a top-up that failed or expired gives the token back")
{
    bench *b = open_with_key();
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    CALL_OK(b, "op.near", 0, "resume_topup",
            J(b, "{\"data_id\":\"%s\",\"result\":{\"Error\":{\"message\":\"no\"}}}", newest_id(b)));
    CHECK_STR(run_newest(b)->value, OL_STR("\"20000\""));
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "30000", TOP_UP));
    CHECK_STR(bench_expire_yield(b, bench_yields(b) - 1)->value, OL_STR("\"30000\""));
    CHECK_STR(key_data(b), OL_STR("\"OLD\""));
    CHECK_STR(VIEW(b, "get_revenue", "{}"), OL_STR("\"0\""));
    bench_close(b);
}

TEST("K91: deleting a payment key takes a yocto and a key")
{
    bench *b = open_with_key();
    CALL_FAILS(b, "alice.near", 0, "delete_payment_key", "{\"nonce\":5}",
               "Requires attached deposit of at least 1 yoctoNEAR");
    CALL_FAILS(b, "alice.near", 1, "delete_payment_key", "{\"nonce\":6}",
               "Payment key not found: owner=alice.near, nonce=6");
    bench_close(b);
}

TEST("K92: a key goes with its deposit when the worker is done with it, else it stays")
{
    bench *b = open_with_key();
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", 1, "delete_payment_key", "{\"nonce\":5}");
    ol_str event = bench_event(b, "system_event");
    CHECK_STR(bench_member(b, event, "DeletePaymentKey.nonce"), OL_STR("5"));
    CHECK_STR(bench_member(b, event, "DeletePaymentKey.owner"), OL_STR("\"alice.near\""));
    CALL_OK(
        b, "op.near", 0, "resume_delete_payment_key",
        J(b, "{\"data_id\":\"%s\",\"result\":{\"Error\":{\"message\":\"busy\"}}}", newest_id(b)));
    CHECK(run_newest(b)->ok);
    CHECK_STR(key_data(b), OL_STR("\"OLD\""));
    CALL_OK(b, "alice.near", 1, "delete_payment_key", "{\"nonce\":5}");
    CHECK(bench_expire_yield(b, bench_yields(b) - 1)->ok);
    CHECK_STR(key_data(b), OL_STR("\"OLD\""));

    CALL_OK(b, "alice.near", 1, "delete_payment_key", "{\"nonce\":5}");
    CALL_OK(b, "op.near", 0, "resume_delete_payment_key",
            J(b, "{\"data_id\":\"%s\",\"result\":\"Success\"}", newest_id(b)));
    CHECK(run_newest(b)->ok);
    CHECK_STR(key_data(b), OL_STR("null"));
    /* 40 + 2+4+1+4+10 + 4+3+10+10+32 + 64 = 184 bytes; three yocto were attached */
    CHECK(bench_balance(b, "alice.near") == before + AMT("1840000000000000000000") - 3);
    bench_close(b);
}

TEST("K93: there must be earnings to withdraw")
{
    bench *b = open_new();
    CALL_FAILS(b, "alice.near", 0, "withdraw_developer_earnings", "{}",
               "Requires attached deposit of at least 1 yoctoNEAR");
    CALL_FAILS(b, "alice.near", 1, "withdraw_developer_earnings", "{}", "No earnings to withdraw");
    bench_close(b);
}

/* Gives alice 7000 of earnings: bob runs her project and attaches them. */
static void earn(bench *b)
{
    CALL_OK(
        b, "alice.near", TENTH, "create_project",
        "{\"name\":\"app\",\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":\"00\"}}}");
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer",
            "{\"sender_id\":\"bob.near\",\"amount\":\"7000\",\"msg\":\"" DEPOSIT "\"}");
    CALL_OK(b, "bob.near", CENT, "request_execution",
            "{\"source\":{\"Project\":{\"project_id\":\"alice.near/app\"}},\"resource_limits\":{},"
            "\"params\":{\"attached_usd\":\"7000\"}}");
    CALL_OK(b, "op.near", 0, "resolve_execution",
            "{\"request_id\":0,\"response\":{\"success\":true,\"output\":null,\"error\":null,"
            "\"resources_used\":{\"instructions\":1,\"time_ms\":1,\"compile_time_ms\":null},"
            "\"compilation_note\":null,\"refund_usd\":null}}");
    CHECK(run_newest(b)->ok);
    CHECK_STR(VIEW(b, "get_developer_earnings", "{\"account_id\":\"alice.near\"}"),
              OL_STR("\"7000\""));
}

TEST("K94: earnings whose transfer failed are there again")
{
    bench *b = open_new();
    earn(b);
    CALL_OK(b, "alice.near", 1, "withdraw_developer_earnings", "");
    CHECK_EQ(bench_promises(b), 2);
    const bench_promise *sent = bench_promise_at(b, 0);
    CHECK_STR(sent->receiver, OL_STR("usdc.near"));
    CHECK_STR(sent->method, OL_STR("ft_transfer"));
    CHECK_STR(sent->arguments, OL_STR("{\"receiver_id\":\"alice.near\",\"amount\":\"7000\","
                                      "\"memo\":\"Developer earnings withdrawal\"}"));
    CHECK(sent->deposit == 1 && sent->gas == 10000000000000u);
    CHECK_STR(VIEW(b, "get_developer_earnings", "{\"account_id\":\"alice.near\"}"),
              OL_STR("\"0\""));
    CHECK(bench_run_callback(b, 1, false, OL_STR(""))->ok);
    CHECK_STR(VIEW(b, "get_developer_earnings", "{\"account_id\":\"alice.near\"}"),
              OL_STR("\"7000\""));
    CALL_OK(b, "alice.near", 1, "withdraw_developer_earnings", "{}");
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    CALL_FAILS(b, "alice.near", 1, "withdraw_developer_earnings", "{}", "No earnings to withdraw");
    bench_close(b);
}

TEST("K95: only the operator resumes payment keys, by a data id of 32 bytes")
{
    bench *b = open_new();
    CALL_FAILS(b, "alice.near", 0, "resume_topup", "{\"data_id\":\"00\",\"result\":\"Success\"}",
               "Only operator can resume topup");
    CALL_FAILS(b, "alice.near", 0, "resume_delete_payment_key",
               "{\"data_id\":\"00\",\"result\":\"Success\"}",
               "Only operator can resume delete_payment_key");
    CALL_FAILS(b, "op.near", 0, "resume_delete_payment_key",
               "{\"data_id\":\"zz\",\"result\":\"Success\"}", "Invalid data_id hex");
    CALL_FAILS(b, "op.near", 0, "resume_delete_payment_key",
               "{\"data_id\":\"0011\",\"result\":\"Success\"}", "Invalid data_id length");
    CALL_FAILS(b, "op.near", 0, "resume_topup", "{\"data_id\":\"00\",\"result\":\"Success\"}",
               "Failed to deserialize input from JSON.");
    bench_close(b);
}

TEST("K96: a top-up with NEAR has a minimum, an existing key, and a swap the owner allows")
{
    bench *b = open_with_key();
    CALL_FAILS(b, "alice.near", 2 * CENT - 1, "top_up_payment_key_with_near",
               "{\"nonce\":5,\"swap_contract_id\":\"swap.near\"}",
               "Minimum deposit is 10000000000000000000000 yoctoNEAR (0.01 NEAR) + "
               "10000000000000000000000 yoctoNEAR (execution cost), got 19999999999999999999999 "
               "yoctoNEAR");
    CALL_FAILS(b, "alice.near", 2 * CENT, "top_up_payment_key_with_near",
               "{\"nonce\":6,\"swap_contract_id\":\"swap.near\"}", "Payment key not found.");
    CALL_FAILS(b, "alice.near", 2 * CENT, "top_up_payment_key_with_near",
               "{\"nonce\":5,\"swap_contract_id\":\"swap.near\"}", "swap.near is not allowed");
    CALL_OK(b, "owner.near", 0, "set_pricing", "{\"base_fee\":\"2000000000000000000000\"}");
    CALL_FAILS(b, "alice.near", 2 * CENT, "top_up_payment_key_with_near",
               "{\"nonce\":5,\"swap_contract_id\":\"swap.near\"}", "must cover base_fee");
    CALL_FAILS(b, "alice.near", 0, "top_up_payment_key_with_token",
               "{\"nonce\":5,\"token_id\":\"t.near\",\"amount\":\"1\",\"swap_contract_id\":"
               "\"swap.near\"}",
               "top_up_payment_key_with_token is disabled");
    bench_close(b);
}

/* --- Contract 16 ---------------------------------------------------------------------------------
 */

TEST("KF3: a resume that reaches nobody fails")
{
    bench *b = open_with_key();
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    const char *late =
        J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"NEW\"}}}",
          newest_id(b));
    CHECK(bench_expire_yield(b, bench_yields(b) - 1)->ok);
    CALL_FAILS(b, "op.near", 0, "resume_topup", late, "Unable to resume");
    CALL_OK(b, "alice.near", 1, "delete_payment_key", "{\"nonce\":5}");
    const char *gone = J(b, "{\"data_id\":\"%s\",\"result\":\"Success\"}", newest_id(b));
    CHECK(bench_expire_yield(b, bench_yields(b) - 1)->ok);
    CALL_FAILS(b, "op.near", 0, "resume_delete_payment_key", gone, "Unable to resume");
    CHECK_STR(key_data(b), OL_STR("\"OLD\""));
    bench_close(b);
}

TEST("KF4: one top-up of a key at a time")
{
    bench *b = open_with_key();
    store_key(b, "6", "SIX");
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "30000", TOP_UP),
               "Another top-up of this payment key is in flight");
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer",
            transfer(b, "30000", "{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":6}"));
    CHECK_STR(bench_expire_yield(b, 0)->value, OL_STR("\"20000\""));
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "30000", TOP_UP));
    bench_close(b);
}

TEST("KF4: a top-up that outlives its key does not touch a new key of the same nonce")
{
    bench *b = open_with_key();
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    size_t top_up = bench_yields(b) - 1;
    const char *answer =
        J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"NEW\"}}}",
          newest_id(b));
    CALL_OK(b, "alice.near", 1, "delete_payment_key", "{\"nonce\":5}");
    CALL_OK(b, "op.near", 0, "resume_delete_payment_key",
            J(b, "{\"data_id\":\"%s\",\"result\":\"Success\"}", newest_id(b)));
    CHECK(run_newest(b)->ok);
    store_key(b, "5", "OTHER");
    CALL_OK(b, "op.near", 0, "resume_topup", answer);
    CHECK_STR(bench_run_yield(b, top_up)->value, OL_STR("\"20000\""));
    CHECK_STR(key_data(b), OL_STR("\"OTHER\""));
    bench_close(b);
}

TEST("KF22: a ciphertext longer than a resume waits in state and leaves it again")
{
    static const size_t SIZES[] = {1022, 1023, 1024, 5000};
    bench *b = open_with_key();
    size_t records = bench_records(b);
    OL_EACH (it, SIZES) {
        static char text[5001];
        for (size_t i = 0; i < *it; i++)
            text[i] = (char)('a' + i % 26);
        text[*it] = 0;
        CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
        const char *answer =
            J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"%s\"}}}",
              newest_id(b), text);
        CALL_OK(b, "op.near", 0, "resume_topup", answer);
        CHECK_STR(run_newest(b)->value, OL_STR("\"0\""));
        CHECK_STR(key_data(b), ol_str_of(J(b, "\"%s\"", text)));
    }
    CHECK_EQ(bench_records(b), records + 1); /* revenue */
    /* One that expired after it was parked is dropped. */
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    static char longer[2001];
    for (size_t i = 0; i < 2000; i++)
        longer[i] = 'x';
    CALL_OK(b, "op.near", 0, "resume_topup",
            J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"%s\"}}}",
              newest_id(b), longer));
    CHECK_STR(bench_expire_yield(b, bench_yields(b) - 1)->value, OL_STR("\"20000\""));
    CHECK_EQ(bench_records(b), records + 1);
    bench_close(b);
}

TEST("KF22: a ciphertext that no event could carry is not taken from the operator")
{
    static char text[12002];
    bench *b = open_with_key();
    for (size_t i = 0; i < 12001; i++)
        text[i] = 'x';
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    CALL_FAILS(b, "op.near", 0, "resume_topup",
               J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"%s\"}}}",
                 newest_id(b), text),
               "new_encrypted_data must have 1 to 12000 bytes");
    CALL_FAILS(b, "op.near", 0, "resume_topup",
               J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"\"}}}",
                 newest_id(b)),
               "new_encrypted_data must have 1 to 12000 bytes");
    CHECK_STR(bench_expire_yield(b, bench_yields(b) - 1)->value, OL_STR("\"20000\""));
    bench_close(b);
}

TEST("KF14: a user takes a deposited balance out again")
{
    bench *b = open_new();
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "1000", DEPOSIT));
    CALL_FAILS(b, "alice.near", 0, "withdraw_balance", "{}", "at least 1 yoctoNEAR");
    CALL_FAILS(b, "alice.near", 1, "withdraw_balance", "{\"amount\":\"1001\"}",
               "Insufficient stablecoin balance to withdraw");
    CALL_OK(b, "alice.near", 1, "withdraw_balance",
            "{\"amount\":\"400\",\"receiver_id\":\"bob.near\"}");
    CHECK_STR(bench_promise_at(b, 0)->arguments,
              OL_STR("{\"receiver_id\":\"bob.near\",\"amount\":\"400\",\"memo\":"
                     "\"Balance withdrawal\"}"));
    CHECK_STR(balance(b), OL_STR("\"600\""));
    CHECK(bench_run_callback(b, 1, false, OL_STR(""))->ok);
    CHECK_STR(balance(b), OL_STR("\"1000\""));
    CALL_OK(b, "alice.near", 1, "withdraw_balance", "{}");
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    CHECK_STR(balance(b), OL_STR("\"0\""));
    CALL_FAILS(b, "eve.near", 0, "on_withdraw_developer_earnings", "{}", "is private");
    bench_close(b);
}

TEST("KF14: another payment token does not re-denominate what is owed")
{
    bench *b = open_new();
    earn(b);
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "1000", DEPOSIT));
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract",
            "{\"token_contract\":\"other.near\"}");
    CHECK_STR(balance(b), OL_STR("\"0\""));
    CALL_FAILS(b, "alice.near", 1, "withdraw_developer_earnings", "{}", "No earnings to withdraw");
    CHECK_STR(VIEW(b, "get_user_stablecoin_balance",
                   "{\"account_id\":\"alice.near\",\"token\":\"usdc.near\"}"),
              OL_STR("\"1000\""));
    CHECK_STR(VIEW(b, "get_developer_earnings",
                   "{\"account_id\":\"alice.near\",\"token\":\"usdc.near\"}"),
              OL_STR("\"7000\""));
    CALL_OK(b, "alice.near", 1, "withdraw_developer_earnings", "{\"token\":\"usdc.near\"}");
    CHECK_STR(bench_promise_at(b, 0)->receiver, OL_STR("usdc.near"));
    CALL_OK(b, "other.near", 0, "ft_on_transfer", transfer(b, "5", DEPOSIT));
    CHECK_STR(balance(b), OL_STR("\"5\""));
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract", "{\"token_contract\":\"usdc.near\"}");
    CHECK_STR(balance(b), OL_STR("\"1000\""));
    bench_close(b);
}

TEST("KF14: the owner takes revenue out, nobody else")
{
    bench *b = open_with_key();
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer", transfer(b, "20000", TOP_UP));
    CALL_OK(b, "op.near", 0, "resume_topup",
            J(b, "{\"data_id\":\"%s\",\"result\":{\"Success\":{\"new_encrypted_data\":\"NEW\"}}}",
              newest_id(b)));
    CHECK_STR(run_newest(b)->value, OL_STR("\"0\""));
    CALL_FAILS(b, "alice.near", 1, "withdraw_revenue", "{}", "Only owner can call this method");
    CALL_OK(b, "owner.near", 1, "withdraw_revenue", "{\"amount\":\"15000\"}");
    CHECK(bench_run_callback(b, 1, false, OL_STR(""))->ok);
    CHECK_STR(VIEW(b, "get_revenue", "{}"), OL_STR("\"20000\""));
    CALL_OK(b, "owner.near", 1, "withdraw_revenue", "{\"amount\":\"15000\"}");
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    CHECK_STR(VIEW(b, "get_revenue", "{}"), OL_STR("\"5000\""));
    bench_close(b);
}

/* --- Top-up with NEAR ----------------------------------------------------------------------------
 */

static bench *open_with_swap(void)
{
    bench *b = open_with_key();
    CALL_OK(b, "owner.near", 0, "set_near_top_up",
            "{\"wrap_contract\":\"wrap.test.near\",\"project_id\":\"pub.near/swap\","
            "\"secrets_account\":\"pub.near\",\"swap_contracts\":[\"swap.near\"]}");
    CALL_OK(
        b, "pub.near", TENTH, "create_project",
        "{\"name\":\"swap\",\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":\"00\"}}}");
    return b;
}

#define NEAR_TOP_UP "{\"nonce\":5,\"swap_contract_id\":\"swap.near\"}"
#define ORDER                                                                                      \
    "{\"owner\":\"alice.near\",\"nonce\":5,\"token_id\":\"wrap.test.near\","                       \
    "\"amount\":\"20000000000000000000000\",\"swap_contract_id\":\"swap.near\"}"

TEST("KF15: NEAR is wrapped, sent, and a request asks for the swap with all that was kept")
{
    bench *b = open_with_swap();
    CALL_OK(b, "alice.near", 3 * CENT, "top_up_payment_key_with_near", NEAR_TOP_UP);
    const bench_promise *wrapped = bench_promise_at(b, 0);
    CHECK_STR(wrapped->receiver, OL_STR("wrap.test.near"));
    CHECK_STR(wrapped->method, OL_STR("near_deposit"));
    CHECK(wrapped->deposit == 2 * CENT);
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    const bench_promise *sent = bench_promise_at(b, 0);
    CHECK_STR(sent->method, OL_STR("ft_transfer"));
    CHECK_STR(sent->arguments, OL_STR("{\"receiver_id\":\"swap.near\",\"amount\":"
                                      "\"20000000000000000000000\"}"));
    CHECK(sent->deposit == 1);
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    const bench_promise *request = bench_promise_at(b, 0);
    CHECK_STR(request->receiver, OL_STR("outlayer.near"));
    CHECK_STR(request->method, OL_STR("request_execution"));
    CHECK(request->deposit == CENT - 1);
    const char *arguments = J(b, "%.*s", OL_FMT(request->arguments));
    CHECK(bench_call(b, "outlayer.near", "alice.near", CENT - 1, "request_execution",
                     ol_str_of(arguments))
              ->ok);
    ol_str pending = VIEW(b, "get_request", "{\"request_id\":0}");
    CHECK_STR(bench_member(b, pending, "payer_account_id"), OL_STR("\"alice.near\""));
    CHECK_STR(bench_member(b, pending, "response_format"), OL_STR("\"Json\""));
    CHECK_STR(bench_member(b, pending, "secrets_ref"),
              OL_STR("{\"profile\":\"intents-swap\",\"account_id\":\"pub.near\"}"));
    bench_close(b);
}

TEST("KF15: NEAR that could not be wrapped goes back whole")
{
    bench *b = open_with_swap();
    CALL_OK(b, "alice.near", 3 * CENT, "top_up_payment_key_with_near", NEAR_TOP_UP);
    bench_set_balance(b, "outlayer.near", bench_balance(b, "outlayer.near") + 2 * CENT);
    ol_u128 before = bench_balance(b, "alice.near");
    CHECK(bench_run_callback(b, 1, false, OL_STR(""))->ok);
    CHECK(bench_balance(b, "alice.near") == before + 3 * CENT);
    bench_close(b);
}

TEST("KF15: wrapped NEAR that could not be sent is unwrapped and goes back")
{
    bench *b = open_with_swap();
    CALL_OK(b, "alice.near", 3 * CENT, "top_up_payment_key_with_near", NEAR_TOP_UP);
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    CHECK(bench_run_callback(b, 1, false, OL_STR(""))->ok);
    const bench_promise *unwrap = bench_promise_at(b, 0);
    CHECK_STR(unwrap->method, OL_STR("near_withdraw"));
    CHECK_STR(unwrap->arguments, OL_STR("{\"amount\":\"20000000000000000000000\"}"));
    bench_set_balance(b, "outlayer.near", bench_balance(b, "outlayer.near") + 2 * CENT);
    ol_u128 before = bench_balance(b, "alice.near");
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    CHECK(bench_balance(b, "alice.near") == before + 3 * CENT - 1);
    CALL_FAILS(b, "alice.near", 0, "on_wrapped_sent", ORDER, "is private");
    CALL_FAILS(b, "alice.near", 0, "set_near_top_up", "{\"swap_contracts\":[]}",
               "Only owner can call this method");
    bench_close(b);
}

TEST("KF15: the reserve of a swap that could not be asked for goes back")
{
    bench *b = open_with_swap();
    CALL_OK(b, "alice.near", 3 * CENT, "top_up_payment_key_with_near", NEAR_TOP_UP);
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    const bench_promise *then = bench_promise_at(b, 1);
    CHECK_STR(then->method, OL_STR("on_swap_asked"));
    /* The request was refused: its deposit came back to the contract. */
    bench_set_balance(b, "outlayer.near", bench_balance(b, "outlayer.near") + CENT - 1);
    ol_u128 before = bench_balance(b, "alice.near");
    CHECK(bench_run_callback(b, 1, false, OL_STR(""))->ok);
    CHECK(bench_balance(b, "alice.near") == before + CENT - 1);
    bench_close(b);
}

TEST("KF15: the answer of the swap is the answer of the top-up")
{
    bench *b = open_with_swap();
    CALL_OK(b, "alice.near", 3 * CENT, "top_up_payment_key_with_near", NEAR_TOP_UP);
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    CHECK(bench_run_callback(b, 1, true, OL_STR(""))->ok);
    const bench_outcome *last = bench_run_callback(b, 1, true, OL_STR("{\"swapped\":true}"));
    CHECK(last->ok);
    CHECK_STR(last->value, OL_STR("{\"swapped\":true}"));
    CHECK_EQ(bench_promises(b), 2); /* those of before: nothing is paid */
    bench_close(b);
}
