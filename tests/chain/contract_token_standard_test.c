/* The token for tests and local networks: NEP-141, NEP-145, NEP-148; and the scripted swap. */
#include "tests/chain/contract_bench.h"

#define PRICE AMT("1250000000000000000000")

static bench *open_token(bool wraps)
{
    bench *b = bench_open("token", "usdc.near");
    CALL_OK(b, "owner.near", 0, "new",
            J(b,
              "{\"owner_id\":\"owner.near\",\"name\":\"USD Coin\",\"symbol\":\"USDC\","
              "\"decimals\":6,\"wraps_near\":%s}",
              wraps ? "true" : "false"));
    return b;
}

/* alice holds 1000, bob is registered. */
static bench *open_funded(void)
{
    bench *b = open_token(false);
    CALL_OK(b, "owner.near", 0, "mint", "{\"account_id\":\"alice.near\",\"amount\":\"1000\"}");
    CALL_OK(b, "bob.near", PRICE, "storage_deposit", "{}");
    return b;
}

static ol_str balance(bench *b, const char *account)
{
    return VIEW(b, "ft_balance_of", J(b, "{\"account_id\":\"%s\"}", account));
}

static void check_log(bench *b, const char *text)
{
    const bench_outcome *last = bench_last(b);
    CHECK_EQ(last->log_count, 1);
    CHECK_STR(last->logs[0], ol_str_of(text));
}

TEST("the token tells its metadata and works once it is initialised")
{
    bench *b = bench_open("token", "usdc.near");
    CALL_FAILS(b, "alice.near", PRICE, "storage_deposit", "{}", "The contract is not initialized");
    bench_close(b);
    b = open_token(false);
    CHECK_STR(VIEW(b, "ft_metadata", "{}"),
              OL_STR("{\"spec\":\"ft-1.0.0\",\"name\":\"USD Coin\",\"symbol\":\"USDC\",\"icon\":"
                     "null,\"reference\":null,\"reference_hash\":null,\"decimals\":6}"));
    CALL_FAILS(b, "owner.near", 0, "new",
               "{\"owner_id\":\"eve.near\",\"name\":\"x\",\"symbol\":\"x\",\"decimals\":1}",
               "Already initialized");
    CHECK_STR(VIEW(b, "ft_total_supply", "{}"), OL_STR("\"0\""));
    bench_close(b);
}

TEST("only the owner mints, and the supply follows")
{
    bench *b = open_token(false);
    CALL_FAILS(b, "alice.near", 0, "mint", "{\"account_id\":\"alice.near\",\"amount\":\"5\"}",
               "Only the owner mints");
    CALL_OK(b, "owner.near", 0, "mint", "{\"account_id\":\"alice.near\",\"amount\":\"5\"}");
    check_log(b, "EVENT_JSON:{\"standard\":\"nep141\",\"version\":\"1.0.0\",\"event\":\"ft_mint\","
                 "\"data\":[{\"owner_id\":\"alice.near\",\"amount\":\"5\"}]}");
    CALL_FAILS(
        b, "owner.near", 0, "mint",
        "{\"account_id\":\"bob.near\",\"amount\":\"340282366920938463463374607431768211455\"}",
        "Total supply overflow");
    CHECK_STR(VIEW(b, "ft_total_supply", "{}"), OL_STR("\"5\""));
    bench_close(b);
}

TEST("a transfer moves tokens between registered accounts and says so")
{
    bench *b = open_funded();
    CALL_OK(b, "alice.near", 1, "ft_transfer",
            "{\"receiver_id\":\"bob.near\",\"amount\":\"300\",\"memo\":\"rent\"}");
    check_log(b, "EVENT_JSON:{\"standard\":\"nep141\",\"version\":\"1.0.0\",\"event\":"
                 "\"ft_transfer\",\"data\":[{\"old_owner_id\":\"alice.near\",\"new_owner_id\":"
                 "\"bob.near\",\"amount\":\"300\",\"memo\":\"rent\"}]}");
    CHECK_STR(balance(b, "alice.near"), OL_STR("\"700\""));
    CHECK_STR(balance(b, "bob.near"), OL_STR("\"300\""));
    CHECK_STR(balance(b, "carol.near"), OL_STR("\"0\""));
    bench_close(b);
}

