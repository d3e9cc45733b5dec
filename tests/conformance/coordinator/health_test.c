/* GET /health/detailed (Coordinator 12): database, workers, and how far they follow the chain. */
#include <stdatomic.h>

#include "tests/conformance/coordinator/lab.h"
#include "tests/harness/http_stub.h"

TEST("health tells a coordinator without workers from one that works")
{
    lab it;
    lab_start(&it, NULL);
    wire_answer answer = lab_send(&it, "GET", "/health/detailed", "", "");
    CHECK_EQ(answer.status, 503);
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("unhealthy"));
    CHECK_STR(lab_member(&it, answer.body, "checks.database.status"), OL_STR("ok"));
    CHECK_STR(lab_member(&it, answer.body, "checks.redis.status"), OL_STR("skipped"));
    (void)lab_work(&it, "/workers/heartbeat",
                   "{\"worker_id\":\"w1\",\"worker_name\":\"n1\",\"status\":\"online\","
                   "\"event_monitor_block_height\":123}");
    answer = lab_send(&it, "GET", "/health/detailed", "", "");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("healthy"));
    CHECK_STR(lab_work_get(&it, "/workers/block-cursor").body, OL_STR("{\"block_height\":123}"));
    lab_stop(&it);
}

/* A node that knows its last block, prices it does not tell. */
typedef struct node {
    atomic_uint height; /* 0: the node answers nothing */
    atomic_uint asked;  /* for its last block */
} node;

static void on_request(void *context, const stub_request *request, stub_conn *conn)
{
    node *it = context;
    size_t at;
    unsigned height = atomic_load(&it->height);
    char text[256];
    ol_buf body = ol_buf_over(text, sizeof text);
    bool block = ol_str_find(request->body, OL_STR("\"block\""), &at);
    atomic_fetch_add(&it->asked, block);
    if (height == 0 || !block) {
        stub_answer(conn, 503, NULL, OL_STR(""));
        return;
    }
    ol_buf_addf(&body,
                "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"header\":{\"height\":%u,"
                "\"hash\":\"11111111111111111111111111111111\",\"timestamp\":1}}}",
                height);
    stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_buf_str(&body));
}

static void beat(lab *it, unsigned height)
{
    wire_answer answer =
        lab_work(it, "/workers/heartbeat",
                 lab_text(it,
                          "{\"worker_id\":\"w1\",\"worker_name\":\"n1\",\"status\":\"online\","
                          "\"event_monitor_block_height\":%u}",
                          height));
    CHECK_EQ(answer.status, 200);
}

TEST("a monitor far behind the chain, or a silent node, degrades health")
{
    static const struct {
        unsigned tip;
        unsigned at;
        const char *status;
        const char *monitor;
        const char *behind; /* NULL: not told */
    } cases[] = {
        {1000, 1000, "healthy", "ok", "0"},
        {1100, 1000, "healthy", "ok", "100"},
        {1101, 1000, "degraded", "warning", "101"},
        {1101, 1200, "healthy", "ok", "0"}, /* of a node that lags */
        {0, 1200, "degraded", "error", NULL},
        {1300, 1250, "healthy", "ok", "50"},
    };
    node chain = {0};
    http_stub *stub = http_stub_start(on_request, &chain);
    char url[64];
    ol_buf text = ol_buf_over(url, sizeof url);
    ol_buf_addf(&text, "NEAR_RPC_URL=http://127.0.0.1:%u/", http_stub_port(stub));
    ol_buf_add_char(&text, 0);
    const char *const settings[] = {url, "OFFCHAINVM_CONTRACT_ID=outlayer.testnet", NULL};
    lab it;
    lab_start_clocked(&it, settings);
    OL_EACH (c, cases) {
        const char *row = lab_text(&it, "%u %u", c->tip, c->at);
        atomic_store(&chain.height, c->tip);
        lab_advance(&it, 11000); /* what was asked before counts for ten seconds */
        beat(&it, c->at);
        wire_answer answer = lab_send(&it, "GET", "/health/detailed", "", "");
        CHECK_EQ_ROW(answer.status, 200, row);
        CHECK_STR_ROW(lab_member(&it, answer.body, "status"), ol_str_of(c->status), row);
        CHECK_STR_ROW(lab_member(&it, answer.body, "checks.event_monitor.status"),
                      ol_str_of(c->monitor), row);
        const char *member = "checks.event_monitor.workers.0.blocks_behind";
        CHECK_ROW(lab_has(answer.body, member) == (c->behind != NULL), row);
        if (c->behind != NULL)
            CHECK_STR_ROW(lab_member(&it, answer.body, member), ol_str_of(c->behind), row);
    }
    CHECK_EQ(atomic_load(&chain.asked), OL_COUNT(cases));
    for (int i = 0; i < 10; i++)
        CHECK_EQ(lab_send(&it, "GET", "/health/detailed", "", "").status, 200);
    CHECK(atomic_load(&chain.asked) <= OL_COUNT(cases) + 1);
    lab_stop(&it);
    http_stub_stop(stub);
}
