#include "tests/harness/chain.h"
#include "tests/harness/free_port.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_write.h"
#include "lib/near/dev_key.h"
#include "tests/harness/stack.h"

enum { START_MS = 20000, EXCHANGE_MS = 30000, WASM_BYTES_MAX = 8 << 20 };
#define YOCTO_PER_NEAR ((ol_u128)1000000000000000000u * 1000000u)
#define TGAS UINT64_C(1000000000000)

_Noreturn static void die(const chain *c, const char *what, const ol_err *err)
{
    (void)fprintf(stderr, "chain: %s: %s%s%s (log: %s)\n", what, err != NULL ? err->text : "",
                  err != NULL && err->notes > 0 ? ", " : "",
                  err != NULL && err->notes > 0 ? err->note[0] : "", c->log);
    exit(1);
}

/* ---- the program ---- */

static bool exchange(chain *c, const char *method, const char *path, ol_str body, wire_answer *ret)
{
    ol_buf request = ol_buf_new(OL_MIB(32));
    wire_request(&request, method, path, "Content-Type: application/json\r\n", body);
    bool well =
        ol_buf_ok(&request) && wire_exchange(&c->wire, ol_buf_str(&request), EXCHANGE_MS, ret);
    ol_buf_deinit(&request);
    return well;
}

static ol_rc post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    chain *c = context;
    wire_answer answer;
    if (!exchange(c, "POST", "/", body, &answer))
        return ol_fail(err, OL_ERR_NETWORK, "the chain does not answer: %s", c->wire.fault.stage);
    ol_buf_add_str(into, answer.body);
    return OL_OK;
}

static void spawn(chain *c, const char *const *arguments)
{
    char path[1024];
    char port[16];
    const char *bin = getenv("OL_BIN");
    const char *argv[CHAIN_ARGUMENTS_MAX + 8] = {path, "--port", port, "--seed", CHAIN_SEED};
    char *env[] = {(char *)(uintptr_t)"PATH=/usr/bin:/bin", NULL, NULL};
    char home[600];
    size_t n = 5;
    (void)snprintf(path, sizeof path, "%s/outlayer-localnet", bin != NULL ? bin : "build/dev/bin");
    (void)snprintf(port, sizeof port, "%u", c->port);
    for (; arguments != NULL && *arguments != NULL; arguments++) {
        OL_ASSERT(n < CHAIN_ARGUMENTS_MAX + 7);
        argv[n++] = *arguments;
    }
    if (getenv("HOME") != NULL) { /* compiled contracts are kept between runs */
        (void)snprintf(home, sizeof home, "HOME=%s", getenv("HOME"));
        env[1] = home;
    }
    posix_spawn_file_actions_t files;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, 1, c->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    (void)posix_spawn_file_actions_adddup2(&files, 1, 2);
    int failed = posix_spawn(&c->pid, path, &files, NULL, (char *const *)(uintptr_t)argv, env);
    (void)posix_spawn_file_actions_destroy(&files);
    if (failed != 0)
        die(c, "cannot start outlayer-localnet", NULL);
}

void chain_open(chain *c, const char *folder, const char *const *arguments)
{
    wire_answer answer;
    *c = (chain){.port = free_port()};
    (void)snprintf(c->log, sizeof c->log, "%s/outlayer-localnet.log", folder);
    c->wire = wire_client_new(c->port);
    c->rpc = (ol_rpc){post, c};
    c->answer = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    c->arena = ol_arena_new(OL_MIB(512));
    for (const char *const *a = arguments; a != NULL && *a != NULL; a++)
        c->manual |= strcmp(*a, "manual") == 0;
    spawn(c, arguments);
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)START_MS * 1000000;
    while (!exchange(c, "GET", "/dev/status", OL_STR(""), &answer) || answer.status != 200) {
        if (waitpid(c->pid, NULL, WNOHANG) != 0 || ol_mono_ns(ol_clock_real()) > until)
            die(c, "outlayer-localnet does not come up", NULL);
        (void)poll(NULL, 0, 5);
    }
}

void chain_deinit(chain *c)
{
    if (c->pid > 0) {
        (void)kill(c->pid, SIGTERM);
        (void)waitpid(c->pid, NULL, 0);
    }
    wire_client_deinit(&c->wire);
    ol_buf_deinit(&c->answer);
    ol_arena_deinit(&c->arena);
}

