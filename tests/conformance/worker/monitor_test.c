/* The monitor of a real worker before a scripted chain and a scripted coordinator (Worker 3). */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "tests/conformance/worker/lab.h"
#include "tests/harness/test.h"

enum { FIRST = 100, BLOCKS = 32, RELAYS = 64, WAIT_S = 60 };

#define CONTRACT "outlayer.testnet"
#define TOPIC "EVENT_JSON:{\"standard\":\"near-outlayer\",\"version\":\"1.0.0\",\"event\":"

/* One height: refused so many times with a status, then a block, or `null` when `logs` is NULL. */
typedef struct height {
    bool here;
    unsigned refusals;
    int refusal;
    bool skipped;
    ol_buf outcomes; /* JSON, commas between */
    unsigned asked;
} height;

typedef struct relay_seen {
    char path[128];
    bool wallet; /* authenticated as the wallet relays do */
    ol_str body;
} relay_seen;

typedef struct scene {
    lab lab;
    http_stub *chain;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ol_arena arena;
    height at[BLOCKS];
    uint64_t asked_last;
    uint64_t head;
    const char *cursor;  /* answer of the cursor route */
    const char *request; /* what the view get_request gives */
    const char *pending; /* what get_pending_request_ids gives */
    relay_seen relay[RELAYS];
    unsigned relays;
    unsigned refuse_relays;
    int refusal;
    uint64_t beat; /* height in the last heartbeat */
    char url[128];
    char rpc[128];
    const char *settings[12];
} scene;

/* ---- the chain ---- */

static void serve_block(scene *s, ol_str target, stub_conn *conn)
{
    uint64_t number = 0;
    ol_str digits = ol_str_slice(target, strlen("/v0/block/"), target.len);
    ol_buf body = ol_buf_new(OL_MIB(4));
    int status = 404;
    CHECK(ol_u64_parse(digits, &number));
    (void)pthread_mutex_lock(&s->lock);
    s->asked_last = number;
    height *h = number >= FIRST && number < FIRST + BLOCKS ? &s->at[number - FIRST] : NULL;
    if (h != NULL && h->here) {
        h->asked++;
        if (h->refusals > 0) {
            h->refusals--;
            status = h->refusal;
        } else if (h->skipped) {
            status = 200;
            ol_buf_add_str(&body, OL_STR("null"));
        } else {
            status = 200;
            uint64_t before = number - 1;
            while (before >= FIRST && s->at[before - FIRST].skipped)
                before--;
            ol_buf_addf(
                &body,
                "{\"block\":{\"author\":\"v\",\"header\":{\"height\":%llu,\"hash\":\"h%llu\","
                "\"prev_hash\":\"h%llu\",\"prev_height\":%llu,"
                "\"timestamp\":1700000000000000000}},\"shards\":[{\"shard_id\":0,"
                "\"receipt_execution_outcomes\":[%.*s]}]}",
                (unsigned long long)number, (unsigned long long)number, (unsigned long long)before,
                (unsigned long long)before, OL_FMT(ol_buf_str(&h->outcomes)));
        }
    }
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
    stub_answer(conn, status, NULL, ol_buf_str(&body));
    ol_buf_deinit(&body);
}

static void answer_view(const scene *s, const char *value, stub_conn *conn)
{
    ol_buf body = ol_buf_new(OL_MIB(4));
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_object_begin(&w);
    ol_json_key(&w, "result");
    ol_json_object_begin(&w);
    ol_json_put_byte_array(&w, "result", ol_str_bytes(ol_str_of(value)));
    ol_json_put_u64(&w, "block_height", s->head + BLOCKS);
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    stub_answer(conn, 200, NULL, ol_buf_str(&body));
    ol_buf_deinit(&body);
}

