/* A keystore that is gone, slow or talks nonsense: what needs it fails in the specified words and
 * costs what the specification says; what does not need it goes on. On the real programs; the
 * keystore is a scripted server where it misbehaves. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "tests/e2e/chain_lab.h"
#include "tests/harness/free_port.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/keystore.h"
#include "tests/harness/test.h"

enum { USD = 10000000, TOLD_MS = 30000, SLOW_MS = 1500, NEVER_MS = 120000 };

#define BASE_FEE 1000 /* micro-dollars a short run costs over HTTPS */
#define ROW_HASH "1111111111111111111111111111111111111111111111111111111111111111"
#define NOT_DECRYPTED "Failed to decrypt secrets. Please check your secrets configuration."

typedef enum manner { ANSWERS, NO_SESSIONS, SLOW, NEVER, CUT_SHORT } manner;

/* One way to misbehave: what every request that is no opening of a session is answered. */
typedef struct act {
    const char *name;
    manner manner;
    int status;
    const char *body;
    const char *says; /* the run's error; NULL: it runs */
} act;

typedef struct play {
    const act *_Atomic now;
    http_stub *stub;
    char url[64];
    chain_lab lab;
} play;

static void open_session(const stub_request *request, stub_conn *conn)
{
    if (ol_str_eq(request->target, OL_STR("/tee-challenge")))
        stub_answer(conn, 200, NULL, OL_STR("{\"challenge\":\"" ROW_HASH "\"}"));
    else
        stub_answer(conn, 200, NULL,
                    OL_STR("{\"session_id\":\"00000000-0000-4000-8000-000000000000\"}"));
}

static void on_request(void *context, const stub_request *request, stub_conn *conn)
{
    play *p = context;
    const act *now = atomic_load(&p->now);
    bool session = ol_str_eq(request->target, OL_STR("/tee-challenge")) ||
                   ol_str_eq(request->target, OL_STR("/register-tee"));
    if (now->manner == NEVER) {
        (void)stub_pause(conn, NEVER_MS);
        stub_close(conn);
        return;
    }
    if (session && now->manner != NO_SESSIONS) {
        open_session(request, conn);
        return;
    }
    if (now->manner == SLOW)
        (void)stub_pause(conn, SLOW_MS);
    if (now->manner == CUT_SHORT) {
        (void)stub_write(conn, OL_STR("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
                                      "{\"plaintext_secrets\":\"e30"));
        stub_close(conn);
        return;
    }
    stub_answer(conn, now->status, NULL, ol_str_of(now->body));
}

static void play_open(play *p, const act *first)
{
    *p = (play){0};
    atomic_store(&p->now, first);
    p->stub = http_stub_start(on_request, p);
    (void)snprintf(p->url, sizeof p->url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u",
                   http_stub_port(p->stub));
    const char *worker[] = {p->url, "KEYSTORE_AUTH_TOKEN=" KEYSTORE_TOKEN, NULL};
    chain_lab_open(&p->lab, &(chain_lab_options){.worker = worker, .balance = USD});
}

static void play_deinit(play *p)
{
    chain_lab_deinit(&p->lab);
    http_stub_stop(p->stub);
}

/* ---- calls ---- */

/* The checksum of what was published, for requests of the chain. */
static ol_sha256_hex publish(chain_lab *l, const char *name, const char *file)
{
    ol_sha256_hex hash;
    ol_err err = {0};
    CHECK_OK(stack_upload(&l->stack, file, &hash, &err));
    (void)chain_run(&l->chain,
                    &(chain_call){.signer = ALICE,
                                  .receiver = CHAIN_OUTLAYER,
                                  .method = "create_project",
                                  .args = ol_arena_printf(
                                      &l->chain.arena,
                                      "{\"name\":\"%s\",\"source\":{\"WasmUrl\":{\"url\":"
                                      "\"https://test/code.wasm\",\"hash\":\"%s\",\"build_target\":"
                                      "\"wasm32-wasip1\"}}}",
                                      name, hash.data),
                                  .deposit = DEPOSIT});
    return hash;
}