void chain_control(chain *c, const char *path, const char *body)
{
    char target[128];
    wire_answer answer;
    (void)snprintf(target, sizeof target, "/dev/%s", path);
    if (!exchange(c, "POST", target, ol_str_of(body), &answer) || answer.status != 200) {
        (void)fprintf(stderr, "chain: %s %s: %d %.*s\n", target, body, answer.status,
                      OL_FMT(answer.body));
        exit(1);
    }
}

/* ---- accounts ---- */

void chain_secret_text(const char *name, char *into, size_t size)
{
    ol_ed25519_key key;
    char storage[OL_BASE58_TEXT_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_dev_key(OL_STR(CHAIN_SEED), ol_str_of(name), &key);
    ol_base58_add(&text, (ol_bytes){key.secret, sizeof key.secret});
    (void)snprintf(into, size, "ed25519:%.*s", OL_FMT(ol_buf_str(&text)));
}

static void load_wasm(const chain *c, const char *file, ol_buf *into)
{
    char path[1024];
    ol_err err;
    const char *folder = getenv("OL_WASM");
    (void)snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "build/dev/wasm", file);
    if (ol_file_load(path, into, &err) != OL_OK)
        die(c, path, &err);
}

void chain_account(chain *c, const char *account, const char *near, const char *wasm)
{
    ol_buf code = ol_buf_new(WASM_BYTES_MAX);
    ol_buf body = ol_buf_new(2 * WASM_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&body);
    ol_u128 balance = 0;
    bool number = ol_u128_parse(ol_str_of(near), &balance);
    OL_ASSERT(number);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "account_id", account);
    ol_json_put_dec(&w, "balance", balance * YOCTO_PER_NEAR);
    if (wasm != NULL) {
        load_wasm(c, wasm, &code);
        ol_json_put_base64(&w, "code_base64", ol_buf_bytes(&code));
    }
    ol_json_object_end(&w);
    ol_buf_add_char(&body, '\0');
    chain_control(c, "account", (const char *)body.data);
    ol_buf_deinit(&code);
    ol_buf_deinit(&body);
}

static chain_signer *find_signer(chain *c, const char *account)
{
    for (size_t i = 0; i < c->signers; i++) {
        if (strcmp(c->signer[i].account, account) == 0)
            return &c->signer[i];
    }
    OL_ASSERT(c->signers < CHAIN_SIGNERS_MAX);
    chain_signer *one = &c->signer[c->signers++];
    (void)snprintf(one->account, sizeof one->account, "%s", account);
    return one;
}

void chain_forget_nonces(chain *c)
{
    c->signers = 0;
    memset(c->signer, 0, sizeof c->signer);
}

static uint64_t take_nonce(chain *c, chain_signer *signer, const ol_ed25519_key *key)
{
    ol_ed25519_public public = ol_ed25519_public_of(key);
    uint64_t nonce = 0;
    ol_err err;
    if (signer->next_nonce == 0) {
        if (ol_rpc_key_nonce(&c->rpc, ol_str_of(signer->account),
                             ol_near_public_key_format(&public, &c->arena), OL_STR("optimistic"),
                             &nonce, NULL, &err) != OL_OK)
            die(c, signer->account, &err);
        signer->next_nonce = nonce + 1;
    }
    return signer->next_nonce++;
}

/* ---- transactions ---- */