static void serve_chain(void *context, const stub_request *request, stub_conn *conn)
{
    scene *s = context;
    char body[256];
    size_t at;
    if (ol_str_starts(request->target, OL_STR("/v0/block/"))) {
        serve_block(s, request->target, conn);
    } else if (ol_str_find(request->body, OL_STR("get_pending_request_ids"), &at)) {
        answer_view(s, s->pending, conn);
    } else if (ol_str_find(request->body, OL_STR("get_request"), &at)) {
        answer_view(s, s->request, conn);
    } else if (ol_str_find(request->body, OL_STR("\"method\":\"block\""), &at)) {
        (void)snprintf(body, sizeof body,
                       "{\"result\":{\"header\":{\"height\":%llu,\"hash\":"
                       "\"5wbD6GsVBReHetMUw17QcNne8BjB1xSKRoU4JYpafEx5\",\"timestamp\":1}}}",
                       (unsigned long long)s->head);
        stub_answer(conn, 200, NULL, ol_str_of(body));
    } else {
        stub_answer(conn, 404, NULL, OL_STR(""));
    }
}

/* ---- the coordinator's side of it ---- */

static bool is_relay(ol_str target)
{
    static const char *const paths[] = {"/executions/create",
                                        "/topup/create",
                                        "/payment-keys/delete-task/create",
                                        "/projects/cleanup-task/create",
                                        "/internal/subscription-purchased",
                                        "/internal/wallet-policy-sync",
                                        "/internal/wallet-policy-delete",
                                        "/internal/wallet-frozen-change"};
    OL_EACH (path, paths) {
        if (ol_str_eq(target, ol_str_of(*path)))
            return true;
    }
    return false;
}

static void take_relay(scene *s, const stub_request *request, stub_conn *conn)
{
    (void)pthread_mutex_lock(&s->lock);
    CHECK(s->relays < RELAYS);
    relay_seen *seen = &s->relay[s->relays++];
    (void)snprintf(seen->path, sizeof seen->path, "%.*s", OL_FMT(request->target));
    seen->wallet = ol_str_eq(stub_header(request, "x-internal-wallet-auth"), OL_STR(LAB_TOKEN)) &&
                   stub_header(request, "authorization").len == 0;
    bool copied = ol_arena_copy(&s->arena, request->body, &seen->body);
    bool refuse = s->refuse_relays > 0;
    s->refuse_relays -= refuse ? 1 : 0;
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
    CHECK(copied);
    stub_answer(conn, refuse ? s->refusal : 201, NULL, OL_STR("{}"));
}

static bool serve_coordinator(void *context, const stub_request *request, stub_conn *conn)
{
    scene *s = context;
    if (ol_str_eq(request->target, OL_STR("/workers/block-cursor"))) {
        stub_answer(conn, 200, NULL, ol_str_of(s->cursor));
    } else if (ol_str_starts(request->target, OL_STR("/system-callbacks/poll"))) {
        (void)stub_pause(conn, 1000);
        stub_answer(conn, 200, NULL, OL_STR("null"));
    } else if (is_relay(request->target)) {
        take_relay(s, request, conn);
    } else {
        return false;
    }
    return true;
}

/* ---- a scene ---- */

static void scene_new(scene *s)
{
    *s = (scene){.head = FIRST,
                 .cursor = "{\"block_height\":null}",
                 .request = "null",
                 .pending = "[]",
                 .refusal = 503};
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->changed, NULL);
    s->arena = ol_arena_new(OL_MIB(16));
    OL_EACH (one, s->at)
        one->outcomes = ol_buf_new(OL_MIB(2));
    s->chain = http_stub_start(serve_chain, s);
    (void)snprintf(s->url, sizeof s->url, "NEARDATA_API_URL=http://127.0.0.1:%u/v0/block",
                   http_stub_port(s->chain));
    (void)snprintf(s->rpc, sizeof s->rpc, "NEAR_RPC_URL=http://127.0.0.1:%u/",
                   http_stub_port(s->chain));
    s->settings[0] = "ENABLE_EVENT_MONITOR=true";
    s->settings[1] = s->url;
    s->settings[2] = s->rpc;
}

