#include "tests/conformance/keystore/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/secrets/blob.h"
#include "lib/secrets/tee_challenge.h"

enum { ENVIRONMENT_MAX = 48, TEXT_BYTES = 1024, LOG_BYTES_MAX = 16 * 1024 * 1024 };

/* ---- the chain ---- */

enum { FIRST_HEIGHT = 100 };

/* Every head is another block, so that nothing is remembered from one request to the next; all
 * nodes have all blocks, but for the one that is on a chain of its own. */
static void answer_head(const lab_node *node, const ol_json *params, stub_conn *conn)
{
    lab *it = node->lab;
    uint8_t hash[32] = {1};
    char text[1024];
    uint64_t height;
    ol_json asked;
    OL_AUTO(ol_arena) arena = ol_arena_new(4096);
    unsigned number;
    if (ol_json_find(params, OL_STR("block_id"), &asked) &&
        ol_json_u64(&asked, &height, NULL) == OL_OK)
        number = (unsigned)(height - FIRST_HEIGHT);
    else
        number = atomic_fetch_add(&it->heads, 1);
    hash[31] = node->number == it->forked ? 1 : 0;
    memcpy(hash + 1, &number, sizeof number);
    ol_str base58 = ol_base58_of(&arena, (ol_bytes){hash, sizeof hash});
    (void)snprintf(text, sizeof text,
                   "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"author\":\"a\",\"header\":{"
                   "\"height\":%u,\"hash\":\"%.*s\",\"timestamp\":1,\"timestamp_nanosec\":\"1\","
                   "\"prev_hash\":\"11111111111111111111111111111111\"},\"chunks\":[]}}",
                   FIRST_HEIGHT + number, OL_FMT(base58));
    stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_str_of(text));
}

static ol_str text_of(const ol_json *params, const char *name, ol_arena *arena)
{
    ol_json value;
    ol_str text = OL_STR("");
    if (ol_json_find(params, ol_str_of(name), &value))
        (void)ol_json_text(&value, arena, &text, NULL);
    return text;
}

static const lab_row *row_of(const lab_node *node, ol_str method, ol_str args)
{
    size_t at;
    for (const lab_row *row = node->lab->script; row->method != NULL; row++) {
        if (ol_str_eq(method, ol_str_of(row->method)) &&
            (row->from_node == 0 || row->from_node == node->number) &&
            (row->args == NULL || ol_str_find(args, ol_str_of(row->args), &at)))
            return row;
    }
    return NULL;
}

static void answer_result(stub_conn *conn, const char *result)
{
    ol_buf out = ol_buf_new(OL_MIB(4));
    if (result != NULL)
        ol_buf_addf(&out, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":%s}", result);
    else
        ol_buf_add_str(&out, OL_STR("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"name\":"
                                    "\"HANDLER_ERROR\",\"cause\":{\"name\":\"UNKNOWN_ACCESS_KEY\","
                                    "\"info\":{}},\"code\":-32000,\"message\":\"Server error\","
                                    "\"data\":\"does not exist\"}}"));
    stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_buf_str(&out));
    ol_buf_deinit(&out);
}

static void serve_query(const lab_node *node, const ol_json *params, stub_conn *conn)
{
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_MIB(4));
    ol_str type = text_of(params, "request_type", &arena);
    bool is_view = ol_str_eq(type, OL_STR("call_function"));
    ol_str method = is_view ? text_of(params, "method_name", &arena) : type;
    ol_bytes args = {NULL, 0};
    ol_str args_text = params->raw;
    if (is_view && ol_base64_decode(text_of(params, "args_base64", &arena), &arena, &args))
        args_text = ol_bytes_str(args);
    const lab_row *row = row_of(node, method, args_text);
    (void)atomic_fetch_add(&node->lab->views, 1);
    if (row == NULL)
        stub_answer(conn, 500, NULL, OL_STR("not in the script"));
    else if (is_view)
        stub_answer_view(conn, ol_str_of(row->answer != NULL ? row->answer : "null"), 100);
    else
        answer_result(conn, row->answer);
}