void chain_send(chain *c, const char *signer, const char *receiver, const ol_action *actions,
                size_t count, char hash[OL_HASH_TEXT_BYTES])
{
    ol_ed25519_key key;
    ol_block_head head;
    ol_sha256 id;
    ol_rpc_answer answer;
    ol_err err;
    char storage[OL_BASE58_TEXT_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    ol_buf bytes = ol_buf_new(2 * OL_TRANSACTION_BYTES_MAX);
    ol_buf params = ol_buf_new(4 * OL_TRANSACTION_BYTES_MAX);
    ol_dev_key(OL_STR(CHAIN_SEED), ol_str_of(signer), &key);
    if (ol_rpc_block_head(&c->rpc, OL_STR("final"), &head, NULL, &err) != OL_OK)
        die(c, "head", &err);
    ol_transaction transaction = {
        .signer_id = ol_str_of(signer),
        .receiver_id = ol_str_of(receiver),
        .nonce = take_nonce(c, find_signer(c, signer), &key),
        .actions = actions,
        .action_count = count,
    };
    memcpy(transaction.block_hash, head.hash, sizeof head.hash);
    ol_transaction_sign(&transaction, &key, &bytes, &id);
    ol_base58_add(&text, ol_sha256_bytes(&id));
    (void)snprintf(hash, OL_HASH_TEXT_BYTES, "%.*s", OL_FMT(ol_buf_str(&text)));
    /* Not by send_tx: faults on that method are meant for workers. */
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_array_begin(&w);
    ol_json_add_base64(&w, ol_buf_bytes(&bytes));
    ol_json_array_end(&w);
    if (ol_rpc_call(&c->rpc, "broadcast_tx_async", ol_buf_str(&params), &c->answer, &answer,
                    &err) != OL_OK)
        die(c, "broadcast_tx_async", &err);
    ol_buf_deinit(&params);
    ol_buf_deinit(&bytes);
}

void chain_begin(chain *c, const chain_call *call, char hash[OL_HASH_TEXT_BYTES])
{
    const ol_action action =
        ol_action_call(ol_str_of(call->method), ol_str_bytes(call->args),
                       (call->tgas != 0 ? call->tgas : 100) * TGAS, OL_YOCTO(call->deposit));
    chain_send(c, call->signer, call->receiver, &action, 1, hash);
}

/* Out of the answer's buffer, which the next call overwrites. */
static chain_result keep(chain *c, const ol_tx_outcome *outcome, const char *hash)
{
    chain_result result = {
        .state = outcome->state, .logs = outcome->logs, .failure = OL_STR(""), .value = OL_STR("")};
    ol_bytes value = {NULL, 0};
    ol_str *log = ol_arena_array(&c->arena, outcome->logs + 1, sizeof *log);
    bool fits = log != NULL;
    for (size_t i = 0; fits && i < outcome->logs; i++)
        fits = ol_arena_copy(&c->arena, outcome->log[i], &log[i]);
    if (outcome->failure_json.data != NULL)
        fits = fits && ol_arena_copy(&c->arena, outcome->failure_json, &result.failure);
    if (outcome->value_base64.len > 0)
        fits = fits && ol_base64_decode(outcome->value_base64, &c->arena, &value);
    OL_ASSERT(fits);
    if (value.data != NULL)
        result.value = ol_bytes_str(value);
    result.log = log;
    (void)snprintf(result.hash, sizeof result.hash, "%s", hash);
    return result;
}

chain_result chain_end(chain *c, const char *signer, const char *hash)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)CHAIN_WAIT_MS * 1000000;
    for (;;) {
        ol_tx_outcome outcome;
        ol_rpc_answer answer;
        ol_err err;
        if (c->manual)
            chain_control(c, "mine", "{}");
        ol_rc rc = ol_rpc_tx(&c->rpc, hash, ol_str_of(signer),
                             c->manual ? OL_STR("NONE") : OL_STR("EXECUTED_OPTIMISTIC"), &c->arena,
                             &c->answer, &outcome, &answer, &err);
        if (rc == OL_OK && outcome.state != OL_TX_UNDER_WAY)
            return keep(c, &outcome, hash);
        if (ol_mono_ns(ol_clock_real()) > until ||
            (rc != OL_OK && !ol_rpc_fault_passes(answer.fault)))
            die(c, "no outcome", rc == OL_OK ? NULL : &err);
    }
}

chain_result chain_run(chain *c, const chain_call *call)
{
    char hash[OL_HASH_TEXT_BYTES];
    chain_begin(c, call, hash);
    chain_result result = chain_end(c, call->signer, hash);
    if (result.state != OL_TX_SUCCEEDED) {
        (void)fprintf(stderr, "chain: %s.%s: %.*s\n", call->receiver, call->method,
                      OL_FMT(result.failure));
        exit(1);
    }
    return result;
}

/* ---- views ---- */

static ol_rc view(chain *c, const char *contract, const char *method, const char *args, ol_str *ret,
                  ol_err *err)
{
    ol_buf params = ol_buf_new(OL_KIB(64));
    ol_rpc_answer answer;
    ol_bytes bytes;
    ol_rpc_add_call_function(&params, ol_str_of(contract), ol_str_of(method),
                             ol_str_bytes(ol_str_of(args)), OL_STR("optimistic"));
    ol_rc rc = ol_rpc_call(&c->rpc, "query", ol_buf_str(&params), &c->answer, &answer, err);
    ol_buf_deinit(&params);
    if (rc != OL_OK)
        return rc;
    if (!ol_rpc_view_result(ol_buf_str(&c->answer), &c->arena, &bytes))
        return ol_fail(err, OL_ERR_PROTOCOL, "no bytes");
    *ret = ol_bytes_str(bytes);
    return OL_OK;
}

