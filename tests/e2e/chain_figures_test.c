/* What the coordinator tells of runs of the chain: statistics, earnings, prices, health
 * (Coordinator 8, 10, 12), against what the contract itself says. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tests/e2e/chain_lab.h"
#include "tests/harness/test.h"

#define TOKEN "usdc.test.near"

/* GET of a public page; the text lives as long as the chain. */
static ol_str page(chain_lab *l, const char *path)
{
    ol_buf body = ol_buf_new(OL_MIB(1));
    ol_str copy;
    ol_err err = {0};
    CHECK_OK(stack_get(&l->stack, path, &body, &err));
    CHECK(ol_arena_copy(&l->chain.arena, ol_buf_str(&body), &copy));
    ol_buf_deinit(&body);
    return copy;
}

/* alice has 50,000 of the stablecoin in the contract, and a project that gives money back. */
static void project_with_money(chain_lab *l)
{
    char args[512];
    ol_sha256_hex code;
    ol_err err = {0};
    CHECK_OK(stack_upload(&l->stack, "guests/guest-payment.wasm", &code, &err));
    chain_account(&l->chain, TOKEN, "100", NULL);
    (void)chain_lab_call(l, CHAIN_OUTLAYER, "set_payment_token_contract",
                         "{\"token_contract\":\"" TOKEN "\"}", 0);
    chain_result paid = chain_lab_call(l, TOKEN, "ft_on_transfer",
                                       "{\"sender_id\":\"" ALICE "\",\"amount\":\"50000\",\"msg\":"
                                       "\"{\\\"action\\\":\\\"deposit_balance\\\"}\"}",
                                       0);
    CHECK_STR(paid.value, OL_STR("\"0\""));
    (void)snprintf(args, sizeof args,
                   "{\"name\":\"paid\",\"source\":{\"WasmUrl\":{\"url\":\"https://test/code.wasm\","
                   "\"hash\":\"%s\",\"build_target\":\"wasm32-wasip1\"}}}",
                   code.data);
    (void)chain_lab_call(l, ALICE, "create_project", args, NEAR / 10);
}

/* A call of that project with `attached` and what it gives back. */
static chain_result run_paid(chain_lab *l, unsigned attached, const char *input)
{
    char args[512];
    (void)snprintf(args, sizeof args,
                   "{\"source\":{\"Project\":{\"project_id\":\"" ALICE "/paid\"}},"
                   "\"resource_limits\":{\"max_instructions\":1000000000},"
                   "\"params\":{\"attached_usd\":\"%u\"},\"input_data\":\"%s\"}",
                   attached, input);
    return chain_lab_run(l, ol_str_of(args));
}

TEST("attached money of calls on chain is told as earnings, less what was given back")
{
    static const char page_of[] = "/public/project-earnings/" ALICE "/history?source=blockchain";
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    project_with_money(&l);
    CHECK_STR(run_paid(&l, 2000, "{\\\"refunds\\\":[500]}").value,
              OL_STR("\"{\\\"errors\\\":[\\\"\\\"]}\""));
    (void)run_paid(&l, 3000, "{\\\"refunds\\\":[]}");
    (void)run_paid(&l, 4000, "{\\\"refunds\\\":[],\\\"fail\\\":true}"); /* earns nothing */
    chain_lab_settle(&l, 3, 1);
    ol_str earnings = page(&l, page_of);
    CHECK_HAS(earnings, OL_STR("\"total_count\":2"), "earnings");
    CHECK_HAS(earnings,
              OL_STR("\"attached_usd\":\"2000\",\"refund_usd\":\"500\",\"amount\":\"1500\""),
              "earnings");
    CHECK_HAS(earnings,
              OL_STR("\"attached_usd\":\"3000\",\"refund_usd\":\"0\",\"amount\":\"3000\""),
              "earnings");
    CHECK_HAS(earnings, OL_STR("\"caller\":\"" ALICE "\""), "earnings");
    CHECK_HAS(earnings, OL_STR("\"tx_hash\":\""), "earnings");
    /* The contract keeps the balance, and it is the same sum. */
    CHECK_STR(chain_view(&l.chain, CHAIN_OUTLAYER, "get_developer_earnings",
                         "{\"account_id\":\"" ALICE "\"}"),
              OL_STR("\"4500\""));
    CHECK_HAS(page(&l, "/public/project-earnings/" ALICE), OL_STR("\"balance\":\"0\""), "balance");
}

TEST("runs on chain are counted for all, for their user and among the jobs, with what was paid")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    CHECK_EQ(chain_lab_echo(&l, OL_STR("a")).state, OL_TX_SUCCEEDED);
    CHECK_EQ(chain_lab_echo(&l, OL_STR("b")).state, OL_TX_SUCCEEDED);
    chain_lab_settle(&l, 2, 0);
    ol_str stats = page(&l, "/public/stats");
    CHECK_HAS(stats, OL_STR("\"total_executions\":2,\"successful_executions\":2"), "stats");
    CHECK_HAS(stats, OL_STR("\"total_near_paid_yocto\":\"200000000000000000000000\""), "stats");
    CHECK_HAS(stats, OL_STR("\"unique_users\":1,\"active_workers\":1"), "stats");
    ol_str user = page(&l, "/public/users/" ALICE "/earnings");
    CHECK_HAS(user, OL_STR("\"total_executions\":2,\"successful_executions\":2"), "user");
    CHECK_HAS(user, OL_STR("\"total_near_spent_yocto\":\"200000000000000000000000\""), "user");
    ol_str jobs = page(&l, "/public/jobs?limit=1");
    CHECK_HAS(jobs, OL_STR("\"near_payment_yocto\":\"100000000000000000000000\""), "jobs");
    CHECK_HAS(jobs, OL_STR("\"is_https_call\":false"), "jobs");
    CHECK_STR(page(&l, "/public/jobs?source=https"), OL_STR("[]"));
}

static bool page_has(chain_lab *l, const char *path, const char *text)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)CHAIN_WAIT_MS * 1000000;
    size_t at;
    while (!ol_str_find(page(l, path), ol_str_of(text), &at)) {
        if (ol_mono_ns(ol_clock_real()) > until)
            return false;
        (void)poll(NULL, 0, 20);
    }
    return true;
}

TEST("prices are the contract's, read when the coordinator starts")
{
    ol_err err = {0};
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    CHECK(page_has(&l, "/public/pricing", "\"max_instructions\":500000000000,"));
    (void)chain_lab_call(&l, CHAIN_OUTLAYER, "set_pricing", "{\"base_fee_usd\":\"7777\"}", 0);
    stack_kill(&l.stack, STACK_COORDINATOR);
    CHECK_OK(stack_start(&l.stack, STACK_COORDINATOR, &err));
    CHECK(page_has(&l, "/public/pricing", "\"base_fee_usd\":\"7777\""));
}

TEST("health tells how far the monitor follows the chain")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    CHECK_EQ(chain_lab_echo(&l, OL_STR("a")).state, OL_TX_SUCCEEDED);
    chain_lab_settle(&l, 1, 0);
    CHECK(page_has(&l, "/health/detailed", "\"chain_tip_block\":"));
    CHECK(page_has(&l, "/health/detailed", "\"status\":\"healthy\""));
}
