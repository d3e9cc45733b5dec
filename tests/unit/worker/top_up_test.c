/* What a worker tells the coordinator about a payment key, by what the chain shows of it (Worker
 * 11, Contract 9). Chain, keystore and coordinator are scripted; a sealed key is its plaintext. */
#include "services/worker/payment_key_view.h"
#include "services/worker/top_up.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "lib/codec/json_read.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OWN "own-transfer"
#define KEY(balance, applied)                                                                      \
    "{\"key\":\"" DIGITS                                                                           \
    "\",\"project_ids\":[],\"max_per_call\":\"0\",\"initial_balance\":\"" balance                  \
    "\",\"applied\":[" applied "]}"

#define BEFORE KEY("70000", "")
#define TAKEN KEY("90000", "\"" OWN "\"")
#define OTHERS KEY("90000", "\"another\"")

enum { TELLS_MAX = 8, AMOUNT = 20000 };

typedef struct world {
    /* the chain */
    const char *const *shows; /* a look each, the last one for ever; "" is no key */
    unsigned looks;
    ol_rc answers; /* of resume */
    unsigned answered;
    unsigned pauses; /* until the worker stops; 0: it goes on */
    unsigned paused;
    /* the coordinator */
    pthread_mutex_t lock;
    char told[TELLS_MAX][64];
    char body[TELLS_MAX][1024];
    unsigned tells;
    http_stub *stub;
    worker_settings settings;
    char url[64];
} world;

static ol_str shown(world *w)
{
    const char *now = w->shows[0];
    if (w->shows[1] != NULL)
        w->shows++;
    w->looks++;
    return ol_str_of(now);
}

/* A view, as nodes answer: get_secret_with_vault. */
static ol_rc chain_post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    ol_str key = shown(context);
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_KIB(16));
    ol_str sealed = ol_base64_of(&arena, ol_str_bytes(key));
    ol_str json = key.len == 0
                      ? OL_STR("null")
                      : ol_arena_printf(&arena, "{\"profile\":{\"encrypted_secrets\":\"%.*s\"}}",
                                        OL_FMT(sealed));
    (void)body;
    (void)err;
    ol_buf_add_str(into, OL_STR("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"result\":["));
    for (size_t i = 0; i < json.len; i++)
        ol_buf_addf(into, "%s%u", i > 0 ? "," : "", (unsigned)(unsigned char)json.data[i]);
    ol_buf_add_str(into, OL_STR("],\"logs\":[],\"block_height\":1,\"block_hash\":\"x\"}}"));
    return OL_OK;
}

static ol_rc resume(void *context, ol_str data_id, ol_str result_json, ol_err *err)
{
    world *w = context;
    (void)result_json;
    CHECK_STR(data_id, OL_STR(OWN));
    w->answered++;
    return w->answers == OL_OK ? OL_OK : ol_fail(err, w->answers, "as the script says");
}

static bool rest(void *context, int ms)
{
    world *w = context;
    (void)ms;
    return ++w->paused == w->pauses;
}

/* The keystore gives back what it gets, under the other name; the coordinator accepts. */
static void serve(void *context, const stub_request *request, stub_conn *conn)
{
    static const char *const SWAP[][2] = {{"encrypted_base64", "plaintext_base64"},
                                          {"plaintext_base64", "encrypted_base64"}};
    world *w = context;
    ol_json root;
    ol_json value;
    char answer[16384] = "{\"success\":true}";
    bool sealing = ol_str_eq(request->target, OL_STR("/encrypt"));
    if (sealing || ol_str_eq(request->target, OL_STR("/decrypt-raw"))) {
        if (ol_json_parse(request->body, &root, NULL) == OL_OK &&
            ol_json_find(&root, ol_str_of(SWAP[sealing][0]), &value))
            (void)snprintf(answer, sizeof answer, "{\"%s\":%.*s}", SWAP[sealing][1],
                           OL_FMT(value.raw));
    } else {
        (void)pthread_mutex_lock(&w->lock);
        if (w->tells < TELLS_MAX) {
            (void)snprintf(w->told[w->tells], sizeof w->told[0], "%.*s", OL_FMT(request->target));
            (void)snprintf(w->body[w->tells++], sizeof w->body[0], "%.*s", OL_FMT(request->body));
        }
        (void)pthread_mutex_unlock(&w->lock);
    }
    stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_str_of(answer));
}

static ol_rc perform(world *w, bool again)
{
    ol_err err = {0};
    ol_keystore_link *keystore = NULL;
    (void)pthread_mutex_init(&w->lock, NULL);
    w->stub = http_stub_start(serve, w);
    (void)snprintf(w->url, sizeof w->url, "http://127.0.0.1:%u", http_stub_port(w->stub));
    w->settings = (worker_settings){.api_url = ol_str_of(w->url), .api_token = OL_STR("t")};
    const ol_keystore_plan plan = {
        .url = ol_str_of(w->url), .token = OL_STR("t"), .clock = ol_clock_real()};
    CHECK_OK(ol_keystore_link_open(&plan, &keystore, &err));
    const ol_rpc rpc = {chain_post, w};
    const top_up about = {.data_id = OL_STR(OWN),
                          .owner = OL_STR("alice.near"),
                          .nonce = 1,
                          .again = again,
                          .amount = AMOUNT,
                          .encrypted = ol_str_bytes(OL_STR(BEFORE))};
    const top_up_tools tools = {.rpc = &rpc,
                                .contract_id = OL_STR("outlayer.near"),
                                .keystore = keystore,
                                .client = ol_http_client_new(&(ol_http_options){0}),
                                .coordinator = coordinator_open(&w->settings, OL_STR("w")),
                                .resume = resume,
                                .pause = rest,
                                .context = w};
    CHECK(tools.client != NULL && tools.coordinator != NULL);
    ol_rc rc = top_up_perform(&about, &tools, &err);
    coordinator_close(tools.coordinator);
    ol_http_client_free(tools.client);
    ol_keystore_link_close(keystore);
    http_stub_stop(w->stub);
    (void)pthread_mutex_destroy(&w->lock);
    return rc;
}