static void serve(void *context, const stub_request *request, stub_conn *conn)
{
    lab_node *node = context;
    ol_json root;
    ol_json method;
    ol_json params;
    if (node->number == node->lab->broken) {
        stub_answer(conn, 503, NULL, OL_STR("no"));
        return;
    }
    (void)stub_pause(conn, atomic_load(&node->lab->pause_ms));
    if (atomic_load(&node->lab->silent) || ol_json_parse(request->body, &root, NULL) != OL_OK ||
        !ol_json_find(&root, OL_STR("method"), &method) ||
        !ol_json_find(&root, OL_STR("params"), &params))
        stub_answer(conn, 503, NULL, OL_STR("no"));
    else if (ol_json_text_is(&method, OL_STR("block")))
        answer_head(node, &params, conn);
    else
        serve_query(node, &params, conn);
}

void lab_script(lab *it, const lab_row *rows)
{
    size_t n = 0;
    do {
        CHECK(n < LAB_ROWS_MAX);
        it->script[n] = rows[n];
    } while (rows[n++].method != NULL);
}

/* ---- the program ---- */

typedef struct environment {
    char *item[ENVIRONMENT_MAX + 1];
    size_t count;
} environment;

static void put(lab *it, environment *e, ol_str text)
{
    ol_str copy;
    char *item;
    size_t name = strcspn(text.data, "=") + 1;
    CHECK(ol_arena_copy(&it->arena, text, &copy));
    memcpy(&item, &copy.data, sizeof item);
    for (size_t i = 0; i < e->count; i++) {
        if (strncmp(e->item[i], item, name) == 0) {
            e->item[i] = item;
            return;
        }
    }
    CHECK(e->count < ENVIRONMENT_MAX);
    e->item[e->count++] = item;
}

static void put_hash(lab *it, environment *e, const char *name, const char *token)
{
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(ol_str_of(token)));
    put(it, e, ol_str_of(lab_text(it, "%s=%s", name, hash.data)));
}

static void put_nodes(lab *it, environment *e)
{
    ol_buf urls = ol_buf_new(TEXT_BYTES);
    ol_buf_add_str(&urls, OL_STR("NEAR_RPC_URL="));
    for (unsigned i = 0; i < it->nodes; i++)
        ol_buf_addf(&urls, "%shttp://127.0.0.1:%u", i > 0 ? "," : "",
                    http_stub_port(it->node[i].stub));
    ol_buf_add_char(&urls, '\0');
    put(it, e, ol_str_of((const char *)urls.data));
    ol_buf_deinit(&urls);
}

