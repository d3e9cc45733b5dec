/* Secrets, storage and randomness in runs, on the real programs: chain, contract, coordinator,
 * worker, keystore. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/hex.h"
#include "lib/secrets/vrf.h"
#include "tests/e2e/chain_lab.h"
#include "tests/harness/free_port.h"
#include "tests/harness/keystore.h"
#include "tests/harness/test.h"

enum { USD = 10000000 };

typedef struct vault_lab {
    chain_lab lab;
    keystore_process keystore;
    char url[64];
    ol_sha256_hex probe; /* guests/guest-env-test.wasm: says what its variables hold */
} vault_lab;

static void open_lab(vault_lab *l, const char *const *settings)
{
    ol_err err = {0};
    uint16_t port = free_port();
    (void)snprintf(l->url, sizeof l->url, "KEYSTORE_BASE_URL=http://127.0.0.1:%u", port);
    const char *worker[] = {l->url, "KEYSTORE_AUTH_TOKEN=" KEYSTORE_TOKEN, NULL};
    chain_lab_open(&l->lab, &(chain_lab_options){.worker = worker, .balance = USD});
    keystore_process_start(&l->keystore, port, l->lab.chain.port, l->lab.folder, settings);
    CHECK_OK(stack_upload(&l->lab.stack, "guests/guest-env-test.wasm", &l->probe, &err));
}

static void vault_lab_deinit(vault_lab *l)
{
    keystore_process_deinit(&l->keystore);
    chain_lab_deinit(&l->lab);
}

static ol_str sealed(vault_lab *l, const char *seed, const char *json)
{
    return keystore_sealed(&l->keystore, seed, ol_str_of(json), &l->lab.chain.arena);
}

/* Alice stores a secret for the probe's code. */
static void store(vault_lab *l, const char *profile, const char *json, const char *access)
{
    char seed[256];
    (void)snprintf(seed, sizeof seed, "wasm_hash:%s:" ALICE, l->probe.data);
    ol_str blob = sealed(l, seed, json);
    ol_str args =
        ol_arena_printf(&l->lab.chain.arena,
                        "{\"accessor\":{\"WasmHash\":{\"hash\":\"%s\"}},\"profile\":\"%s\","
                        "\"encrypted_secrets_base64\":\"%.*s\",\"access\":%s}",
                        l->probe.data, profile, OL_FMT(blob), access);
    const chain_call call = {.signer = ALICE,
                             .receiver = CHAIN_OUTLAYER,
                             .method = "store_secrets",
                             .args = args,
                             .tgas = 100,
                             .deposit = DEPOSIT};
    CHECK_EQ(chain_run(&l->lab.chain, &call).state, OL_TX_SUCCEEDED);
}

static chain_result probe(vault_lab *l, const char *profile)
{
    char more[256];
    (void)snprintf(more, sizeof more,
                   ",\"secrets_ref\":{\"profile\":\"%s\",\"account_id\":\"" ALICE "\"}", profile);
    return chain_lab_run(
        &l->lab, chain_lab_args(&l->lab, &l->probe, "Text",
                                OL_STR("{\"env_vars\":[\"API_KEY\",\"NEAR_SENDER_ID\"]}"), more));
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

TEST("H5, H6: a run sees the values it was given, and never one that imitates the system's")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    store(&l, "default",
          "{\"API_KEY\":\"old\",\"API_KEY\":\"abc123\",\"NEAR_SENDER_ID\":\"mallory.near\","
          "\"NEAR_SENDER_ID=mallory.near\":\"\"}",
          "\"AllowAll\"");
    chain_result result = probe(&l, "default");
    CHECK_STR(result.value, OL_STR("\"{\\\"values\\\":{\\\"API_KEY\\\":\\\"abc123\\\","
                                   "\\\"NEAR_SENDER_ID\\\":\\\"" ALICE "\\\"}}\""));
    chain_lab_settle(&l.lab, 1, 0);
}

