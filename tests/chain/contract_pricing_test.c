/* Priced projects and subscriptions (Contract 11; 15, K107 to K120), and what Contract 16 mends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/chain/contract_bench.h"

#define TENTH AMT("100000000000000000000000")
#define CENT AMT("10000000000000000000000")
#define APP "{\"project_id\":\"alice.near/app\"}"
#define PRICING                                                                                    \
    "{\"project_id\":\"alice.near/app\",\"pricing\":{\"author_account_id\":\"author.near\","       \
    "\"operations\":[{\"operation\":\"send\",\"price_usd\":\"10000\",\"developer_share_bp\":"      \
    "7000},{\"operation\":\"list\",\"price_usd\":\"0\",\"developer_share_bp\":0}]}}"

static bench *open_new(void)
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}");
    CALL_OK(b, "owner.near", 0, "set_payment_token_contract", "{\"token_contract\":\"usdc.near\"}");
    return b;
}

static void create(bench *b, const char *owner, const char *name)
{
    CALL_OK(b, owner, TENTH, "create_project",
            J(b,
              "{\"name\":\"%s\",\"source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":"
              "\"00\"}}}",
              name));
}

static bench *open_priced(void)
{
    bench *b = open_new();
    create(b, "alice.near", "app");
    CALL_OK(b, "owner.near", 0, "set_project_pricing", PRICING);
    CALL_OK(b, "usdc.near", 0, "ft_on_transfer",
            "{\"sender_id\":\"bob.near\",\"amount\":\"1000000\",\"msg\":"
            "\"{\\\"action\\\":\\\"deposit_balance\\\"}\"}");
    return b;
}

/* A request of bob; `input` is JSON text that is put into a string. */
static const char *request(bench *b, const char *input, const char *attached)
{
    char quoted[600];
    size_t len = 0;
    for (const char *at = input; *at; at++) {
        if (*at == '"' || *at == '\\')
            quoted[len++] = '\\';
        quoted[len++] = *at;
    }
    quoted[len] = 0;
    return J(b,
             "{\"source\":{\"Project\":{\"project_id\":\"alice.near/app\"}},\"resource_limits\":{},"
             "\"input_data\":\"%s\",\"params\":{\"attached_usd\":\"%s\"}}",
             quoted, attached);
}

static void ask(bench *b, const char *input, const char *attached)
{
    CALL_OK(b, "bob.near", CENT, "request_execution", request(b, input, attached));
}

static void refused(bench *b, const char *input, const char *attached, const char *error)
{
    CALL_FAILS(b, "bob.near", CENT, "request_execution", request(b, input, attached), error);
}

/* Resolves the newest request successfully with this refund. */
static void settle(bench *b, unsigned id, const char *refund)
{
    CALL_OK(b, "op.near", 0, "resolve_execution",
            J(b,
              "{\"request_id\":%u,\"response\":{\"success\":true,\"output\":null,\"error\":null,"
              "\"resources_used\":{\"instructions\":1,\"time_ms\":1,\"compile_time_ms\":null},"
              "\"compilation_note\":null,\"refund_usd\":%s}}",
              id, refund));
    CHECK(bench_run_yield(b, bench_yields(b) - 1)->ok);
}

static void check_ledgers(bench *b, const char *bob, const char *author, const char *owner)
{
    CHECK_STR(VIEW(b, "get_user_stablecoin_balance", "{\"account_id\":\"bob.near\"}"),
              ol_str_of(J(b, "\"%s\"", bob)));
    CHECK_STR(VIEW(b, "get_developer_earnings", "{\"account_id\":\"author.near\"}"),
              ol_str_of(J(b, "\"%s\"", author)));
    CHECK_STR(VIEW(b, "get_developer_earnings", "{\"account_id\":\"alice.near\"}"),
              ol_str_of(J(b, "\"%s\"", owner)));
}