static void scene_start(scene *s, const char *setting)
{
    static const lab_project none[] = {{.name = NULL}};
    s->settings[3] = setting;
    lab_open(&s->lab, &(lab_options){.projects = none,
                                     .settings = s->settings,
                                     .by_contract = true,
                                     .extra = serve_coordinator,
                                     .extra_context = s});
}

static void scene_deinit(scene *s)
{
    lab_deinit(&s->lab);
    http_stub_stop(s->chain);
    OL_EACH (one, s->at)
        ol_buf_deinit(&one->outcomes);
    ol_arena_deinit(&s->arena);
}

static void put_receipt(scene *s, unsigned number, const char *id, const char *receiver,
                        const char *status, const char *log)
{
    height *h = &s->at[number - FIRST];
    ol_json_writer w;
    h->here = true;
    if (h->outcomes.len > 0)
        ol_buf_add_char(&h->outcomes, ',');
    ol_buf_addf(&h->outcomes,
                "{\"execution_outcome\":{\"block_hash\":\"h%u\",\"id\":\"%s\",\"outcome\":{"
                "\"gas_burnt\":77,\"executor_id\":\"%s\",\"status\":%s,\"receipt_ids\":[],"
                "\"logs\":[\"noise\",",
                number, id, receiver, status);
    w = ol_json_writer_over(&h->outcomes);
    ol_json_add_str(&w, ol_str_of(log));
    ol_buf_addf(&h->outcomes,
                "]}},\"receipt\":{\"predecessor_id\":\"alice.testnet\",\"receiver_id\":\"%s\","
                "\"receipt_id\":\"%s\",\"receipt\":{\"Action\":{\"signer_public_key\":"
                "\"ed25519:k\"}}},\"tx_hash\":\"tx-%s\"}",
                receiver, id, id);
}

static void put_log(scene *s, unsigned number, const char *log)
{
    char id[32];
    (void)snprintf(id, sizeof id, "r%u-%zu", number, s->at[number - FIRST].outcomes.len);
    put_receipt(s, number, id, CONTRACT, "{\"SuccessReceiptId\":\"x\"}", log);
}

static void put_empty(scene *s, unsigned number)
{
    s->at[number - FIRST].here = true;
}

static void put_skipped(scene *s, unsigned number)
{
    s->at[number - FIRST].here = true;
    s->at[number - FIRST].skipped = true;
}

#define DATA_ID                                                                                    \
    "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]"
#define DATA_ID_HEX "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

/* An execution_requested event whose request_data holds `members` beside the usual. */
static const char *request_event(scene *s, unsigned id, const char *members)
{
    ol_buf inner = ol_buf_new(OL_KIB(64));
    ol_buf text = ol_buf_new(OL_KIB(64));
    ol_str copy;
    ol_buf_addf(
        &inner,
        "{\"request_id\":%u,\"sender_id\":\"alice.testnet\",\"predecessor_id\":"
        "\"proxy.testnet\",\"code_source\":{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":"
        "\"%064d\",\"build_target\":null}},\"secrets_ref\":null,\"response_format\":\"Json\","
        "\"payment\":\"340282366920938463463374607431768211455\",\"attached_usd\":\"0\","
        "\"timestamp\":1700000000000000000,\"compile_only\":false,\"force_rebuild\":false,"
        "\"store_on_fastfs\":false,\"project_uuid\":null,\"project_id\":null,%s}",
        id, 7, members);
    ol_buf_add_str(&text, OL_STR(TOPIC "\"execution_requested\",\"data\":[{\"request_data\":"));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_add_str(&w, ol_buf_str(&inner));
    ol_buf_add_str(&text, OL_STR(",\"data_id\":" DATA_ID ",\"timestamp\":1700000000000000000}]}"));
    CHECK(ol_buf_ok(&text) && ol_arena_copy(&s->arena, ol_buf_str(&text), &copy));
    ol_buf_deinit(&inner);
    ol_buf_deinit(&text);
    return copy.data;
}