TEST("W39: who may not have a secret is told so, and nothing runs; a change of mind counts at once")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    store(&l, "default", "{\"API_KEY\":\"abc123\"}",
          "{\"Whitelist\":{\"accounts\":[\"bob.test.near\"]}}");
    chain_result result = probe(&l, "default");
    CHECK_STR(result.value, OL_STR("null"));
    CHECK_HAS(logged(&result, "execution_completed"),
              OL_STR("Access to secrets denied. You do not have permission to use these secrets."),
              "refusal");
    store(&l, "default", "{\"API_KEY\":\"abc124\"}",
          "{\"Whitelist\":{\"accounts\":[\"" ALICE "\"]}}");
    result = probe(&l, "default");
    CHECK_HAS(result.value, OL_STR("abc124"), "allowed");
    chain_lab_settle(&l.lab, 2, 1);
}

TEST("a profile that holds nothing is run without; a keystore that is gone fails in words")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    chain_result result = probe(&l, "nothing");
    CHECK_HAS(result.value, OL_STR("\\\"API_KEY\\\":null"), "without");
    store(&l, "default", "{\"API_KEY\":\"abc123\"}", "\"AllowAll\"");
    keystore_process_kill(&l.keystore);
    result = probe(&l, "default");
    CHECK_STR(result.value, OL_STR("null"));
    CHECK_HAS(logged(&result, "execution_completed"), OL_STR("Failed to decrypt secrets."), "gone");
    result = chain_lab_echo(&l.lab, OL_STR("goes on"));
    CHECK_STR(result.value, OL_STR("\"goes on\""));
    chain_lab_settle(&l.lab, 3, 1);
}

/* ---- projects ---- */

static void publish(vault_lab *l, const char *name, const char *file)
{
    ol_sha256_hex hash;
    ol_err err = {0};
    CHECK_OK(stack_upload(&l->lab.stack, file, &hash, &err));
    ol_str args = ol_arena_printf(&l->lab.chain.arena,
                                  "{\"name\":\"%s\",\"source\":{\"WasmUrl\":{\"url\":"
                                  "\"https://test/code.wasm\",\"hash\":\"%s\",\"build_target\":"
                                  "\"wasm32-wasip%c\"}}}",
                                  name, hash.data, strstr(file, ".p2.") != NULL ? '2' : '1');
    const chain_call call = {.signer = ALICE,
                             .receiver = CHAIN_OUTLAYER,
                             .method = "create_project",
                             .args = args,
                             .tgas = 100,
                             .deposit = DEPOSIT};
    CHECK_EQ(chain_run(&l->lab.chain, &call).state, OL_TX_SUCCEEDED);
}

/* One call over HTTPS, paid by test.near:1; the body of the answer, in the arena. */
static ol_str call(vault_lab *l, const char *project, const char *input)
{
    wire_answer answer;
    ol_str copy;
    char headers[512];
    char path[128];
    char body[512];
    ol_buf request = ol_buf_new(OL_KIB(64));
    wire_client client = wire_client_new(l->lab.stack.port);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n",
                   l->lab.stack.payment_key);
    (void)snprintf(path, sizeof path, "/call/" ALICE "/%s", project);
    (void)snprintf(body, sizeof body, "{\"input\":%s}", input);
    wire_request(&request, "POST", path, headers, ol_str_of(body));
    CHECK(wire_exchange(&client, ol_buf_str(&request), 60000, &answer));
    CHECK_EQ_ROW(answer.status, 200, project);
    CHECK(ol_arena_copy(&l->lab.chain.arena, answer.body, &copy));
    ol_buf_deinit(&request);
    wire_client_deinit(&client);
    return copy;
}

static ol_json output_of(ol_str body)
{
    ol_json root;
    ol_json output;
    ol_err err = {0};
    CHECK_OK(ol_json_parse(body, &root, &err));
    CHECK_ROW(ol_json_find(&root, OL_STR("output"), &output), body.data);
    return output;
}