TEST("K107: an operation below its price is refused")
{
    bench *b = open_priced();
    refused(
        b, "{\"operation\":\"send\"}", "0",
        "Operation 'send' of 'alice.near/app' costs 10000; attach at least that as attached_usd "
        "(got 0).");
    refused(b, "{\"operation\":\"send\"}", "9999",
            "attach at least that as attached_usd (got 9999)");
    check_ledgers(b, "1000000", "0", "0");
    bench_close(b);
}

TEST("K108: a free operation, spaces around its name, needs nothing attached")
{
    bench *b = open_priced();
    ask(b, "{\"operation\":\" list \"}", "0");
    bench_close(b);
}

TEST("K109: the operation is a text at the top level")
{
    static const char *const INPUTS[] = {
        "{\"op\":\"send\"}",    "{\"operation\":42}",     "{\"input\":{\"operation\":\"send\"}}",
        "{\"operation\":\"\"}", "{\"operation\":\"  \"}", "[\"operation\"]",
        "\"operation\"",
    };
    bench *b = open_priced();
    OL_EACH (it, INPUTS)
        refused(b, *it, "10000",
                "Project 'alice.near/app' is priced per operation. input_data must name "
                "\"operation\" as a non-empty string at the top level.");
    bench_close(b);
}

TEST("K110: the input of a priced project is JSON")
{
    bench *b = open_priced();
    refused(b, "not json", "10000", "input_data must be a JSON object naming \"operation\".");
    refused(b, "", "10000", "input_data must be a JSON object naming \"operation\".");
    CALL_FAILS(b, "bob.near", CENT, "request_execution",
               "{\"source\":{\"Project\":{\"project_id\":\"alice.near/app\"}},"
               "\"resource_limits\":{},\"params\":{\"attached_usd\":\"10000\"}}",
               "JSON object naming");
    bench_close(b);
}

static const char *spaces(bench *b, const char *input)
{
    return J(b,
             "{\"source\":{\"Project\":{\"project_id\":\"alice.near/app\"}},"
             "\"resource_limits\":{},\"input_data\":\"%s\"}",
             input);
}

TEST("K110: a priced project takes inputs of 10,000 bytes")
{
    bench *b = open_priced();
    char *input = malloc(10002);
    memset(input, ' ', 10001);
    input[10001] = 0;
    CALL_FAILS(b, "bob.near", CENT, "request_execution", spaces(b, input),
               "input_data is 10001 bytes; a priced project accepts at most 10000.");
    input[10000] = 0;
    CALL_FAILS(b, "bob.near", CENT, "request_execution", spaces(b, input), "JSON object naming");
    free(input);
    bench_close(b);
}

TEST("K111: an operation that is not sold is refused")
{
    bench *b = open_priced();
    refused(b, "{\"operation\":\"exfiltrate\"}", "10000",
            "Project 'alice.near/app' does not sell operation 'exfiltrate'.");
    bench_close(b);
}

TEST("K112: compiling a priced project names no operation")
{
    bench *b = open_priced();
    CALL_OK(b, "bob.near", CENT, "request_execution",
            "{\"source\":{\"Project\":{\"project_id\":\"alice.near/app\"}}}");
    bench_close(b);
}

TEST("K113: success shares the price and returns the change")
{
    bench *b = open_priced();
    ask(b, "{\"operation\":\"send\"}", "15000");
    check_ledgers(b, "985000", "0", "0");
    settle(b, 0, "null");
    check_ledgers(b, "990000", "7000", "3000");
    bench_close(b);
}

TEST("K114: what the guest returns comes off the price")
{
    bench *b = open_priced();
    ask(b, "{\"operation\":\"send\"}", "15000");
    settle(b, 0, "4000");
    check_ledgers(b, "994000", "4200", "1800");
    ask(b, "{\"operation\":\"send\"}", "15000");
    settle(b, 1, "99999");
    check_ledgers(b, "994000", "4200", "1800");
    bench_close(b);
}