#define PLAIN                                                                                      \
    "\"input_data\":\"in\",\"input_data_in_state\":false,\"resource_limits\":{"                    \
    "\"max_instructions\":5,\"max_memory_mb\":6,\"max_execution_seconds\":7}"

static struct timespec deadline(void)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WAIT_S;
    return end;
}

/* Until that many relays came, and the walk asks for that height. */
static void await(scene *s, unsigned relays, uint64_t asked)
{
    struct timespec end = deadline();
    int rc = 0;
    (void)pthread_mutex_lock(&s->lock);
    while ((s->relays < relays || s->asked_last < asked) && rc == 0)
        rc = pthread_cond_timedwait(&s->changed, &s->lock, &end);
    unsigned have = s->relays;
    uint64_t last = s->asked_last;
    (void)pthread_mutex_unlock(&s->lock);
    CHECK_EQ(have, relays);
    CHECK(last >= asked);
}

static ol_str member(scene *s, const relay_seen *relay, const char *path)
{
    ol_json value;
    ol_err err;
    ol_str text;
    ol_str rest = ol_str_of(path);
    ol_str name;
    CHECK_OK(ol_json_parse(relay->body, &value, &err));
    while (ol_str_next(&rest, '.', &name)) {
        if (!ol_json_find(&value, name, &value))
            return OL_STR("(absent)");
    }
    if (ol_json_kind_of(&value) != OL_JSON_STRING)
        return value.raw;
    CHECK_OK(ol_json_text(&value, &s->arena, &text, &err));
    return text;
}

static void check_member(scene *s, const relay_seen *relay, const char *path, const char *want)
{
    CHECK_STR_ROW(member(s, relay, path), ol_str_of(want), path);
}

/* ---- cases ---- */

TEST("W1: an executor of outlayer.testnet without a name is testnet-executor-…")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_empty(&s, FIRST);
    scene_start(&s, NULL);
    CHECK(lab_log_has(&s.lab, "worker_id=testnet-executor-", LAB_WAIT_MS));
}

TEST("a request's event becomes a task with everything the chain knows")
{
    static const char *const want[][2] = {
        {"request_id", "3"},
        {"data_id", DATA_ID_HEX},
        {"code_source.type", "WasmUrl"},
        {"code_source.url", "https://x/y"},
        {"code_source.build_target", "wasm32-wasip1"},
        {"resource_limits.max_instructions", "5"},
        {"resource_limits.max_memory_mb", "6"},
        {"resource_limits.max_execution_seconds", "7"},
        {"input_data", "in"},
        {"response_format", "Json"},
        {"secrets_ref", "(absent)"},
        {"user_account_id", "alice.testnet"},
        {"near_payment_yocto", "340282366920938463463374607431768211455"},
        {"attached_usd", "0"},
        {"context.sender_id", "alice.testnet"},
        {"context.predecessor_id", "proxy.testnet"},
        {"context.block_height", "100"},
        {"context.block_timestamp", "1700000000000000000"},
        {"context.contract_id", CONTRACT},
        {"context.transaction_hash", "tx-r1"},
        {"context.receipt_id", "r1"},
        {"context.signer_public_key", "ed25519:k"},
        {"context.gas_burnt", "77"},
        {"transaction_hash", "tx-r1"},
    };
    OL_AUTO(scene) s;
    scene_new(&s);
    put_receipt(&s, FIRST, "r1", CONTRACT, "{\"SuccessReceiptId\":\"x\"}",
                request_event(&s, 3, PLAIN));
    scene_start(&s, NULL);
    await(&s, 1, FIRST + 1);
    CHECK_STR(ol_str_of(s.relay[0].path), OL_STR("/executions/create"));
    OL_EACH (row, want)
        check_member(&s, &s.relay[0], (*row)[0], (*row)[1]);
}