TEST("a counter goes on from run to run, for core modules and components alike")
{
    static const char *const FILES[] = {"examples/counter.wasm", "examples/counter.p2.wasm"};
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    OL_EACH (file, FILES) {
        const char *name = file == FILES ? "counter" : "counter2";
        publish(&l, name, *file);
        for (int i = 1; i <= 3; i++) {
            char want[64];
            ol_str body = call(&l, name, "{}");
            (void)snprintf(want, sizeof want, "\"output\":{\"count\":%d}", i);
            CHECK_HAS(body, ol_str_of(want), *file);
        }
    }
}

TEST("H51: the self-test of storage passes each of its steps")
{
    static const char *const FILES[] = {"guests/guest-storage.wasm",
                                        "guests/guest-storage.p2.wasm"};
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    OL_EACH (file, FILES) {
        const char *name = file == FILES ? "storage" : "storage2";
        publish(&l, name, *file);
        CHECK_HAS(call(&l, name, "{}"), OL_STR("28 of 28"), *file);
    }
}

TEST("rows of text and of JSON come back as they went in, and nothing else does")
{
    static const char *const FILES[] = {"guests/guest-storage-json.wasm",
                                        "guests/guest-storage-json.p2.wasm"};
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    OL_EACH (file, FILES) {
        const char *name = file == FILES ? "json" : "json2";
        publish(&l, name, *file);
        CHECK_HAS(call(&l, name, "{}"), OL_STR("12 of 12"), *file);
    }
}

TEST("dice are verified by anyone from what the run answered")
{
    OL_AUTO(vault_lab) l;
    ol_master master;
    OL_AUTO(ol_ed25519_key) key;
    open_lab(&l, NULL);
    publish(&l, "dice", "examples/vrf-dice.wasm");
    for (size_t i = 0; i < sizeof master.secret; i++)
        master.secret[i] = (uint8_t)i;
    ol_master_ed25519(&master, OL_STR(OL_VRF_SEED), &key);
    ol_ed25519_public public = ol_ed25519_public_of(&key);
    ol_str body = call(&l, "dice", "{\"dice\":2}");
    ol_json root = output_of(body);
    ol_json proofs;
    ol_json proof;
    ol_err err = {0};
    CHECK(ol_json_find(&root, OL_STR("proofs"), &proofs));
    CHECK_EQ(ol_json_count(&proofs), 2);
    ol_json_iter items = ol_json_iterate(&proofs);
    while (ol_json_next_item(&items, &proof)) {
        ol_vrf vrf;
        ol_json value;
        ol_str alpha;
        CHECK(ol_json_find(&proof, OL_STR("alpha"), &value));
        CHECK_OK(ol_json_text(&value, &l.lab.chain.arena, &alpha, &err));
        CHECK_STARTS(alpha, OL_STR("vrf:1000000000"), "request ids of calls");
        CHECK(ol_json_find(&proof, OL_STR("output"), &value));
        CHECK(ol_hex_decode_fixed(ol_str_slice(value.raw, 1, value.raw.len - 1), vrf.output.bytes,
                                  sizeof vrf.output.bytes));
        CHECK(ol_json_find(&proof, OL_STR("proof"), &value));
        CHECK(ol_hex_decode_fixed(ol_str_slice(value.raw, 1, value.raw.len - 1), vrf.proof.bytes,
                                  sizeof vrf.proof.bytes));
        CHECK(ol_vrf_verify(&public, alpha, &vrf));
    }
}

/* K of the harness: the key it gives for randomness. */
#define VRF_KEY "f11881f7bd2ab547d1208e993aabecd6051671a594619088395f0801a7bd0236"

