#include "tests/e2e/money_life.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tests/harness/free_port.h"
#include "tests/harness/test.h"

const char *const USER[USERS] = {ALICE, "bob.test.near", "carol.test.near"};

/* SplitMix64 */
uint64_t life_draw(life *l, uint64_t below)
{
    uint64_t z = (l->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

/* ---- the chain ---- */

void life_restart_keystore(life *l)
{
    uint16_t port = l->keystore.port;
    keystore_process_kill(&l->keystore);
    keystore_process_start(&l->keystore, port, l->lab.chain.port, l->lab.folder, NULL);
}

chain_result life_send(life *l, const char *signer, const char *receiver, const char *method,
                       ol_str args, ol_u128 deposit)
{
    const chain_call call = {.signer = signer,
                             .receiver = receiver,
                             .method = method,
                             .args = args,
                             .tgas = 280,
                             .deposit = deposit};
    char hash[OL_HASH_TEXT_BYTES];
    ol_err err = {0};
    if (!l->one_dies)
        return chain_run(&l->lab.chain, &call);
    l->one_dies = false;
    l->deaths++;
    chain_begin(&l->lab.chain, &call, hash);
    (void)poll(NULL, 0, (int)life_draw(l, 30)); /* any moment of what is done about it */
    if (life_draw(l, 3) == 0) {
        life_restart_keystore(l);
    } else {
        stack_kill(&l->lab.stack, STACK_WORKER);
        CHECK_OK(stack_start(&l->lab.stack, STACK_WORKER, &err));
    }
    chain_result result = chain_end(&l->lab.chain, signer, hash);
    CHECK_EQ_ROW((int)result.state, (int)OL_TX_SUCCEEDED, method);
    return result;
}

/* One in twelve. */
void life_tempt_fate(life *l)
{
    l->one_dies = life_draw(l, 12) == 0;
}

static void publish(life *l, const char *name, const char *file)
{
    ol_sha256_hex hash;
    ol_err err = {0};
    CHECK_OK(stack_upload(&l->lab.stack, file, &hash, &err));
    (void)life_send(l, ALICE, CHAIN_OUTLAYER, "create_project",
                    ol_arena_printf(&l->lab.chain.arena,
                                    "{\"name\":\"%s\",\"source\":{\"WasmUrl\":{\"url\":"
                                    "\"https://test/code.wasm\",\"hash\":\"%s\",\"build_target\":"
                                    "\"wasm32-wasip1\"}}}",
                                    name, hash.data),
                    DEPOSIT);
}

static void open_token(life *l)
{
    chain_account(&l->lab.chain, TOKEN, "100", "contracts/token.wasm");
    (void)life_send(
        l, TOKEN, TOKEN, "new",
        OL_STR("{\"owner_id\":\"" TOKEN "\",\"name\":\"USDC\",\"symbol\":\"USDC\",\"decimals\":6}"),
        0);
    (void)life_send(l, TOKEN, TOKEN, "mint",
                    OL_STR("{\"account_id\":\"" CHAIN_OUTLAYER "\",\"amount\":\"0\"}"), 0);
    for (int u = 0; u < USERS; u++) {
        if (u > 0)
            chain_account(&l->lab.chain, USER[u], "100000", NULL);
        (void)life_send(l, TOKEN, TOKEN, "mint",
                        ol_arena_printf(&l->lab.chain.arena,
                                        "{\"account_id\":\"%s\",\"amount\":\"%llu\"}", USER[u],
                                        (unsigned long long)MINTED),
                        0);
        l->tokens[u] = MINTED;
    }
    (void)life_send(l, CHAIN_OUTLAYER, CHAIN_OUTLAYER, "set_payment_token_contract",
                    OL_STR("{\"token_contract\":\"" TOKEN "\"}"), 0);
}

/* ft_transfer_call with a message; what the contract kept. */
uint64_t life_transfer(life *l, int user, uint64_t amount, const char *msg)
{
    uint64_t kept = UINT64_MAX;
    chain_result result = life_send(l, USER[user], TOKEN, "ft_transfer_call",
                                    ol_arena_printf(&l->lab.chain.arena,
                                                    "{\"receiver_id\":\"" CHAIN_OUTLAYER
                                                    "\",\"amount\":\"%llu\",\"msg\":\"%s\"}",
                                                    (unsigned long long)amount, msg),
                                    1);
    CHECK(result.value.len > 2 &&
          ol_u64_parse(ol_str_slice(result.value, 1, result.value.len - 1), &kept));
    l->tokens[user] -= kept;
    l->held += kept;
    return kept;
}

/* ---- the coordinator ---- */

void life_key_header(const life *l, int user, int nonce, char *into, size_t size)
{
    (void)snprintf(into, size, "X-Payment-Key: %s:%d:%s\r\nContent-Type: application/json\r\n",
                   USER[user], nonce + 1, l->key[user][nonce].digits);
}

int life_ask(life *l, const char *method, const char *path, const char *headers, const char *body,
             ol_str *ret)
{
    wire_answer answer = {0};
    ol_buf_clear(&l->request);
    wire_request(&l->request, method, path, headers, ol_str_of(body));
    CHECK(wire_exchange(&l->wire, ol_buf_str(&l->request), AWAIT_MS, &answer));
    *ret = answer.body;
    return answer.status;
}

uint64_t life_number(ol_str json, const char *name)
{
    ol_json root;
    ol_json value;
    uint64_t number = 0;
    CHECK_ROW(ol_json_parse(json, &root, NULL) == OL_OK, name);
    CHECK_ROW(ol_json_find(&root, ol_str_of(name), &value), name);
    CHECK_ROW(value.raw.len > 2 &&
                  ol_u64_parse(ol_str_slice(value.raw, 1, value.raw.len - 1), &number),
              name);
    return number;
}

/* Waits until the key opens its balance, or (live false) nothing. */
void life_await_key(life *l, int user, int nonce, bool live, uint64_t initial)
{
    char headers[256];
    ol_str body;
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)AWAIT_MS * 1000000;
    life_key_header(l, user, nonce, headers, sizeof headers);
    for (;;) {
        int status = life_ask(l, "GET", "/payment-keys/balance", headers, "", &body);
        if (live ? status == 200 && life_number(body, "initial_balance") == initial : status == 401)
            return;
        CHECK(ol_mono_ns(ol_clock_real()) < until);
        (void)poll(NULL, 0, 3);
    }
}

void life_make_key(life *l, int user, int nonce)
{
    static const char LOWER[] = "0123456789abcdef";
    static const char UPPER[] = "0123456789ABCDEF";
    key *k = &l->key[user][nonce];
    char stored[KEY_DIGITS + 1] = {0};
    char seed[128];
    const char *digits = life_draw(l, 3) == 0 ? UPPER : LOWER;
    *k = (key){.live = true};
    for (int i = 0; i < KEY_DIGITS; i++) {
        size_t digit = (size_t)life_draw(l, 16);
        k->digits[i] = LOWER[digit];
        stored[i] = digits[digit];
    }
    (void)snprintf(seed, sizeof seed, "system:payment_key:%s:%d", USER[user], nonce + 1);
    ol_str text = ol_arena_printf(&l->lab.chain.arena,
                                  "{\"key\":\"%s\",\"project_ids\":[],\"max_per_call\":\"0\","
                                  "\"initial_balance\":\"0\"}",
                                  stored);
    ol_str blob = keystore_sealed(&l->keystore, seed, text, &l->lab.chain.arena);
    life_tempt_fate(l);
    (void)life_send(
        l, USER[user], CHAIN_OUTLAYER, "store_secrets",
        ol_arena_printf(&l->lab.chain.arena,
                        "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"%d\","
                        "\"encrypted_secrets_base64\":\"%.*s\",\"access\":\"AllowAll\"}",
                        nonce + 1, OL_FMT(blob)),
        DEPOSIT);
    life_await_key(l, user, nonce, true, 0);
}

void life_open(life *l)
{
    uint16_t port = free_port();
    (void)snprintf(l->url, sizeof l->url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u", port);
    /* What a worker left when it died comes again at once. */
    l->coordinator[0] = "SYSTEM_TASK_LEASE_SECONDS=1";
    const char *worker[] = {l->url, "KEYSTORE_AUTH_TOKEN=" KEYSTORE_TOKEN, NULL};
    chain_lab_open(
        &l->lab,
        &(chain_lab_options){.chain = l->chain, .worker = worker, .coordinator = l->coordinator});
    keystore_process_start(&l->keystore, port, l->lab.chain.port, l->lab.folder, NULL);
    l->wire = wire_client_new(l->lab.stack.port);
    l->request = ol_buf_new(OL_KIB(64));
    for (int i = 0; i < USERS * NONCES; i++) /* of keys that were never made */
        memset(l->key[i / NONCES][i % NONCES].digits, '0', KEY_DIGITS);
    open_token(l);
    publish(l, "echo", "examples/echo.wasm");
    publish(l, "paid", "examples/paid-api.wasm");
}

void life_deinit(life *l)
{
    wire_client_deinit(&l->wire);
    ol_buf_deinit(&l->request);
    keystore_process_deinit(&l->keystore);
    chain_lab_deinit(&l->lab);
}