static void price_send(bench *b, const char *price, unsigned bp)
{
    CALL_OK(b, "owner.near", 0, "set_project_pricing",
            J(b,
              "{\"project_id\":\"alice.near/app\",\"pricing\":{\"author_account_id\":"
              "\"author.near\",\"operations\":[{\"operation\":\"send\",\"price_usd\":\"%s\","
              "\"developer_share_bp\":%u}]}}",
              price, bp));
}

TEST("K115: a price raised in flight takes what was attached")
{
    bench *b = open_priced();
    ask(b, "{\"operation\":\"send\"}", "10000");
    price_send(b, "15000", 7000);
    settle(b, 0, "null");
    check_ledgers(b, "990000", "7000", "3000");
    bench_close(b);
}

TEST("K116: a share that does not divide is rounded down for the author")
{
    bench *b = open_priced();
    price_send(b, "15000", 3333);
    ask(b, "{\"operation\":\"send\"}", "15000");
    settle(b, 0, "null");
    check_ledgers(b, "985000", "4999", "10001");
    bench_close(b);
}

TEST("K117: a project removed in flight returns everything to the sender")
{
    bench *b = open_priced();
    ask(b, "{\"operation\":\"send\"}", "10000");
    CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"app\"}");
    settle(b, 0, "null");
    check_ledgers(b, "1000000", "0", "0");
    bench_close(b);
}

TEST("prices are set by the owner, listed, and gone with their project")
{
    bench *b = open_priced();
    size_t records = bench_records(b);
    CHECK_STR(VIEW(b, "get_project_pricing", APP),
              OL_STR("{\"author_account_id\":\"author.near\",\"operations\":[{\"operation\":"
                     "\"send\",\"price_usd\":\"10000\",\"developer_share_bp\":7000},{\"operation\":"
                     "\"list\",\"price_usd\":\"0\",\"developer_share_bp\":0}]}"));
    CHECK_STR(VIEW(b, "get_project_max_price", APP), OL_STR("\"10000\""));
    CHECK_STR(VIEW(b, "get_project_max_price", "{\"project_id\":\"x.near/y\"}"), OL_STR("\"0\""));
    CHECK_STR(VIEW(b, "get_priced_projects", "{}"), OL_STR("[\"alice.near/app\"]"));
    CHECK_STR(VIEW(b, "get_priced_project_count", "{}"), OL_STR("1"));
    CALL_FAILS(b, "alice.near", 0, "set_project_pricing", PRICING,
               "Only owner can call this method");
    CALL_OK(b, "alice.near", 0, "transfer_project",
            "{\"project_name\":\"app\",\"new_owner\":\"carol.near\"}");
    CALL_OK(b, "carol.near", TENTH, "accept_project", APP);
    CHECK_STR(VIEW(b, "get_priced_projects", "{}"), OL_STR("[\"carol.near/app\"]"));
    CHECK_STR(VIEW(b, "get_project_pricing", APP), OL_STR("null"));
    CALL_OK(b, "carol.near", 0, "delete_project", "{\"project_name\":\"app\"}");
    CHECK_STR(VIEW(b, "get_priced_project_count", "{}"), OL_STR("0"));
    CHECK(bench_records(b) < records - 5);
    CALL_OK(b, "owner.near", 0, "remove_project_pricing", APP);
    bench_close(b);
}