static void deploy_dice(vault_lab *l, const char *account, const char *key)
{
    chain_account(&l->lab.chain, account, "100", "contracts/dice.wasm");
    (void)chain_run(
        &l->lab.chain,
        &(chain_call){.signer = account,
                      .receiver = account,
                      .method = "new",
                      .args = ol_arena_printf(&l->lab.chain.arena,
                                              "{\"outlayer\":\"" CHAIN_OUTLAYER
                                              "\",\"project\":\"" ALICE "/dice\",\"key\":\"%s\"}",
                                              key),
                      .tgas = 50});
}

static ol_str roll(vault_lab *l, const char *account)
{
    return chain_run(&l->lab.chain, &(chain_call){.signer = ALICE,
                                                  .receiver = account,
                                                  .method = "roll",
                                                  .args = OL_STR("{}"),
                                                  .tgas = 300,
                                                  .deposit = DEPOSIT})
        .value;
}

TEST("a contract believes dice with their proof, and none under another key")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    publish(&l, "dice", "examples/vrf-dice.wasm");
    deploy_dice(&l, "dice.test.near", VRF_KEY);
    deploy_dice(&l, "other.test.near",
                "a11881f7bd2ab547d1208e993aabecd6051671a594619088395f0801a7bd0236");
    ol_str first = roll(&l, "dice.test.near");
    CHECK_STARTS(first, OL_STR("{\"roll\":"), "proven");
    CHECK_HAS(first, OL_STR("\"alpha\":\"vrf:0:" ALICE ":die-0\""), "of this request");
    CHECK_STR(chain_view(&l.lab.chain, "dice.test.near", "last", "{}"), first);
    CHECK_STR(roll(&l, "other.test.near"), OL_STR("null"));
    CHECK_STR(chain_view(&l.lab.chain, "other.test.near", "last", "{}"), OL_STR("null"));
}

/* What a script of calls answers, its list as text. */
static void check_script(vault_lab *l, const char *project, const char *calls, const char *want)
{
    ol_str input = ol_arena_printf(&l->lab.chain.arena, "{\"calls\":%s}", calls);
    ol_json output = output_of(call(l, project, input.data));
    CHECK_STR_ROW(output.raw, ol_str_of(want), calls);
}

TEST("H36, H37, H38, H39: absent keys, counters, texts that are none, stale swaps")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    publish(&l, "s", "guests/guest-services.p2.wasm");
    check_script(&l, "s", "[[\"raw-get\",\"none\"],[\"get\",\"none\"]]", "[[0,0],null]");
    check_script(&l, "s", "[[\"increment\",\"n\",\"5\"],[\"decrement\",\"n\",\"2\"]]", "[5,3]");
    check_script(&l, "s", "[[\"set\",\"t\",\"abc\"],[\"increment\",\"t\",\"1\"]]",
                 "[\"\",\"!increment: invalid value format, expected 8 bytes (i64), got 3\"]");
    check_script(&l, "s", "[[\"swap\",\"t\",\"x\",\"y\"],[\"swap\",\"t\",\"abc\",\"y\"]]",
                 "[[false,\"abc\"],[true,\"\"]]");
}

TEST("H35: what one caller keeps, another does not see")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    publish(&l, "s", "guests/guest-services.wasm");
    check_script(&l, "s", "[[\"set\",\"k\",\"v\"],[\"get\",\"k\"]]", "[\"\",\"v\"]");
    chain_result result = chain_lab_run(
        &l.lab, OL_STR("{\"source\":{\"Project\":{\"project_id\":\"" ALICE "/s\"}},\"input_data\":"
                       "\"{\\\"calls\\\":[[\\\"get\\\",\\\"k\\\"]]}\",\"resource_limits\":"
                       "{\"max_instructions\":1000000000}}"));
    CHECK_STR(result.value, OL_STR("\"[null]\"")); /* alice's own, not test.near's */
}

