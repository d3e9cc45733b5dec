/* The example client and the example of the host library: contracts that users copy. */
#include "tests/chain/contract_bench.h"

static ol_u128 milli_near(unsigned n)
{
    return (ol_u128)n * 1000000000000000000u * 1000;
}

static bench *open_game(void)
{
    bench *b = bench_open("coin_flip", "game.near");
    CALL_OK(b, "game.near", 0, "new",
            "{\"outlayer\":\"outlayer.near\",\"project\":\"alice.near/coin-flip\"}");
    return b;
}

/* alice bets 0.1 NEAR and pays 0.02 for the run, which OutLayer holds from now on. */
static void bet(bench *b)
{
    CALL_OK(b, "alice.near", milli_near(120), "flip", "{\"choice\":\"heads\"}");
    CHECK_EQ(bench_promises(b), 2);
}

/* What alice has more than at the beginning, by milliNEAR. */
static int64_t alice_won(const bench *b)
{
    ol_i128 now = (ol_i128)bench_balance(b, "alice.near");
    ol_i128 then = (ol_i128)bench_balance(b, "nobody.near");
    return (int64_t)((now - then) / (ol_i128)milli_near(1));
}

TEST("a flip asks OutLayer for a run and waits for its answer")
{
    bench *b = open_game();
    bet(b);
    const bench_promise *asked = bench_promise_at(b, 0);
    CHECK_STR(asked->receiver, OL_STR("outlayer.near"));
    CHECK_STR(asked->method, OL_STR("request_execution"));
    CHECK(asked->deposit == milli_near(20));
    CHECK_STR(asked->arguments,
              OL_STR("{\"source\":{\"Project\":{\"project_id\":\"alice.near/coin-flip\"}},"
                     "\"resource_limits\":{\"max_instructions\":1000000000,\"max_memory_mb\":128,"
                     "\"max_execution_seconds\":10},\"input_data\":\"{\\\"choice\\\":\\\"heads\\\"}"
                     "\",\"response_format\":\"Json\",\"payer_account_id\":\"alice.near\"}"));
    const bench_promise *told = bench_promise_at(b, 1);
    CHECK_STR(told->method, OL_STR("on_flip"));
    CHECK_EQ(told->after, 0);
    CHECK(bench_last(b)->returned_promise);
    CHECK_EQ(bench_last(b)->promise, 1);
    bench_close(b);
}

TEST("OutLayer takes the request as the game sends it")
{
    bench *game = open_game();
    bet(game);
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\"}");
    CALL_OK(b, "alice.near", milli_near(1000), "create_project",
            "{\"name\":\"coin-flip\",\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":"
            "\"abababababababababababababababababababababababababababababababab\"}}}");
    ol_str arguments = bench_promise_at(game, 0)->arguments;
    CHECK(bench_call(b, "game.near", "alice.near", milli_near(20), "request_execution", arguments)
              ->ok);
    CALL_OK(b, "owner.near", 0, "resolve_execution",
            "{\"request_id\":0,\"response\":{\"success\":true,\"output\":{\"Json\":{\"choice\":"
            "\"heads\",\"side\":\"heads\",\"won\":true}},\"resources_used\":{\"instructions\":1,"
            "\"time_ms\":1}}}");
    const bench_outcome *answer = bench_run_yield(b, 0);
    CHECK(answer->ok);
    const bench_outcome *end = bench_run_callback(game, 1, true, answer->value);
    CHECK(end->ok);
    CHECK_STR(end->value, answer->value);
    bench_close(b);
    bench_close(game);
}

TEST("a lost stake goes into the pot, a win takes it out")
{
    bench *b = open_game();
    bet(b);
    CHECK(bench_run_callback(b, 1, true, OL_STR("{\"won\":false}"))->ok);
    CHECK_EQ(alice_won(b), -120);
    CHECK_STR(VIEW(b, "pot", "{}"), OL_STR("\"100000000000000000000000\""));
    bet(b);
    CHECK(bench_run_callback(b, 1, true, OL_STR("{\"won\":true}"))->ok);
    CHECK_EQ(alice_won(b), -40); /* both runs were paid for, both stakes are back */
    CHECK_STR(VIEW(b, "pot", "{}"), OL_STR("\"0\""));
    bet(b);
    CHECK(bench_run_callback(b, 1, true, OL_STR("{\"won\":true}"))->ok);
    CHECK_EQ(alice_won(b), -60); /* the pot is empty: the stake alone */
    bench_close(b);
}

TEST("a run that failed or expired returns the stake")
{
    static const char *const answers[] = {"null", "\"what\"", "{\"won\":1}", "{}", "not json"};
    OL_EACH (answer, answers) {
        bench *b = open_game();
        bet(b);
        const bench_outcome *end = bench_run_callback(b, 1, true, ol_str_of(*answer));
        CHECK_ROW(end->ok, *answer);
        CHECK_STR(end->value, OL_STR("null"));
        CHECK_EQ(alice_won(b), -20);
        bench_close(b);
    }
}

TEST("a request that was refused returns everything")
{
    bench *b = open_game();
    bet(b);
    bench_set_balance(b, "game.near", bench_balance(b, "game.near") + milli_near(20));
    CHECK(bench_run_callback(b, 1, false, OL_STR(""))->ok);
    CHECK_EQ(alice_won(b), 0);
    CHECK(bench_balance(b, "game.near") == bench_balance(b, "nobody.near"));
    bench_close(b);
}

TEST("the game refuses what it cannot play")
{
    bench *b = open_game();
    CALL_FAILS(b, "alice.near", milli_near(120), "flip", "{\"choice\":\"edge\"}", "heads or tails");
    CALL_FAILS(b, "alice.near", milli_near(20) - 1, "flip", "{\"choice\":\"heads\"}",
               "Attach at least 0.02 NEAR");
    CALL_FAILS(b, "alice.near", 0, "on_flip", "", "Method on_flip is private");
    CALL_FAILS(b, "alice.near", 0, "new", "{}", "already been initialized");
    bench_close(b);
}

TEST("the host library's example counts, charges and gives change")
{
    bench *b = bench_open("example_counter", "counter.near");
    CALL_OK(b, "alice.near", milli_near(3), "raise", "{\"by\":3}");
    CHECK_STR(bench_last(b)->value, OL_STR("3"));
    CALL_OK(b, "alice.near", milli_near(1), "raise", "{}");
    CHECK_STR(VIEW(b, "value", "{\"account_id\":\"alice.near\"}"), OL_STR("4"));
    CHECK_STR(VIEW(b, "value", "{\"account_id\":\"bob.near\"}"), OL_STR("0"));
    CHECK_EQ(alice_won(b), -2);
    CALL_FAILS(b, "alice.near", 0, "raise", "{}", "Attach at least 0.001 NEAR");
    CALL_FAILS(b, "alice.near", milli_near(1), "raise", "{\"by\":-1}", "expected u32");
    VIEW_FAILS(b, "value", "{\"account_id\":\"A\"}", "account_id is no account");
    bench_close(b);
}