TEST("W4: a height that answers null is passed over at once")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_skipped(&s, FIRST);
    put_skipped(&s, FIRST + 1);
    put_log(&s, FIRST + 2, request_event(&s, 1, PLAIN));
    scene_start(&s, NULL);
    await(&s, 1, FIRST + 3);
    CHECK_EQ(s.at[0].asked, 1);
    CHECK_EQ(s.at[1].asked, 1);
    CHECK_EQ(s.at[2].asked, 1);
}

TEST("W5: a block that is not there is asked for fifty times, and nothing is skipped")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_empty(&s, FIRST);
    put_log(&s, FIRST + 1, request_event(&s, 1, PLAIN));
    s.at[1].refusals = 50;
    s.at[1].refusal = 404;
    put_log(&s, FIRST + 2, request_event(&s, 2, PLAIN));
    scene_start(&s, NULL);
    await(&s, 2, FIRST + 3);
    CHECK_EQ(s.at[1].asked, 51);
    CHECK_EQ(s.at[2].asked, 1);
    check_member(&s, &s.relay[0], "request_id", "1");
    check_member(&s, &s.relay[1], "request_id", "2");
}

TEST("W6: ten failures, then the block: its event is relayed once")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, PLAIN));
    s.at[0].refusals = 10;
    s.at[0].refusal = 500;
    scene_start(&s, NULL);
    await(&s, 1, FIRST + 1);
    CHECK_EQ(s.at[0].asked, 11);
}

TEST("W7: our log in a receipt of another contract is ignored, and so is one that failed")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_receipt(&s, FIRST, "r1", "outlayer2.testnet", "{\"SuccessValue\":\"\"}",
                request_event(&s, 1, PLAIN));
    put_receipt(&s, FIRST, "r2", CONTRACT, "{\"Failure\":{}}", request_event(&s, 2, PLAIN));
    put_receipt(&s, FIRST, "r3", CONTRACT, "{\"SuccessValue\":\"\"}", request_event(&s, 3, PLAIN));
    scene_start(&s, NULL);
    await(&s, 1, FIRST + 1);
    check_member(&s, &s.relay[0], "request_id", "3");
}

TEST("W8: an event older than the minimal version is ignored")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, PLAIN));
    put_empty(&s, FIRST + 1);
    scene_start(&s, "EVENT_FILTER_MIN_VERSION=1.0.1");
    await(&s, 0, FIRST + 2);
}

TEST("W9: null limits take the documented standards")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST,
            request_event(&s, 1,
                          "\"input_data\":\"\",\"resource_limits\":{\"max_instructions\":1000,"
                          "\"max_memory_mb\":null,\"max_execution_seconds\":null}"));
    scene_start(&s, NULL);
    await(&s, 1, FIRST + 1);
    check_member(&s, &s.relay[0], "resource_limits.max_instructions", "1000");
    check_member(&s, &s.relay[0], "resource_limits.max_memory_mb", "128");
    check_member(&s, &s.relay[0], "resource_limits.max_execution_seconds", "60");
}

#define IN_STATE                                                                                   \
    "\"input_data\":\"\",\"input_data_in_state\":true,\"resource_limits\":{\"max_instructions\":"  \
    "5,"                                                                                           \
    "\"max_memory_mb\":6,\"max_execution_seconds\":7}"

TEST("W10: input kept by the contract is fetched from there")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, IN_STATE));
    s.request = "{\"request_id\":1,\"data_id\":" DATA_ID ",\"input_data\":\"abc\",\"payment\":5}";
    scene_start(&s, NULL);
    await(&s, 1, FIRST + 1);
    check_member(&s, &s.relay[0], "input_data", "abc");
}

TEST("W11: a request that is over already is not created")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, request_event(&s, 1, IN_STATE));
    scene_start(&s, NULL);
    await(&s, 0, FIRST + 1);
    CHECK(lab_log_has(&s.lab,
                      "Request 1 not found in contract state (may have completed or timed out)",
                      LAB_WAIT_MS));
}