TEST("H41: 150 keys are listed, and a list of pages ends")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    publish(&l, "s", "guests/guest-services.wasm");
    ol_json output = output_of(call(&l, "s", "{\"calls\":[[\"many\"]]}"));
    ol_json keys;
    ol_json_iter items = ol_json_iterate(&output);
    CHECK(ol_json_next_item(&items, &keys));
    CHECK_EQ(ol_json_kind_of(&keys), OL_JSON_ARRAY);
    CHECK_EQ(ol_json_count(&keys), 150);
}

TEST("keys are listed whatever their values take")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    publish(&l, "s", "guests/guest-services.wasm");
    check_script(&l, "s", "[[\"blocks\"]]",
                 "[[\"b:1\",\"b:2\",\"b:3\",\"b:4\",\"b:5\",\"b:6\",\"b:7\",\"b:8\",\"b:9\"]]");
}

TEST("H40: another project reads what was made public, and is told of what was not")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, (const char *const[]){"STORAGE_V1=true", NULL});
    publish(&l, "s", "guests/guest-services.wasm");
    publish(&l, "other", "guests/guest-services.p2.wasm");
    check_script(&l, "s", "[[\"uuid\"],[\"share\",\"k\",\"hidden\"]]",
                 "[\"p0000000000000001\",\"\"]");
    check_script(&l, "other", "[[\"foreign\",\"p0000000000000001\",\"k\"]]",
                 "[\"!Storage key 'k' in project 'p0000000000000001' is not public (encrypted)\"]");
}

TEST("the form of rows before works through the same calls")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, (const char *const[]){"STORAGE_V1=true", NULL});
    publish(&l, "storage", "guests/guest-storage.wasm");
    CHECK_HAS(call(&l, "storage", "{}"), OL_STR("28 of 28"), "v1");
}

TEST("H44, H45, H46: seeds, repetition and the limit of draws")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    publish(&l, "s", "guests/guest-services.wasm");
    check_script(&l, "s", "[[\"vrf\",\"a:b\"]]", "[\"!user_seed must not contain ':'\"]");
    ol_json output = output_of(call(&l, "s",
                                    "{\"calls\":[[\"vrf\",\"a\"],[\"vrf\",\"a\"],[\"vrf\",\"b\"],"
                                    "[\"vrf\",\"c\"],[\"vrf\",\"d\"],[\"vrf\",\"e\"],[\"vrf\","
                                    "\"f\"],[\"vrf\",\"g\"],[\"vrf\",\"h\"],[\"vrf\",\"i\"],"
                                    "[\"vrf\",\"j\"]]}"));
    ol_json item[11];
    ol_json_iter items = ol_json_iterate(&output);
    for (size_t i = 0; i < OL_COUNT(item); i++)
        CHECK(ol_json_next_item(&items, &item[i]));
    CHECK_STR(item[1].raw, item[0].raw);
    CHECK(!ol_str_eq(item[2].raw, item[0].raw));
    CHECK_STR(item[10].raw, OL_STR("\"!VRF rate limit exceeded: 11 calls (max: 10)\""));
}

/* ---- payment keys ---- */

#define TOKEN "usdc.test.near"
/* The key's secret, and its proof as the coordinator keeps it. */
#define KEY_SECRET "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"

static chain_result send(vault_lab *l, const char *signer, const char *receiver, const char *method,
                         ol_str args, ol_u128 deposit)
{
    return chain_run(&l->lab.chain, &(chain_call){.signer = signer,
                                                  .receiver = receiver,
                                                  .method = method,
                                                  .args = args,
                                                  .tgas = 250,
                                                  .deposit = deposit});
}

/* Alice's key 1, empty; known to the coordinator when this returns. */
static void make_key(vault_lab *l)
{
    ol_str blob = sealed(l, "system:payment_key:" ALICE ":1",
                         "{\"key\":\"" KEY_SECRET "\",\"project_ids\":[],\"max_per_call\":\"0\","
                         "\"initial_balance\":\"0\"}");
    (void)send(l, ALICE, CHAIN_OUTLAYER, "store_secrets",
               ol_arena_printf(&l->lab.chain.arena,
                               "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"1\","
                               "\"encrypted_secrets_base64\":\"%.*s\",\"access\":\"AllowAll\"}",
                               OL_FMT(blob)),
               DEPOSIT);
    CHECK(stack_log_has(&l->lab.stack, STACK_WORKER, " system_task_done task=top_up", 20000));
}