/* POST /call/alice.test.near/NAME, told within 30 s; the body, in the arena. */
static ol_str call(chain_lab *l, const char *name, const char *body)
{
    char path[128];
    char headers[512];
    wire_answer answer = {0};
    ol_str copy;
    ol_buf request = ol_buf_new(OL_KIB(16));
    wire_client client = wire_client_new(l->stack.port);
    (void)snprintf(path, sizeof path, "/call/" ALICE "/%s", name);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n", l->stack.payment_key);
    wire_request(&request, "POST", path, headers, ol_str_of(body));
    CHECK(wire_exchange(&client, ol_buf_str(&request), TOLD_MS, &answer));
    CHECK_EQ_ROW(answer.status, 200, name);
    CHECK(ol_arena_copy(&l->chain.arena, answer.body, &copy));
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    return copy;
}

#define WITH_SECRETS                                                                               \
    "{\"input\":{\"env_vars\":[\"API_KEY\"]},\"secrets_ref\":{\"profile\":\"default\","            \
    "\"account_id\":\"" ALICE "\"}}"

static void check_available(chain_lab *l, uint64_t micro_usd, const char *row)
{
    char want[64];
    ol_buf body = ol_buf_new(OL_KIB(16));
    ol_err err = {0};
    (void)snprintf(want, sizeof want, "\"available\":\"%llu\"", (unsigned long long)micro_usd);
    CHECK_OK(stack_get(&l->stack, "/public/payment-keys/test.near/1/balance", &body, &err));
    CHECK_HAS(ol_buf_str(&body), ol_str_of(want), row);
    ol_buf_deinit(&body);
}

static ol_str logged(const chain_result *result, const char *what)
{
    size_t at;
    for (size_t i = 0; i < result->logs; i++) {
        if (ol_str_find(result->log[i], ol_str_of(what), &at))
            return result->log[i];
    }
    return OL_STR("(not logged)");
}

static ol_str with_secrets(chain_lab *l, const ol_sha256_hex *code)
{
    return chain_lab_args(l, code, "Text", OL_STR("{\"env_vars\":[\"API_KEY\"]}"),
                          ",\"secrets_ref\":{\"profile\":\"default\",\"account_id\":\"" ALICE
                          "\"}");
}

/* ---- secrets ---- */

static const act SECRETS[] = {
    {"500", ANSWERS, 500, "{\"error\":\"broken\"}", NOT_DECRYPTED},
    {"sessions refused", NO_SESSIONS, 503, "{}", NOT_DECRYPTED},
    {"sessions without an id", NO_SESSIONS, 200, "{\"challenge\":7}", NOT_DECRYPTED},
    {"half of an object", ANSWERS, 200, "{\"plaintext_secrets\":", NOT_DECRYPTED},
    {"no member", ANSWERS, 200, "{\"plaintext\":\"e30=\"}", NOT_DECRYPTED},
    {"a number", ANSWERS, 200, "{\"plaintext_secrets\":5}", NOT_DECRYPTED},
    {"no Base64", ANSWERS, 200, "{\"plaintext_secrets\":\"%%%\"}", NOT_DECRYPTED},
    {"nothing", ANSWERS, 200, "", NOT_DECRYPTED},
    {"sealed rubbish", ANSWERS, 200, "{\"sealed\":\"AAECAwQFBgcICQ==\"}", NOT_DECRYPTED},
    {"sealed for another", ANSWERS, 200,
     "{\"sealed\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
     "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\"}",
     NOT_DECRYPTED},
    {"cut short", CUT_SHORT, 200, "", NOT_DECRYPTED},
    {"a session that is never known", ANSWERS, 403,
     "{\"error\":\"TEE session not found or expired\"}", NOT_DECRYPTED},
    {"bytes", ANSWERS, 200, "{\"plaintext_secrets\":\"//79\"}",
     "Invalid secrets format: not valid UTF-8 text"},
    {"a list", ANSWERS, 200, "{\"plaintext_secrets\":\"WzFd\"}",
     "Invalid secrets format: must be a JSON object with string key-value pairs"},
    {"400", ANSWERS, 400, "{\"error\":\"what?\"}",
     "Invalid secrets request. Please check your secrets configuration."},
    {"401 for other reasons", ANSWERS, 401, "{\"error\":\"Token expired\"}",
     "Secret access error: Token expired"},
    {"401 without words", ANSWERS, 401, "<html>",
     "Access to secrets denied. Check access conditions."},
    {"404", ANSWERS, 404, "{}", NULL},
    {"slow", SLOW, 200, "{\"plaintext_secrets\":\"eyJBUElfS0VZIjoieCJ9\"}", NULL},
};