TEST("a transfer is refused by its first fault")
{
    static const struct {
        const char *who;
        unsigned deposit;
        const char *arguments;
        const char *error;
    } cases[] = {
        {"alice.near", 0, "{\"receiver_id\":\"bob.near\",\"amount\":\"1\"}",
         "Requires attached deposit of exactly 1 yoctoNEAR"},
        {"alice.near", 2, "{\"receiver_id\":\"bob.near\",\"amount\":\"1\"}",
         "Requires attached deposit of exactly 1 yoctoNEAR"},
        {"alice.near", 1, "{\"receiver_id\":\"alice.near\",\"amount\":\"1\"}",
         "Sender and receiver should be different"},
        {"alice.near", 1, "{\"receiver_id\":\"bob.near\",\"amount\":\"0\"}",
         "The amount should be a positive number"},
        {"alice.near", 1, "{\"receiver_id\":\"bob.near\",\"amount\":\"1001\"}",
         "The account doesn't have enough balance"},
        {"alice.near", 1, "{\"receiver_id\":\"carol.near\",\"amount\":\"1\"}",
         "The account carol.near is not registered"},
        {"carol.near", 1, "{\"receiver_id\":\"bob.near\",\"amount\":\"1\"}",
         "The account carol.near is not registered"},
        {"alice.near", 1, "{\"receiver_id\":\"BOB\",\"amount\":\"1\"}",
         "Failed to deserialize input from JSON."},
    };
    bench *b = open_funded();
    OL_EACH (it, cases)
        CALL_FAILS(b, it->who, it->deposit, "ft_transfer", it->arguments, it->error);
    CHECK_STR(balance(b, "alice.near"), OL_STR("\"1000\""));
    bench_close(b);
}

#define RESOLVE "{\"sender_id\":\"alice.near\",\"receiver_id\":\"bob.near\",\"amount\":\"300\"}"

static void transfer_call(bench *b)
{
    CALL_OK(b, "alice.near", 1, "ft_transfer_call",
            "{\"receiver_id\":\"bob.near\",\"amount\":\"300\",\"msg\":\"{\\\"a\\\":1}\"}");
    CHECK_EQ(bench_promises(b), 2);
    const bench_promise *told = bench_promise_at(b, 0);
    CHECK_STR(told->receiver, OL_STR("bob.near"));
    CHECK_STR(told->method, OL_STR("ft_on_transfer"));
    CHECK_STR(told->arguments, OL_STR("{\"sender_id\":\"alice.near\",\"amount\":\"300\",\"msg\":"
                                      "\"{\\\"a\\\":1}\"}"));
    CHECK(told->deposit == 0);
    CHECK_STR(balance(b, "bob.near"), OL_STR("\"300\""));
}

TEST("a transfer with a call takes back what the receiver did not use")
{
    static const struct {
        bool ok;
        const char *answer;
        const char *used;
        const char *alice;
    } cases[] = {
        {true, "\"0\"", "\"300\"", "\"700\""},   {true, "\"100\"", "\"200\"", "\"800\""},
        {true, "\"9999\"", "\"0\"", "\"1000\""}, {true, "nonsense", "\"0\"", "\"1000\""},
        {true, "", "\"0\"", "\"1000\""},         {false, "", "\"0\"", "\"1000\""},
    };
    OL_EACH (it, cases) {
        bench *b = open_funded();
        transfer_call(b);
        const bench_outcome *settled = bench_run_callback(b, 1, it->ok, ol_str_of(it->answer));
        CHECK_STR_ROW(settled->value, ol_str_of(it->used), it->answer);
        CHECK_STR_ROW(balance(b, "alice.near"), ol_str_of(it->alice), it->answer);
        CHECK_STR(VIEW(b, "ft_total_supply", "{}"), OL_STR("\"1000\""));
        bench_close(b);
    }
}

TEST("what the receiver has spent by then does not come back")
{
    bench *b = open_funded();
    CALL_OK(b, "carol.near", PRICE, "storage_deposit", "{}");
    transfer_call(b);
    CALL_OK(b, "bob.near", 1, "ft_transfer", "{\"receiver_id\":\"carol.near\",\"amount\":\"250\"}");
    const bench_outcome *settled =
        bench_callback(b, "ft_resolve_transfer", RESOLVE, false, OL_STR(""));
    CHECK_STR(settled->value, OL_STR("\"250\""));
    CHECK_STR(balance(b, "alice.near"), OL_STR("\"750\""));
    CHECK_STR(balance(b, "bob.near"), OL_STR("\"0\""));
    bench_close(b);
}

TEST("what cannot return to a sender who left is burnt")
{
    bench *b = open_funded();
    transfer_call(b);
    CALL_OK(b, "alice.near", 1, "storage_unregister", "{\"force\":true}");
    CHECK_STR(VIEW(b, "ft_total_supply", "{}"), OL_STR("\"300\""));
    const bench_outcome *settled =
        bench_callback(b, "ft_resolve_transfer", RESOLVE, false, OL_STR(""));
    CHECK_STR(settled->value, OL_STR("\"300\""));
    CHECK_STR(VIEW(b, "ft_total_supply", "{}"), OL_STR("\"0\""));
    CALL_FAILS(b, "eve.near", 0, "ft_resolve_transfer",
               "{\"sender_id\":\"a.near\",\"receiver_id\":\"b.near\",\"amount\":\"1\"}",
               "is private");
    bench_close(b);
}