#define SYSTEM(variant) TOPIC "\"system_event\",\"data\":[{" variant "}]}"
#define SUBSCRIPTION                                                                               \
    "\"SubscriptionPurchased\":{\"owner\":\"a.testnet\",\"nonce\":2,\"plan\":1,\"paid_usd\":"      \
    "\"60000000\",\"payer\":\"b.testnet\"}"

TEST("W12: a purchase that is refused with 503 is relayed again, and then the walk goes on")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_log(&s, FIRST, SYSTEM(SUBSCRIPTION));
    put_empty(&s, FIRST + 1);
    s.refuse_relays = 1;
    scene_start(&s, NULL);
    await(&s, 2, FIRST + 2);
    OL_EACH (relay, s.relay) {
        if (relay->path[0] == '\0')
            continue;
        CHECK_STR(ol_str_of(relay->path), OL_STR("/internal/subscription-purchased"));
        check_member(&s, relay, "paid_usd", "60000000");
        check_member(&s, relay, "receipt_id", "r100-0");
    }
    CHECK_EQ(s.at[0].asked, 1);
}

TEST("a relay refused for good is dropped, and one whose token is refused is not")
{
    static const int status[] = {400, 401};
    OL_EACH (code, status) {
        OL_AUTO(scene) s;
        scene_new(&s);
        put_log(&s, FIRST, request_event(&s, 1, PLAIN));
        put_empty(&s, FIRST + 1);
        s.refuse_relays = 1;
        s.refusal = *code;
        scene_start(&s, NULL);
        await(&s, *code == 400 ? 1 : 2, FIRST + 2);
    }
}

TEST("every system event goes where it belongs")
{
    char init[65];
    (void)snprintf(init, sizeof init, "%s",
                   ol_sha256_hex_of(ol_str_bytes(OL_STR("init:a.testnet:2"))).data);
    const struct {
        const char *variant;
        const char *path;
        bool wallet;
        const char *body;
    } cases[] = {
        {"\"TopUpPaymentKey\":{\"data_id\":" DATA_ID
         ",\"owner\":\"a.testnet\",\"nonce\":2,\"amount\":\"20000\",\"encrypted_data\":\"QUJD\"}",
         "/topup/create", false,
         "{\"data_id\":\"" DATA_ID_HEX
         "\",\"owner\":\"a.testnet\",\"nonce\":2,\"amount\":\"20000\","
         "\"encrypted_data\":\"QUJD\"}"},
        {"\"DeletePaymentKey\":{\"data_id\":" DATA_ID ",\"owner\":\"a.testnet\",\"nonce\":2}",
         "/payment-keys/delete-task/create", false,
         "{\"data_id\":\"" DATA_ID_HEX "\",\"owner\":\"a.testnet\",\"nonce\":2}"},
        {"\"ProjectStorageCleanup\":{\"project_id\":\"a.testnet/x\",\"project_uuid\":\"p1\","
         "\"timestamp\":5}",
         "/projects/cleanup-task/create", false,
         "{\"project_id\":\"a.testnet/x\",\"project_uuid\":\"p1\"}"},
        {"\"WalletPolicyUpdated\":{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\","
         "\"encrypted_data\":\"QUJD\",\"frozen\":true}",
         "/internal/wallet-policy-sync", true,
         "{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\",\"encrypted_data\":\"QUJD\","
         "\"frozen\":true}"},
        {"\"WalletPolicyDeleted\":{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\"}",
         "/internal/wallet-policy-delete", true,
         "{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\"}"},
        {"\"WalletFrozenChanged\":{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\","
         "\"frozen\":false}",
         "/internal/wallet-frozen-change", true,
         "{\"wallet_pubkey\":\"ed25519:ab\",\"owner\":\"a.testnet\",\"frozen\":false}"},
    };
    OL_AUTO(scene) s;
    ol_buf log = ol_buf_new(OL_KIB(16));
    scene_new(&s);
    /* All in one event: every element of its data counts. */
    ol_buf_add_str(&log, OL_STR(TOPIC "\"system_event\",\"data\":["));
    OL_EACH (row, cases)
        ol_buf_addf(&log, "%s{%s}", row == cases ? "" : ",", row->variant);
    ol_buf_add_str(&log, OL_STR(",{\"SomethingNew\":{}},{\"TopUpPaymentKey\":{}},"));
    ol_buf_addf(&log,
                "{\"TopUpPaymentKey\":{\"data_id\":%s,\"owner\":\"a.testnet\",\"nonce\":2,"
                "\"amount\":\"0\",\"encrypted_data\":\"QUJD\"}}]}",
                DATA_ID);
    ol_buf_add_char(&log, '\0');
    put_log(&s, FIRST, (const char *)log.data);
    scene_start(&s, NULL);
    await(&s, OL_COUNT(cases) + 1, FIRST + 1);
    for (size_t i = 0; i < OL_COUNT(cases); i++) {
        CHECK_STR_ROW(ol_str_of(s.relay[i].path), ol_str_of(cases[i].path), cases[i].path);
        CHECK_EQ_ROW(s.relay[i].wallet, cases[i].wallet, cases[i].path);
        CHECK_STR_ROW(s.relay[i].body, ol_str_of(cases[i].body), cases[i].path);
    }
    /* A new key yields nothing: its task has an id of its own. */
    check_member(&s, &s.relay[OL_COUNT(cases)], "data_id", init);
    check_member(&s, &s.relay[OL_COUNT(cases)], "amount", "0");
    ol_buf_deinit(&log);
}

