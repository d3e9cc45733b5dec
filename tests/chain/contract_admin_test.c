/* Setup, administration and cost (Contract 15, first two tables; 10, 6). */
#include "tests/chain/contract_bench.h"

static const char NEW[] = "{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}";

static bench *open_new(void)
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", NEW);
    return b;
}

TEST("K1: new sets owner, operator, metadata and counts nothing yet")
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\"}");
    CHECK_STR(VIEW(b, "get_config", "{}"), OL_STR("[\"owner.near\",\"owner.near\"]"));
    CHECK_STR(VIEW(b, "get_event_metadata", "{}"), OL_STR("[\"near-outlayer\",\"1.0.0\"]"));
    CHECK_STR(VIEW(b, "get_stats", "{}"), OL_STR("[0,\"0\"]"));
    CHECK_STR(VIEW(b, "get_payment_token_contract", "{}"), OL_STR("null"));
    bench_close(b);
}

TEST("K2: new works once")
{
    bench *b = open_new();
    CALL_FAILS(b, "owner.near", 0, "new", NEW, "already been initialized");
    bench_close(b);
}

TEST("K3: nothing works before new")
{
    bench *b = bench_open("outlayer", "outlayer.near");
    VIEW_FAILS(b, "is_paused", "{}", "not initialized");
    CALL_FAILS(b, "alice.near", 0, "set_paused", "{\"paused\":true}", "not initialized");
    bench_close(b);
}

TEST("K4: the prices new sets")
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "get_pricing", "{}"),
              OL_STR("[\"1000000000000000000000\",\"100000000000000\",\"100000000000000000\","
                     "\"100000000000000000\"]"));
    bench_close(b);
}

TEST("K5: only the owner sets the operator")
{
    bench *b = open_new();
    CALL_FAILS(b, "alice.near", 0, "set_operator", "{\"new_operator_id\":\"eve.near\"}",
               "Only owner can call this method");
    CALL_OK(b, "owner.near", 0, "set_operator", "{\"new_operator_id\":\"op2.near\"}");
    CHECK_STR(VIEW(b, "get_config", "{}"), OL_STR("[\"owner.near\",\"op2.near\"]"));
    bench_close(b);
}

TEST("K6: set_pricing changes only the prices that are given")
{
    bench *b = open_new();
    CALL_OK(b, "owner.near", 0, "set_pricing", "{\"base_fee\":\"20000000000000000000000\"}");
    CHECK_STR(VIEW(b, "get_pricing", "{}"),
              OL_STR("[\"20000000000000000000000\",\"100000000000000\",\"100000000000000000\","
                     "\"100000000000000000\"]"));
    bench_close(b);
}

TEST("K7: an amount is a decimal string, not a number")
{
    bench *b = open_new();
    CALL_FAILS(b, "owner.near", 0, "set_pricing", "{\"base_fee\":5}",
               "Failed to deserialize input from JSON.");
    bench_close(b);
}

TEST("K8: a method that is not payable refuses a deposit")
{
    bench *b = open_new();
    CALL_FAILS(b, "owner.near", 1, "set_paused", "{\"paused\":true}",
               "Method set_paused doesn't accept deposit");
    CHECK(bench_balance(b, "owner.near") == bench_balance(b, "nobody.near"));
    bench_close(b);
}

TEST("K9: the callback of a yield is private")
{
    bench *b = open_new();
    CALL_FAILS(b, "alice.near", 0, "on_execution_response", "{\"request_id\":0}",
               "Method on_execution_response is private");
    bench_close(b);
}

TEST("K15: an estimate without limits takes the default ones")
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "estimate_execution_cost", "{}"), OL_STR("\"7000100000000000000000\""));
    CHECK_STR(VIEW(b, "estimate_execution_cost", "{\"resource_limits\":null}"),
              OL_STR("\"7000100000000000000000\""));
    CHECK_STR(VIEW(b, "estimate_execution_cost", ""), OL_STR("\"7000100000000000000000\""));
    bench_close(b);
}

TEST("K16: an estimate at both caps")
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "estimate_execution_cost",
                   "{\"resource_limits\":{\"max_instructions\":500000000000,"
                   "\"max_execution_seconds\":180}}"),
              OL_STR("\"19050000000000000000000\""));
    bench_close(b);
}

TEST("a zero limit counts as zero")
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "estimate_execution_cost",
                   "{\"resource_limits\":{\"max_instructions\":0,\"max_execution_seconds\":0}}"),
              OL_STR("\"1000000000000000000000\""));
    bench_close(b);
}