TEST("storage is paid once, refunded when it was paid, and released")
{
    bench *b = open_token(false);
    ol_u128 before = bench_balance(b, "bob.near");
    CHECK_STR(VIEW(b, "storage_balance_bounds", "{}"),
              OL_STR("{\"min\":\"1250000000000000000000\",\"max\":\"1250000000000000000000\"}"));
    CHECK_STR(VIEW(b, "storage_balance_of", "{\"account_id\":\"bob.near\"}"), OL_STR("null"));
    CALL_FAILS(b, "bob.near", PRICE - 1, "storage_deposit", "{}",
               "The attached deposit is less than the minimum storage balance");
    CALL_OK(b, "carol.near", PRICE + 9, "storage_deposit",
            "{\"account_id\":\"bob.near\",\"registration_only\":true}");
    CHECK_STR(VIEW(b, "storage_balance_of", "{\"account_id\":\"bob.near\"}"),
              OL_STR("{\"total\":\"1250000000000000000000\",\"available\":\"0\"}"));
    CALL_OK(b, "bob.near", PRICE, "storage_deposit", "{}");
    CHECK(bench_balance(b, "bob.near") == before);
    CALL_FAILS(b, "bob.near", 1, "storage_withdraw", "{\"amount\":\"1\"}",
               "The amount is greater than the available storage balance");
    CALL_OK(b, "owner.near", 0, "mint", "{\"account_id\":\"bob.near\",\"amount\":\"5\"}");
    CALL_FAILS(b, "bob.near", 1, "storage_unregister", "{}",
               "Can't unregister the account with the positive balance without force");
    CHECK_STR(CALL_OK(b, "bob.near", 1, "storage_unregister", "{\"force\":true}")->value,
              OL_STR("true"));
    CHECK(bench_balance(b, "bob.near") == before + PRICE);
    CHECK_STR(CALL_OK(b, "bob.near", 1, "storage_unregister", "{}")->value, OL_STR("false"));
    bench_close(b);
}

TEST("NEAR is wrapped and unwrapped one to one")
{
    bench *b = open_token(true);
    CALL_OK(b, "alice.near", PRICE + 1000, "near_deposit", "{}");
    CHECK_STR(balance(b, "alice.near"), OL_STR("\"1000\""));
    CALL_OK(b, "alice.near", 500, "near_deposit", "{}");
    CHECK_STR(balance(b, "alice.near"), OL_STR("\"1500\""));
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", 1, "near_withdraw", "{\"amount\":\"1500\"}");
    CHECK(bench_balance(b, "alice.near") == before + 1500);
    CALL_FAILS(b, "alice.near", 1, "near_withdraw", "{\"amount\":\"1\"}",
               "The account doesn't have enough balance");
    CHECK_STR(VIEW(b, "ft_total_supply", "{}"), OL_STR("\"0\""));
    bench_close(b);
    b = open_token(false);
    CALL_FAILS(b, "alice.near", PRICE + 1000, "near_deposit", "{}",
               "This token does not wrap NEAR");
    bench_close(b);
}

TEST("the swap pays at its rate when its operator says so")
{
    bench *b = bench_open("swap", "swap.near");
    CALL_OK(b, "owner.near", 0, "new",
            "{\"operator_id\":\"op.near\",\"token_in\":\"wrap.near\",\"token_out\":\"usdc.near\","
            "\"rate_in\":\"1000000000000000000000000\",\"rate_out\":\"3000000\"}");
    static const char SWAP[] = "{\"amount_in\":\"20000000000000000000000\",\"receiver_id\":"
                               "\"outlayer.near\",\"msg\":\"m\"}";
    CALL_FAILS(b, "eve.near", 0, "swap", SWAP, "Only the operator swaps");
    CALL_OK(b, "op.near", 0, "swap", SWAP);
    const bench_promise *paid = bench_promise_at(b, 0);
    CHECK_STR(paid->receiver, OL_STR("usdc.near"));
    CHECK_STR(paid->method, OL_STR("ft_transfer_call"));
    CHECK_STR(paid->arguments,
              OL_STR("{\"receiver_id\":\"outlayer.near\",\"amount\":\"60000\",\"msg\":\"m\"}"));
    CHECK_STR(bench_member(b, VIEW(b, "get_swap", "{}"), "token_in"), OL_STR("\"wrap.near\""));
    bench_close(b);
}