TEST("a receipt in two blocks is relayed once")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    put_receipt(&s, FIRST, "r1", CONTRACT, "{\"SuccessValue\":\"\"}", request_event(&s, 1, PLAIN));
    put_receipt(&s, FIRST + 1, "r1", CONTRACT, "{\"SuccessValue\":\"\"}",
                request_event(&s, 1, PLAIN));
    put_receipt(&s, FIRST + 2, "r2", CONTRACT, "{\"SuccessValue\":\"\"}",
                request_event(&s, 2, PLAIN));
    scene_start(&s, NULL);
    await(&s, 2, FIRST + 3);
    check_member(&s, &s.relay[1], "request_id", "2");
}

TEST("a monitor goes on behind the height the coordinator knows, however old")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    s.head = FIRST + 5000;
    s.cursor = "{\"block_height\":101}";
    for (unsigned i = 0; i < 4; i++)
        put_log(&s, FIRST + i, request_event(&s, i, PLAIN));
    scene_start(&s, NULL);
    await(&s, 2, FIRST + 4);
    CHECK_EQ(s.at[0].asked + s.at[1].asked, 0);
    check_member(&s, &s.relay[0], "request_id", "2");
}

TEST("a cursor far ahead of the chain belongs to another one")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    s.cursor = "{\"block_height\":99999}";
    put_log(&s, FIRST, request_event(&s, 1, PLAIN));
    scene_start(&s, NULL);
    await(&s, 1, FIRST + 1);
}

TEST("requests that wait on the contract and were never seen are looked for in older blocks")
{
    OL_AUTO(scene) s;
    scene_new(&s);
    s.head = FIRST + 5; /* the walk begins here */
    for (unsigned i = 0; i <= 5; i++)
        put_empty(&s, FIRST + i);
    put_log(&s, FIRST + 2, request_event(&s, 41, PLAIN));
    put_log(&s, FIRST + 3, request_event(&s, 42, PLAIN));
    s.pending = "[42]";
    scene_start(&s, "LOG_LEVEL=debug");
    await(&s, 2, FIRST + 6);
    check_member(&s, &s.relay[1], "request_id", "42");
}