TEST("each kind of nonsense of a keystore fails a run with secrets in its words, and costs nothing")
{
    OL_AUTO(play) p;
    uint64_t left = USD;
    play_open(&p, &SECRETS[0]);
    ol_sha256_hex code = publish(&p.lab, "env", "guests/guest-env-test.wasm");
    OL_EACH (row, SECRETS) {
        atomic_store(&p.now, row);
        ol_str body = call(&p.lab, "env", WITH_SECRETS);
        if (row->says == NULL) {
            CHECK_HAS(body, OL_STR("\"status\":\"completed\""), row->name);
        } else {
            CHECK_HAS(body, OL_STR("\"status\":\"failed\""), row->name);
            CHECK_HAS(body, ol_str_of(row->says), row->name);
            CHECK_HAS(body, OL_STR("\"compute_cost\":\"0\""), row->name); /* nothing ran */
        }
        left -= row->says == NULL ? BASE_FEE : 0;
        check_available(&p.lab, left, row->name);
        CHECK_HAS(call(&p.lab, "env", "{\"input\":{\"env_vars\":[\"API_KEY\"]}}"),
                  OL_STR("\"status\":\"completed\""), row->name);
        left -= BASE_FEE;
    }
    /* The chain takes its base fee and gives the rest back (Contract 6). */
    atomic_store(&p.now, &SECRETS[0]);
    chain_result result = chain_lab_run(&p.lab, with_secrets(&p.lab, &code));
    CHECK_STR(result.value, OL_STR("null"));
    CHECK_HAS(logged(&result, "execution_completed"), OL_STR(NOT_DECRYPTED), "chain");
    CHECK_HAS(logged(&result, "yNEAR charged"),
              OL_STR("[[yNEAR charged: \"1000000000000000000000\"]]"), "chain");
}

TEST("a keystore that never answers holds up nobody else, and whoever waits is told within 30 s")
{
    static const act SILENT = {"never", NEVER, 0, "", NOT_DECRYPTED};
    OL_AUTO(play) p;
    char hash[OL_HASH_TEXT_BYTES];
    play_open(&p, &SILENT);
    ol_sha256_hex code = publish(&p.lab, "env", "guests/guest-env-test.wasm");
    chain_lab_begin(&p.lab, with_secrets(&p.lab, &code), hash);
    CHECK(http_stub_await(p.stub, 1, TOLD_MS));
    for (int i = 0; i < 5; i++) {
        chain_result result = chain_lab_echo(&p.lab, OL_STR("goes on"));
        CHECK_STR(result.value, OL_STR("\"goes on\""));
        CHECK_HAS(call(&p.lab, "env", "{\"input\":{\"env_vars\":[\"API_KEY\"]}}"),
                  OL_STR("\"status\":\"completed\""), "meanwhile");
    }
    CHECK_EQ(http_stub_requests(p.stub), 1); /* and nobody else asked it */
    chain_result result = chain_end(&p.lab.chain, ALICE, hash);
    CHECK_HAS(logged(&result, "execution_completed"), OL_STR(NOT_DECRYPTED), "told");
    CHECK_HAS(call(&p.lab, "env", WITH_SECRETS), OL_STR(NOT_DECRYPTED), "told");
    check_available(&p.lab, USD - 5 * BASE_FEE, "the five that ran");
}

/* ---- storage, randomness ---- */

typedef struct service_row {
    act act;
    const char *calls;
    const char *wants;
} service_row;

#define SET_GET_VRF "[[\"set\",\"k\",\"v\"],[\"get\",\"k\"],[\"vrf\",\"a\"]]"