TEST("an argument object: unknown keys pass, duplicates and trailing bytes do not")
{
    bench *b = open_new();
    CALL_OK(b, "owner.near", 0, "set_paused", "{\"paused\":true,\"else\":[1,{}]}");
    CHECK_STR(VIEW(b, "is_paused", "{}"), OL_STR("true"));
    CALL_FAILS(b, "owner.near", 0, "set_paused", "{\"paused\":true,\"paused\":false}",
               "Failed to deserialize input from JSON. Error: `duplicate field `paused`");
    CALL_FAILS(b, "owner.near", 0, "set_paused", "{\"paused\":true}x",
               "Failed to deserialize input from JSON.");
    CALL_FAILS(b, "owner.near", 0, "set_paused", "{}",
               "Failed to deserialize input from JSON. Error: `missing field `paused`");
    CALL_FAILS(b, "owner.near", 0, "set_paused", "[true]", "Failed to deserialize");
    CALL_FAILS(b, "owner.near", 0, "set_operator", "{\"new_operator_id\":\"Eve\"}",
               "Failed to deserialize");
    bench_close(b);
}

TEST("general views answer as the specification writes them")
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "get_pricing_full", "{}"),
              OL_STR("{\"base_fee\":\"1000000000000000000000\","
                     "\"per_million_instructions_fee\":\"100000000000000\","
                     "\"per_ms_fee\":\"100000000000000000\","
                     "\"per_compile_ms_fee\":\"100000000000000000\",\"base_fee_usd\":\"1000\","
                     "\"per_million_instructions_fee_usd\":\"1\",\"per_sec_fee_usd\":\"1\","
                     "\"per_compile_ms_fee_usd\":\"10\"}"));
    CHECK_STR(VIEW(b, "get_max_limits", "{}"), OL_STR("[500000000000,180,300]"));
    CHECK_STR(VIEW(b, "get_storage_version", "{}"), OL_STR("\"1\""));
    CHECK_HAS(VIEW(b, "contract_source_metadata", "{}"),
              OL_STR("\"standards\":[{\"standard\":\"nep330\",\"version\":\"1.3.0\"}]"),
              "metadata");
    CALL_OK(b, "owner.near", 0, "set_event_metadata", "{\"version\":\"1.1.0\"}");
    CHECK_STR(VIEW(b, "get_event_metadata", "{}"), OL_STR("[\"near-outlayer\",\"1.1.0\"]"));
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract", "{\"token_contract\":\"usdc.near\"}");
    CHECK_STR(VIEW(b, "get_payment_token_contract", "{}"), OL_STR("\"usdc.near\""));
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract", "{\"token_contract\":null}");
    CHECK_STR(VIEW(b, "get_payment_token_contract", "{}"), OL_STR("null"));
    bench_close(b);
}

TEST("migrate keeps what is stored and is the contract's own")
{
    bench *b = open_new();
    CALL_FAILS(b, "owner.near", 0, "migrate", "{}", "Method migrate is private");
    CALL_OK(b, "outlayer.near", 0, "migrate", "{}");
    CHECK_STR(VIEW(b, "get_config", "{}"), OL_STR("[\"owner.near\",\"op.near\"]"));
    bench_close(b);
}

TEST("KF18: a new owner takes over only by accepting")
{
    bench *b = open_new();
    CALL_OK(b, "owner.near", 0, "set_owner", "{\"new_owner_id\":\"next.near\"}");
    CHECK_STR(VIEW(b, "get_config", "{}"), OL_STR("[\"owner.near\",\"op.near\"]"));
    CALL_FAILS(b, "eve.near", 0, "accept_owner", "{}", "Only the account named by set_owner");
    CALL_OK(b, "next.near", 0, "accept_owner", "{}");
    CHECK_STR(VIEW(b, "get_config", "{}"), OL_STR("[\"next.near\",\"op.near\"]"));
    CALL_FAILS(b, "owner.near", 0, "set_paused", "{\"paused\":true}", "Only owner can call");
    CALL_FAILS(b, "next.near", 0, "accept_owner", "{}", "Only the account named by set_owner");
    bench_close(b);
}

TEST("KF20: the real window is published, and the cap can follow it")
{
    bench *b = open_new();
    CHECK_STR(VIEW(b, "get_policy", "{}"),
              OL_STR("{\"charge_failures\":false,\"compile_estimate_ms\":0,"
                     "\"max_execution_seconds\":180,\"yield_blocks\":200}"));
    CALL_FAILS(b, "owner.near", 0, "set_policy", "{\"max_execution_seconds\":181}", "at most 180");
    CALL_OK(b, "owner.near", 0, "set_policy", "{\"max_execution_seconds\":100}");
    ol_str policy = VIEW(b, "get_policy", "{}");
    CHECK_STR(bench_member(b, policy, "max_execution_seconds"), OL_STR("100"));
    bench_close(b);
}