/* The token itself says that alice has sent so much. */
static ol_str transfer(vault_lab *l, const char *amount)
{
    return send(l, TOKEN, CHAIN_OUTLAYER, "ft_on_transfer",
                ol_arena_printf(&l->lab.chain.arena,
                                "{\"sender_id\":\"" ALICE "\",\"amount\":\"%s\",\"msg\":"
                                "\"{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":1}\"}",
                                amount),
                0)
        .value;
}

static void open_token(vault_lab *l)
{
    chain_account(&l->lab.chain, TOKEN, "100", NULL);
    (void)send(l, CHAIN_OUTLAYER, CHAIN_OUTLAYER, "set_payment_token_contract",
               OL_STR("{\"token_contract\":\"" TOKEN "\"}"), 0);
}

/* Waits until the coordinator tells that balance of alice.test.near:1. */
static void await_balance(vault_lab *l, const char *available)
{
    char want[64];
    ol_buf body = ol_buf_new(OL_KIB(64));
    size_t at;
    ol_err err = {0};
    (void)snprintf(want, sizeof want, "\"available\":\"%s\"", available);
    for (int i = 0; i < 400; i++) {
        ol_buf_clear(&body);
        CHECK_OK(stack_get(&l->lab.stack, "/public/payment-keys/" ALICE "/1/balance", &body, &err));
        if (ol_str_find(ol_buf_str(&body), ol_str_of(want), &at))
            break;
        (void)poll(NULL, 0, 25);
    }
    CHECK_HAS(ol_buf_str(&body), ol_str_of(want), "balance");
    ol_buf_deinit(&body);
}

TEST("W46: a transfer to a key is credited once, to the unit, and spent over HTTPS")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    open_token(&l);
    make_key(&l);
    CHECK_STR(transfer(&l, "20000"), OL_STR("\"0\"")); /* all of it is kept */
    await_balance(&l, "20000");
    CHECK_STR(transfer(&l, "15000"), OL_STR("\"0\""));
    await_balance(&l, "35000");
    publish(&l, "demo", "examples/echo.wasm");
    (void)snprintf(l.lab.stack.payment_key, sizeof l.lab.stack.payment_key, ALICE ":1:%s",
                   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    CHECK_HAS(call(&l, "demo", "{\"n\":1}"), OL_STR("\"output\":{\"n\":1}"), "call");
    await_balance(&l, "34000");
}

TEST("a coordinator that is lost while the chain answers leaves each transfer credited once")
{
    OL_AUTO(vault_lab) l;
    ol_err err = {0};
    open_lab(&l, NULL);
    open_token(&l);
    make_key(&l);
    for (int i = 1; i <= 3; i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "%d", 20000 * i);
        CHECK_STR(transfer(&l, "20000"), OL_STR("\"0\""));
        stack_kill(&l.lab.stack, STACK_COORDINATOR);
        CHECK_OK(stack_start(&l.lab.stack, STACK_COORDINATOR, &err));
        await_balance(&l, want);
    }
}

TEST("a key whose data makes no sense gives the payment back")
{
    OL_AUTO(vault_lab) l;
    open_lab(&l, NULL);
    open_token(&l);
    (void)send(&l, ALICE, CHAIN_OUTLAYER, "store_secrets",
               OL_STR("{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"1\","
                      "\"encrypted_secrets_base64\":\"QUJDREVGR0g=\",\"access\":\"AllowAll\"}"),
               DEPOSIT);
    CHECK_STR(transfer(&l, "20000"), OL_STR("\"20000\""));
}