TEST("prices are refused by their first fault")
{
    static const struct {
        const char *operations;
        const char *error;
    } cases[] = {
        {"", "no operations priced: use remove_project_pricing"},
        {"{\"operation\":\" \",\"price_usd\":\"1\",\"developer_share_bp\":0}",
         "an operation needs a name"},
        {"{\"operation\":\"a\",\"price_usd\":\"1\",\"developer_share_bp\":10001}",
         "has developer_share_bp 10001 exceeding 10000"},
        {"{\"operation\":\"a\",\"price_usd\":\"1\",\"developer_share_bp\":0},{\"operation\":\"a\","
         "\"price_usd\":\"2\",\"developer_share_bp\":0}",
         "duplicate operation 'a'"},
        {"{\"operation\":\"a\",\"price_usd\":1,\"developer_share_bp\":0}",
         "Failed to deserialize input from JSON."},
    };
    bench *b = open_priced();
    OL_EACH (it, cases)
        CALL_FAILS(b, "owner.near", 0, "set_project_pricing",
                   J(b,
                     "{\"project_id\":\"alice.near/app\",\"pricing\":{\"author_account_id\":"
                     "\"author.near\",\"operations\":[%s]}}",
                     it->operations),
                   it->error);
    CALL_FAILS(b, "owner.near", 0, "set_project_pricing",
               "{\"project_id\":\"x.near/y\",\"pricing\":{\"author_account_id\":\"author.near\","
               "\"operations\":[]}}",
               "Project 'x.near/y' does not exist; register it before pricing it");
    char many[33 * 64] = "";
    size_t len = 0;
    for (int i = 0; i < 33; i++)
        len += (size_t)snprintf(many + len, sizeof many - len,
                                "%s{\"operation\":\"o%d\",\"price_usd\":\"1\","
                                "\"developer_share_bp\":0}",
                                i ? "," : "", i);
    CALL_FAILS(b, "owner.near", 0, "set_project_pricing",
               J(b,
                 "{\"project_id\":\"alice.near/app\",\"pricing\":{\"author_account_id\":"
                 "\"author.near\",\"operations\":[%s]}}",
                 many),
               "at most 32 operations");
    bench_close(b);
}

/* --- Subscriptions -------------------------------------------------------------------------------
 */

#define PLANS(list) "{\"plans\":[" list "]}"
#define PRO "{\"index\":0,\"name\":\"Pro\",\"price_usd\":\"10000000\",\"active\":true}"

static bench *open_with_plan(void)
{
    bench *b = open_new();
    CALL_OK(b, "owner.near", 0, "set_subscription_plans", PLANS(PRO));
    CALL_OK(b, "alice.near", TENTH, "store_secrets",
            "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"1\","
            "\"encrypted_secrets_base64\":\"A\",\"access\":\"AllowAll\"}");
    return b;
}

static const char *buy(bench *b, const char *amount, unsigned nonce, unsigned plan)
{
    return J(b,
             "{\"sender_id\":\"bob.near\",\"amount\":\"%s\",\"msg\":\"{\\\"action\\\":"
             "\\\"buy_subscription\\\",\\\"nonce\\\":%u,\\\"owner\\\":\\\"alice.near\\\","
             "\\\"plan\\\":%u}\"}",
             amount, nonce, plan);
}

TEST("K118: a plan is bought for its price or more, and all of it is kept")
{
    bench *b = open_with_plan();
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", buy(b, "9999999", 1, 0),
               "No plan 0 on sale that 9999999 covers.");
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", buy(b, "60000000", 1, 7),
               "No plan 7 on sale that 60000000 covers.");
    CHECK_STR(CALL_OK(b, "usdc.near", 0, "ft_on_transfer", buy(b, "60000000", 1, 0))->value,
              OL_STR("\"0\""));
    CHECK_STR(bench_event(b, "system_event"),
              OL_STR("{\"SubscriptionPurchased\":{\"owner\":\"alice.near\",\"nonce\":1,\"plan\":0,"
                     "\"paid_usd\":\"60000000\",\"payer\":\"bob.near\"}}"));
    CHECK_STR(VIEW(b, "get_user_stablecoin_balance", "{\"account_id\":\"bob.near\"}"),
              OL_STR("\"0\""));
    CHECK_STR(VIEW(b, "get_user_stablecoin_balance", "{\"account_id\":\"alice.near\"}"),
              OL_STR("\"0\""));
    CHECK_STR(VIEW(b, "get_revenue", "{}"), OL_STR("\"60000000\""));
    bench_close(b);
}