#define SHOWS(...)                                                                                 \
    .shows = (const char *const[])                                                                 \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void check_told(const world *w, const char *path)
{
    CHECK_EQ(w->tells, 1);
    CHECK_STR(ol_str_of(w->told[0]), ol_str_of(path));
}

TEST("a transfer is credited once final blocks show that the key holds it")
{
    world w = {SHOWS(BEFORE, BEFORE, BEFORE, TAKEN)};
    size_t at;
    CHECK_EQ(perform(&w, false), OL_OK);
    CHECK_EQ(w.answered, 1);
    check_told(&w, "/topup/complete");
    CHECK(ol_str_find(ol_str_of(w.body[0]), OL_STR("\"amount\":\"20000\""), &at));
    CHECK(ol_str_find(ol_str_of(w.body[0]), OL_STR("\"new_initial_balance\":\"90000\""), &at));
}

TEST("an accepted answer for a key that was deleted meanwhile credits nothing")
{
    world w = {SHOWS(BEFORE, BEFORE, "")};
    CHECK_EQ(perform(&w, false), OL_OK);
    check_told(&w, "/system-callbacks/close");
}

TEST("an accepted answer that the chain does not show credits nothing; the task comes again")
{
    world w = {SHOWS(BEFORE)};
    CHECK_EQ(perform(&w, false), OL_ERR_TIMEOUT);
    CHECK_EQ(w.tells, 0);
    w = (world){SHOWS(BEFORE, OTHERS)}; /* another key of that nonce, or another transfer */
    CHECK_EQ(perform(&w, false), OL_ERR_TIMEOUT);
    CHECK_EQ(w.tells, 0);
}

TEST("a task that comes again and finds its transfer in the key tells it without an answer")
{
    world w = {SHOWS(TAKEN)};
    CHECK_EQ(perform(&w, true), OL_OK);
    CHECK_EQ(w.answered, 0);
    check_told(&w, "/topup/complete");
}

TEST("a refused answer of a task that came again is credited where another's was taken")
{
    world w = {SHOWS(BEFORE, BEFORE, BEFORE, TAKEN), .answers = OL_ERR_INVALID};
    CHECK_EQ(perform(&w, true), OL_OK);
    check_told(&w, "/topup/complete");
}

TEST("a refused answer of a task that came again ends it where the transfer went back")
{
    world w = {SHOWS(BEFORE), .answers = OL_ERR_INVALID};
    CHECK_EQ(perform(&w, true), OL_OK);
    check_told(&w, "/system-callbacks/close");
    w = (world){SHOWS(BEFORE), .answers = OL_ERR_INVALID}; /* the first time: who knows */
    CHECK_EQ(perform(&w, false), OL_ERR_INVALID);
    CHECK_EQ(w.tells, 0);
}

TEST("a worker that stops while it looks ends no task")
{
    world w = {SHOWS(BEFORE), .answers = OL_ERR_INVALID, .pauses = 1};
    CHECK_EQ(perform(&w, true), OL_ERR_UNAVAILABLE);
    CHECK_EQ(w.tells, 0);
}

TEST("a key of more projects than the coordinator takes gives the money back")
{
    static char text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "{\"key\":\"" DIGITS "\",\"project_ids\":[");
    for (int i = 0; i < 257; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\"a/%d\"", i > 0 ? "," : "", i);
    (void)snprintf(text + n, sizeof text - n, "]}");
    world w = {SHOWS(text)};
    CHECK_EQ(perform(&w, false), OL_OK);
    CHECK_EQ(w.answered, 1);
    check_told(&w, "/system-callbacks/close");
}

static ol_rc look_for_end(world *w, bool *ret_gone)
{
    const ol_rpc rpc = {chain_post, w};
    ol_err err = {0};
    return payment_key_await_gone(&rpc, OL_STR("outlayer.near"), OL_STR("alice.near"), 1, rest, w,
                                  ret_gone, &err);
}

TEST("a key is kept only where final blocks go on showing it")
{
    bool gone;
    world w = {SHOWS(BEFORE, BEFORE, "")}; /* another worker's answer has just deleted it */
    CHECK_EQ(look_for_end(&w, &gone), OL_OK);
    CHECK(gone);
    w = (world){SHOWS(BEFORE)};
    CHECK_EQ(look_for_end(&w, &gone), OL_OK);
    CHECK(!gone);
    w = (world){SHOWS(BEFORE), .pauses = 2};
    CHECK_EQ(look_for_end(&w, &gone), OL_ERR_UNAVAILABLE);
}