ol_str chain_view(chain *c, const char *contract, const char *method, const char *args)
{
    ol_str value;
    ol_err err;
    if (view(c, contract, method, args, &value, &err) != OL_OK)
        die(c, method, &err);
    return value;
}

bool chain_view_becomes(chain *c, const char *contract, const char *method, const char *args,
                        const char *want)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)CHAIN_WAIT_MS * 1000000;
    while (!ol_str_eq(chain_view(c, contract, method, args), ol_str_of(want))) {
        if (ol_mono_ns(ol_clock_real()) > until)
            return false;
        (void)poll(NULL, 0, 10);
    }
    return true;
}

ol_u128 chain_balance(chain *c, const char *account)
{
    char params[256];
    ol_rpc_answer answer;
    ol_json amount;
    ol_u128 balance;
    ol_err err;
    (void)snprintf(params, sizeof params,
                   "{\"request_type\":\"view_account\",\"finality\":\"optimistic\","
                   "\"account_id\":\"%s\"}",
                   account);
    if (ol_rpc_call(&c->rpc, "query", ol_str_of(params), &c->answer, &answer, &err) != OL_OK ||
        !ol_json_find(&answer.result, OL_STR("amount"), &amount) ||
        ol_json_u128_text(&amount, &balance, &err) != OL_OK)
        die(c, account, &err);
    return balance;
}

uint64_t chain_height(chain *c)
{
    ol_block_head head;
    ol_err err;
    if (ol_rpc_block_head(&c->rpc, OL_STR("optimistic"), &head, NULL, &err) != OL_OK)
        die(c, "head", &err);
    return head.height;
}

/* ---- the contract ---- */

static const char WORKER_KEY[] = "the worker's key";

uint64_t chain_worker_nonce(chain *c)
{
    ol_ed25519_key key;
    uint64_t nonce = 0;
    ol_err err;
    ol_dev_key(OL_STR(CHAIN_SEED), ol_str_of(WORKER_KEY), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    if (ol_rpc_key_nonce(&c->rpc, OL_STR(CHAIN_OPERATOR),
                         ol_near_public_key_format(&public, &c->arena), OL_STR("optimistic"),
                         &nonce, NULL, &err) != OL_OK)
        die(c, "the worker's nonce", &err);
    return nonce;
}

/* Worker 8.1: what a registered key may call. */
static void add_worker_key(chain *c, char *text, size_t size)
{
    static const ol_str methods[] = {
        OL_STR_INIT("resolve_execution"), OL_STR_INIT("submit_execution_output_and_resolve"),
        OL_STR_INIT("resume_topup"), OL_STR_INIT("resume_delete_payment_key")};
    ol_ed25519_key key;
    char hash[OL_HASH_TEXT_BYTES];
    ol_dev_key(OL_STR(CHAIN_SEED), ol_str_of(WORKER_KEY), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    const ol_action add = {
        .kind = OL_ACTION_ADD_KEY,
        .add_key = {.key = ol_public_key_of_ed25519(&public),
                    .access = {.permission = OL_PERMISSION_CALL,
                               .receiver_id = OL_STR(CHAIN_OUTLAYER),
                               .methods = methods,
                               .method_count = OL_COUNT(methods)}},
    };
    chain_send(c, CHAIN_OPERATOR, CHAIN_OPERATOR, &add, 1, hash);
    if (chain_end(c, CHAIN_OPERATOR, hash).state != OL_TX_SUCCEEDED)
        die(c, "cannot add the worker's key", NULL);
    chain_secret_text(WORKER_KEY, text, size);
}

void chain_deploy_outlayer(chain *c, char *key, size_t size)
{
    chain_account(c, CHAIN_OPERATOR, "1000", NULL);
    chain_account(c, CHAIN_OUTLAYER, "1000", "contracts/outlayer.wasm");
    (void)chain_run(c, &(chain_call){.signer = CHAIN_OUTLAYER,
                                     .receiver = CHAIN_OUTLAYER,
                                     .method = "new",
                                     .args = OL_STR("{\"owner_id\":\"" CHAIN_OUTLAYER
                                                    "\",\"operator_id\":\"" CHAIN_OPERATOR "\"}")});
    add_worker_key(c, key, size);
}