TEST("K119: a subscription is for a key that exists")
{
    bench *b = open_with_plan();
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", buy(b, "60000000", 0, 0),
               "No payment key alice.near:0.");
    bench_close(b);
}

TEST("K120: plans are few, named, priced, and keep their names")
{
    bench *b = open_with_plan();
    char many[17 * 80] = "";
    size_t len = 0;
    for (int i = 0; i < 17; i++)
        len += (size_t)snprintf(many + len, sizeof many - len,
                                "%s{\"index\":%d,\"name\":\"n%d\",\"price_usd\":\"1\",\"active\":"
                                "true}",
                                i ? "," : "", i, i);
    CALL_FAILS(b, "owner.near", 0, "set_subscription_plans", J(b, "{\"plans\":[%s]}", many),
               "at most 16 plans");
    static const struct {
        const char *plans;
        const char *error;
    } cases[] = {
        {PLANS(PRO "," PRO), "duplicate plan index 0"},
        {PLANS("{\"index\":1,\"name\":\" \",\"price_usd\":\"1\",\"active\":true}"),
         "a plan needs a name"},
        {PLANS("{\"index\":1,\"name\":\"x\",\"price_usd\":\"0\",\"active\":true}"), "has no price"},
        {PLANS("{\"index\":0,\"name\":\"Max\",\"price_usd\":\"1\",\"active\":true}"),
         "may not be repointed at"},
    };
    OL_EACH (it, cases)
        CALL_FAILS(b, "owner.near", 0, "set_subscription_plans", it->plans, it->error);
    CALL_FAILS(b, "alice.near", 0, "set_subscription_plans", PLANS(PRO),
               "Only owner can call this method");
    CHECK_STR(VIEW(b, "get_subscription_plans", "{}"), OL_STR("[" PRO "]"));
    bench_close(b);
}

/* --- Contract 16 ---------------------------------------------------------------------------------
 */

TEST("KF16: an operation named twice is refused")
{
    bench *b = open_priced();
    refused(b, "{\"operation\":\"list\",\"operation\":\"send\"}", "10000",
            "input_data names \"operation\" twice.");
    refused(b, "{\"operation\":\"send\",\"oper\\u0061tion\":\"list\"}", "10000",
            "input_data names \"operation\" twice.");
    bench_close(b);
}

TEST("KF17: names of operations are trimmed where they are set, too")
{
    bench *b = open_new();
    create(b, "alice.near", "app");
    CALL_OK(b, "owner.near", 0, "set_project_pricing",
            "{\"project_id\":\"alice.near/app\",\"pricing\":{\"author_account_id\":\"author.near\","
            "\"operations\":[{\"operation\":\" free \",\"price_usd\":\"0\",\"developer_share_bp\":"
            "0}]}}");
    ask(b, "{\"operation\":\"free\"}", "0");
    bench_close(b);
}

TEST("KF17: a plan's index keeps its name after the plan was dropped")
{
    bench *b = open_with_plan();
    CALL_OK(b, "owner.near", 0, "set_subscription_plans", PLANS(""));
    CHECK_STR(VIEW(b, "get_subscription_plans", "{}"), OL_STR("[]"));
    CALL_FAILS(b, "usdc.near", 0, "ft_on_transfer", buy(b, "60000000", 1, 0),
               "No plan 0 on sale that 60000000 covers.");
    CALL_FAILS(b, "owner.near", 0, "set_subscription_plans",
               PLANS("{\"index\":0,\"name\":\"Max\",\"price_usd\":\"1\",\"active\":true}"),
               "may not be repointed at");
    CALL_OK(b, "owner.near", 0, "set_subscription_plans", PLANS(PRO));
    CHECK_STR(VIEW(b, "get_subscription_plans", "{}"), OL_STR("[" PRO "]"));
    bench_close(b);
}
