#include "tests/conformance/worker/monitor_scene.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/codec/base58.h"
#include "lib/codec/json_write.h"
#include "tests/harness/test.h"

/* ---- the chain ---- */

/* Of the block of that height: as wide as real ones. */
static const char *hash_of(uint64_t number, char text[64])
{
    uint8_t bytes[32] = {1};
    ol_buf into = ol_buf_over(text, 63);
    for (size_t i = 0; i < sizeof number; i++)
        bytes[31 - i] = (uint8_t)(number >> (8 * i));
    ol_base58_add(&into, (ol_bytes){bytes, sizeof bytes});
    text[into.len] = '\0';
    return text;
}

static void serve_block(scene *s, ol_str target, stub_conn *conn)
{
    uint64_t number = 0;
    ol_str digits = ol_str_slice(target, strlen("/v0/block/"), target.len);
    ol_buf body = ol_buf_new(OL_MIB(4));
    char hash[64];
    char prev[64];
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
            s->served = number > s->served ? number : s->served;
            uint64_t before = number - 1;
            while (before >= FIRST && s->at[before - FIRST].skipped)
                before--;
            ol_buf_addf(&body,
                        "{\"block\":{\"author\":\"v\",\"header\":{\"height\":%llu,\"hash\":\"%s\","
                        "\"prev_hash\":\"%s\",\"prev_height\":%llu,"
                        "\"timestamp\":1700000000000000000}},\"shards\":[{\"shard_id\":0,"
                        "\"receipt_execution_outcomes\":[%.*s]}]}",
                        (unsigned long long)number, hash_of(number, hash), hash_of(before, prev),
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
    char hash[64];
    size_t at;
    if (ol_str_starts(request->target, OL_STR("/v0/block/"))) {
        serve_block(s, request->target, conn);
    } else if (ol_str_find(request->body, OL_STR("get_pending_request_ids"), &at)) {
        answer_view(s, s->pending, conn);
    } else if (ol_str_find(request->body, OL_STR("get_request"), &at)) {
        answer_view(s, s->request, conn);
    } else if (ol_str_find(request->body, OL_STR("\"method\":\"block\""), &at)) {
        uint64_t head = s->head > s->served ? s->head : s->served;
        (void)snprintf(
            body, sizeof body,
            "{\"result\":{\"header\":{\"height\":%llu,\"hash\":\"%s\",\"timestamp\":1}}}",
            (unsigned long long)head, hash_of(head, hash));
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

void scene_new(scene *s)
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

void scene_start(scene *s, const char *setting)
{
    static const lab_project none[] = {{.name = NULL}};
    s->settings[3] = setting;
    lab_open(&s->lab, &(lab_options){.projects = none,
                                     .settings = s->settings,
                                     .by_contract = true,
                                     .extra = serve_coordinator,
                                     .extra_context = s});
}

void scene_deinit(scene *s)
{
    lab_deinit(&s->lab);
    http_stub_stop(s->chain);
    OL_EACH (one, s->at)
        ol_buf_deinit(&one->outcomes);
    ol_arena_deinit(&s->arena);
}

void put_receipt(scene *s, unsigned number, const char *id, const char *receiver,
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

void put_log(scene *s, unsigned number, const char *log)
{
    char id[32];
    (void)snprintf(id, sizeof id, "r%u-%zu", number, s->at[number - FIRST].outcomes.len);
    put_receipt(s, number, id, CONTRACT, "{\"SuccessReceiptId\":\"x\"}", log);
}

void put_empty(scene *s, unsigned number)
{
    s->at[number - FIRST].here = true;
}

void put_skipped(scene *s, unsigned number)
{
    s->at[number - FIRST].here = true;
    s->at[number - FIRST].skipped = true;
}

/* An execution_requested event whose request_data holds `members` beside the usual. */
const char *request_event(scene *s, unsigned id, const char *members)
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

static struct timespec deadline(void)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WAIT_S;
    return end;
}

/* Until that many relays came, and the walk asks for that height. */
void scene_await(scene *s, unsigned relays, uint64_t asked)
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

void check_member(scene *s, const relay_seen *relay, const char *path, const char *want)
{
    CHECK_STR_ROW(member(s, relay, path), ol_str_of(want), path);
}