static const service_row SERVICES[] = {
    {{"500", ANSWERS, 500, "broken", NULL},
     SET_GET_VRF,
     "[\"!Keystore encrypt failed: 500 Internal Server Error - broken\","
     "\"!Keystore encrypt failed: 500 Internal Server Error - broken\","
     "\"!Keystore VRF failed (500 Internal Server Error): broken\"]"},
    {{"not what was asked", ANSWERS, 200, "[]", NULL},
     SET_GET_VRF,
     "[\"!Keystore encrypt failed: 200 OK - []\",\"!Keystore encrypt failed: 200 OK - []\","
     "\"!Failed to parse VRF response: a member is missing\"]"},
    {{"sealed rubbish", ANSWERS, 200, "{\"sealed\":\"AAECAwQFBgcICQ==\"}", NULL},
     SET_GET_VRF,
     "[\"!Keystore encrypt failed: no answer\",\"!Keystore encrypt failed: no answer\","
     "\"!VRF request failed: no answer\"]"},
    {{"cut short", CUT_SHORT, 200, "", NULL},
     SET_GET_VRF,
     "[\"!Keystore encrypt failed: no answer\",\"!Keystore encrypt failed: no answer\","
     "\"!VRF request failed: no answer\"]"},
    /* One answer that fits every request, and opens rows under a name of its own. */
    {{"another key's row", ANSWERS, 200,
      "{\"key_hash\":\"" ROW_HASH "\",\"encrypted_key_base64\":\"aw==\","
      "\"encrypted_value_base64\":\"dg==\",\"key\":\"other\",\"value_base64\":\"dg==\"}",
      NULL},
     "[[\"set\",\"k\",\"v\"],[\"get\",\"k\"],[\"increment\",\"k\",\"1\"],[\"swap\",\"k\",\"v\","
     "\"w\"]]",
     "[\"\",\"!Keystore decrypt failed: the row belongs to another key\","
     "\"!Keystore decrypt failed: the row belongs to another key\","
     "\"!Keystore decrypt failed: the row belongs to another key\"]"},
};

TEST("guests are told in the specified words what storage and randomness could not get")
{
    OL_AUTO(play) p;
    char body[512];
    char want[512];
    play_open(&p, &SERVICES[0].act);
    (void)publish(&p.lab, "s", "guests/guest-services.wasm");
    OL_EACH (row, SERVICES) {
        atomic_store(&p.now, &row->act);
        (void)snprintf(body, sizeof body, "{\"input\":{\"calls\":%s}}", row->calls);
        (void)snprintf(want, sizeof want, "\"output\":%s", row->wants);
        CHECK_HAS(call(&p.lab, "s", body), ol_str_of(want), row->act.name);
    }
}

/* ---- restarts ---- */

TEST("a keystore that was killed is missed in words; restarted, it is registered at again")
{
    static const char SCRIPT[] = "{\"input\":{\"calls\":[[\"increment\",\"n\",\"1\"]]}}";
    char url[64];
    chain_lab lab;
    keystore_process keystore;
    ol_err err = {0};
    uint16_t port = free_port();
    (void)snprintf(url, sizeof url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u", port);
    const char *worker[] = {url, "KEYSTORE_AUTH_TOKEN=" KEYSTORE_TOKEN, NULL};
    chain_lab_open(&lab, &(chain_lab_options){.worker = worker, .balance = USD});
    keystore_process_start(&keystore, port, lab.chain.port, lab.folder, NULL);
    (void)publish(&lab, "env", "guests/guest-env-test.wasm");
    (void)publish(&lab, "s", "guests/guest-services.wasm");
    CHECK_HAS(call(&lab, "s", SCRIPT), OL_STR("\"output\":[1]"), "at first");
    keystore_process_kill(&keystore);
    CHECK_HAS(call(&lab, "s", SCRIPT),
              OL_STR("\"output\":[\"!Keystore encrypt failed: no answer\"]"), "killed");
    CHECK_HAS(call(&lab, "s", "{\"input\":{\"calls\":[[\"vrf\",\"a\"]]}}"),
              OL_STR("\"output\":[\"!VRF request failed: no answer\"]"), "killed");
    CHECK_HAS(call(&lab, "env", WITH_SECRETS), OL_STR(NOT_DECRYPTED), "killed");
    for (int i = 2; i <= 4; i++) {
        char want[32];
        keystore_process_kill(&keystore);
        keystore_process_start(&keystore, port, lab.chain.port, lab.folder, NULL);
        (void)snprintf(want, sizeof want, "\"output\":[%d]", i);
        CHECK_HAS(call(&lab, "s", SCRIPT), ol_str_of(want), "restarted");
    }
    keystore_process_kill(&keystore);
    keystore_process_start(&keystore, port, lab.chain.port, lab.folder, NULL);
    /* No secret is stored: the run goes without, which only an answer of the keystore allows. */
    CHECK_HAS(call(&lab, "env", WITH_SECRETS), OL_STR("\"status\":\"completed\""), "restarted");
    stack_kill(&lab.stack, STACK_WORKER);
    CHECK_OK(stack_start(&lab.stack, STACK_WORKER, &err));
    CHECK_HAS(call(&lab, "s", SCRIPT), OL_STR("\"output\":[5]"), "worker restarted");
    keystore_process_deinit(&keystore);
    chain_lab_deinit(&lab);
}