static environment environment_of(lab *it, const char *const *settings)
{
    static const ol_str STANDARDS[] = {
        OL_STR_INIT("SERVER_HOST=127.0.0.1"),
        OL_STR_INIT("SERVER_PORT=0"),
        OL_STR_INIT("NEAR_CONTRACT_ID=" LAB_CONTRACT),
        OL_STR_INIT("OPERATOR_ACCOUNT_ID=" LAB_OPERATOR),
        OL_STR_INIT("BLOCK_AGE_MAX_SECONDS=0"),
        OL_STR_INIT("FACTS_MS=0"),
        OL_STR_INIT("LOCK_MEMORY=false"), /* an ordinary user may run this */
        OL_STR_INIT("KEYSTORE_MASTER_SECRET="
                    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    };
    static const char *const PASSED[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "PATH",
                                         "LLVM_PROFILE_FILE"};
    environment e = {.count = 0};
    OL_EACH (row, STANDARDS)
        put(it, &e, *row);
    put_hash(it, &e, "ALLOWED_WORKER_TOKEN_HASHES", "worker-token");
    put_hash(it, &e, "ALLOWED_COORDINATOR_TOKEN_HASHES", "coordinator-token");
    put_nodes(it, &e);
    for (; settings != NULL && *settings != NULL; settings++)
        put(it, &e, ol_str_of(*settings));
    OL_EACH (name, PASSED) {
        const char *value = getenv(*name);
        if (value != NULL)
            put(it, &e, ol_str_of(lab_text(it, "%s=%s", *name, value)));
    }
    return e;
}

static void spawn(lab *it, const char *const *settings)
{
    int ends[2];
    const char *bin = getenv("OL_BIN");
    environment e = environment_of(it, settings);
    CHECK(bin != NULL);
    const char *path = lab_text(it, "%s/outlayer-keystore", bin);
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    it->pid = fork();
    CHECK(it->pid >= 0);
    if (it->pid == 0) {
        static char name[] = "outlayer-keystore";
        char *const arguments[] = {name, NULL};
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no server behind */
        (void)dup2(ends[1], STDERR_FILENO);
        (void)execve(path, arguments, e.item);
        _exit(127);
    }
    (void)close(ends[1]);
    it->log.n = ends[0];
}

static bool log_more(lab *it)
{
    struct pollfd poller = {.fd = it->log.n, .events = POLLIN};
    CHECK(poll(&poller, 1, LAB_WAIT_MS) == 1);
    uint8_t *into = ol_buf_reserve(&it->seen, 4096);
    CHECK(into != NULL);
    ssize_t n = read(it->log.n, into, 4096);
    if (n > 0)
        it->seen.len += (size_t)n;
    return n > 0;
}

static void await_port(lab *it)
{
    size_t at;
    uint32_t port;
    ol_str head;
    ol_str rest;
    while (!ol_str_find(ol_buf_str(&it->seen), OL_STR(" port="), &at))
        CHECK(log_more(it));
    rest = ol_str_slice(ol_buf_str(&it->seen), at + 6, it->seen.len);
    while (!ol_str_cut(rest, ' ', &head, &rest)) {
        CHECK(log_more(it));
        rest = ol_str_slice(ol_buf_str(&it->seen), at + 6, it->seen.len);
    }
    CHECK(ol_u32_parse(head, &port));
    it->port = (uint16_t)port;
    it->client = wire_client_new(it->port);
}

static void prepare(lab *it, unsigned nodes)
{
    *it = (lab){.arena = ol_arena_new(OL_MIB(64)), .seen = ol_buf_new(LOG_BYTES_MAX)};
    it->nodes = nodes;
    for (unsigned i = 0; i < nodes; i++) {
        it->node[i] = (lab_node){.lab = it, .number = i + 1};
        it->node[i].stub = http_stub_start(serve, &it->node[i]);
    }
}

void lab_start(lab *it, unsigned nodes, const char *const *settings)
{
    prepare(it, nodes);
    spawn(it, settings);
    await_port(it);
}

static int ended(lab *it)
{
    int status = 0;
    while (waitpid(it->pid, &status, 0) < 0)
        CHECK(errno == EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void release(lab *it)
{
    for (unsigned i = 0; i < it->nodes; i++)
        http_stub_stop(it->node[i].stub);
    (void)close(it->log.n);
    ol_buf_deinit(&it->seen);
}

void lab_log_rest(lab *it)
{
    CHECK(kill(it->pid, SIGTERM) == 0);
    while (log_more(it)) {
    }
}

void lab_stop(lab *it)
{
    wire_client_deinit(&it->client);
    lab_log_rest(it);
    CHECK_EQ(ended(it), 0);
    release(it);
    ol_arena_deinit(&it->arena);
}

void lab_check_refused(const char *const *settings, ol_str says)
{
    lab it;
    prepare(&it, 1);
    spawn(&it, settings);
    while (log_more(&it)) {
    }
    CHECK(ended(&it) != 0);
    CHECK_HAS(ol_buf_str(&it.seen), says, settings[0]);
    release(&it);
    ol_arena_deinit(&it.arena);
}

/* ---- exchanges ---- */

const char *lab_text(lab *it, const char *format, ...)
{
    char text[65536];
    ol_str copy;
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    CHECK(n >= 0 && (size_t)n < sizeof text);
    CHECK(ol_arena_copy(&it->arena, ol_str_of(text), &copy));
    return copy.data;
}

static wire_answer exchange(lab *it, const char *method, const char *path, const char *headers,
                            const char *body)
{
    wire_answer answer;
    ol_buf request = ol_buf_new(OL_MIB(16));
    wire_request(&request, method, path, headers, ol_str_of(body));
    bool came = wire_exchange(&it->client, ol_buf_str(&request), LAB_WAIT_MS, &answer);
    ol_buf_deinit(&request);
    if (!came)
        wire_fault_print(&it->client);
    CHECK(came);
    return answer;
}

wire_answer lab_get(lab *it, const char *path, const char *headers)
{
    return exchange(it, "GET", path, headers, NULL);
}

wire_answer lab_post(lab *it, const char *path, const char *headers, const char *body)
{
    return exchange(it, "POST", path, lab_text(it, "Content-Type: application/json\r\n%s", headers),
                    body);
}

wire_answer lab_work(lab *it, const char *path, const char *body)
{
    return lab_post(it, path, lab_text(it, LAB_WORKER "%s", it->session), body);
}

ol_str lab_member(lab *it, wire_answer answer, const char *name)
{
    ol_err err;
    ol_json root;
    ol_json value;
    ol_str text;
    CHECK_EQ_ROW(answer.status, 200, name);
    CHECK_OK(ol_json_parse(answer.body, &root, &err));
    CHECK_ROW(ol_json_find(&root, ol_str_of(name), &value), name);
    CHECK_OK(ol_json_text(&value, &it->arena, &text, &err));
    CHECK(ol_arena_copy(&it->arena, text, &text));
    return text;
}

void lab_check_error(wire_answer answer, int status, const char *has)
{
    CHECK_EQ_ROW(answer.status, status, has);
    CHECK_STARTS(answer.body, OL_STR("{\"error\":\""), has);
    CHECK_HAS(answer.body, ol_str_of(has), has);
}

/* ---- secrets ---- */

ol_master lab_master(void)
{
    ol_master master;
    for (size_t i = 0; i < sizeof master.secret; i++)
        master.secret[i] = (uint8_t)i;
    return master;
}

const char *lab_stored(lab *it, const char *seed, const char *json, const char *access,
                       const char *accessor, const char *vault)
{
    ol_err err;
    ol_master master = lab_master();
    ol_buf blob = ol_buf_new(OL_MIB(1));
    CHECK_OK(ol_blob_seal(&master, ol_str_of(seed), ol_str_bytes(ol_str_of(json)),
                          ol_random_kernel(), &blob, &err));
    ol_str base64 = ol_base64_of(&it->arena, ol_buf_bytes(&blob));
    ol_buf_deinit(&blob);
    const char *vault_json = vault == NULL ? "null" : lab_text(it, "\"%s\"", vault);
    return lab_text(it,
                    "{\"profile\":{\"encrypted_secrets\":\"%.*s\",\"access\":%s,\"created_at\":1,"
                    "\"updated_at\":1,\"storage_deposit\":\"1\",\"accessor\":%s},\"vault_id\":%s}",
                    OL_FMT(base64), access, accessor, vault_json);
}

/* ---- sessions ---- */

ol_ed25519_key lab_operator_key(void)
{
    uint8_t seed[OL_ED25519_SEED_BYTES];
    ol_ed25519_key key;
    memset(seed, 0x22, sizeof seed);
    ol_ed25519_key_of_seed(seed, &key);
    return key;
}

ol_str lab_challenge(lab *it)
{
    return lab_member(it, lab_post(it, "/tee-challenge", LAB_WORKER, "{\"scheme\":\"v2\"}"),
                      "challenge");
}

wire_answer lab_register(lab *it, const char *scheme, const char *challenge_hex)
{
    uint8_t challenge[OL_TEE_CHALLENGE_BYTES];
    ol_err err;
    ol_buf statement = ol_buf_new(OL_TEE_STATEMENT_BYTES_MAX);
    OL_AUTO(ol_ed25519_key) key = lab_operator_key();
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    CHECK(ol_hex_decode_fixed(ol_str_of(challenge_hex), challenge, sizeof challenge));
    if (strcmp(scheme, "v2") == 0)
        CHECK_OK(ol_tee_statement(OL_STR("keystore"), challenge, NULL, &statement, &err));
    else
        ol_buf_add(&statement, (ol_bytes){challenge, sizeof challenge});
    ol_ed25519_signature signature = ol_ed25519_sign(&key, ol_buf_bytes(&statement));
    ol_buf_deinit(&statement);
    ol_str key_text = ol_base58_of(&it->arena, (ol_bytes){public.bytes, sizeof public.bytes});
    ol_str text = ol_base58_of(&it->arena, (ol_bytes){signature.bytes, sizeof signature.bytes});
    return lab_post(it, "/register-tee", LAB_WORKER,
                    lab_text(it,
                             "{\"public_key\":\"ed25519:%.*s\",\"challenge\":\"%s\","
                             "\"signature\":\"ed25519:%.*s\",\"scheme\":\"%s\"}",
                             OL_FMT(key_text), challenge_hex, OL_FMT(text), scheme));
}
