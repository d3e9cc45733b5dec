/* Coordinator 15, cases 62-67: TEE sessions, against a scripted chain; and projects of a chain. */
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/crypto/ed25519.h"
#include "lib/secrets/tee_challenge.h"
#include "tests/conformance/coordinator/lab.h"
#include "tests/harness/http_stub.h"

enum { RECHECK_TRIES = 400, RECHECK_STEP_MS = 50 };

/* The scripted node knows every access key, and the project bob.near/chain. */
typedef struct node {
    http_stub *stub;
    atomic_bool key_known;
    atomic_bool key_of_worker; /* else it may do everything */
    atomic_bool down;
    atomic_uint keys_asked;
    char url[64];
} node;

static void on_request(void *context, const stub_request *request, stub_conn *conn)
{
    node *it = context;
    size_t at;
    if (ol_str_find(request->body, OL_STR("view_access_key"), &at))
        (void)atomic_fetch_add(&it->keys_asked, 1);
    if (atomic_load(&it->down)) {
        stub_answer(conn, 503, NULL, OL_STR(""));
    } else if (ol_str_find(request->body, OL_STR("view_access_key"), &at)) {
        if (atomic_load(&it->key_known) && atomic_load(&it->key_of_worker))
            stub_answer(conn, 200, "Content-Type: application/json\r\n",
                        OL_STR("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"nonce\":1,"
                               "\"permission\":{\"FunctionCall\":{\"allowance\":null,"
                               "\"receiver_id\":\"outlayer.testnet\",\"method_names\":["
                               "\"resolve_execution\",\"submit_execution_output_and_resolve\","
                               "\"resume_topup\",\"resume_delete_payment_key\"]}}}}"));
        else if (atomic_load(&it->key_known))
            stub_answer(conn, 200, "Content-Type: application/json\r\n",
                        OL_STR("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"nonce\":1,"
                               "\"permission\":\"FullAccess\"}}"));
        else
            stub_answer(conn, 200, "Content-Type: application/json\r\n",
                        OL_STR("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"error\":\"access "
                               "key does not exist\"}}"));
    } else if (ol_str_find(request->body, OL_STR("\"get_project\""), &at)) {
        ol_str args = OL_STR("eyJwcm9qZWN0X2lkIjoiYm9iLm5lYXIvY2hhaW4ifQ=="); /* bob.near/chain */
        if (ol_str_find(request->body, args, &at))
            stub_answer_view(conn,
                             OL_STR("{\"uuid\":\"p00000000000000ff\",\"owner\":\"bob.near\","
                                    "\"name\":\"chain\",\"project_id\":\"bob.near/chain\","
                                    "\"active_version\":\"v3\",\"created_at\":1,"
                                    "\"storage_deposit\":\"0\"}"),
                             1);
        else
            stub_answer_view(conn, OL_STR("null"), 1);
    } else {
        stub_answer(conn, 404, NULL, OL_STR(""));
    }
}

static void node_start(node *it)
{
    memset(it, 0, sizeof *it);
    atomic_store(&it->key_known, true);
    atomic_store(&it->key_of_worker, true);
    it->stub = http_stub_start(on_request, it);
    ol_buf url = ol_buf_over(it->url, sizeof it->url);
    ol_buf_addf(&url, "NEAR_RPC_URL=http://127.0.0.1:%u/", http_stub_port(it->stub));
    ol_buf_add_char(&url, 0);
}

/* A worker's session key from a fixed seed. */
typedef struct session_key {
    ol_ed25519_key key;
    const char *near_text;
    const char *hex_text;
} session_key;

static session_key key_make(lab *it)
{
    static const uint8_t seed[OL_ED25519_SEED_BYTES] = {1, 2, 3};
    session_key made;
    ol_ed25519_key_of_seed(seed, &made.key);
    ol_ed25519_public public = ol_ed25519_public_of(&made.key);
    ol_bytes bytes = {public.bytes, sizeof public.bytes};
    made.near_text = lab_text(it, "ed25519:%.*s", OL_FMT(ol_base58_of(&it->arena, bytes)));
    made.hex_text = ol_hex_of(&it->arena, bytes).data;
    return made;
}

static const char *challenge_get(lab *it, const char *worker)
{
    wire_answer answer = lab_send(it, "POST", "/workers/tee-challenge", worker, "");
    CHECK_EQ(answer.status, 200);
    ol_str challenge = lab_member(it, answer.body, "challenge");
    CHECK_EQ(challenge.len, 64);
    return challenge.data;
}

static ol_ed25519_signature sign(const session_key *key, const char *challenge)
{
    uint8_t raw[32];
    CHECK(ol_hex_decode_fixed(ol_str_of(challenge), raw, sizeof raw));
    return ol_ed25519_sign(&key->key, (ol_bytes){raw, sizeof raw});
}

static wire_answer enlist(lab *it, const char *worker, const char *public_key,
                          const char *challenge, const char *signature)
{
    return lab_post(it, "/workers/register-tee", worker,
                    lab_text(it,
                             "{\"public_key\":\"%s\",\"challenge\":\"%s\",\"signature\":\"%s\"}",
                             public_key, challenge, signature));
}

static const char *signature_hex(lab *it, const session_key *key, const char *challenge)
{
    ol_ed25519_signature signature = sign(key, challenge);
    ol_str hex = ol_hex_of(&it->arena, (ol_bytes){signature.bytes, sizeof signature.bytes});
    return lab_text(it, "%.*s", OL_FMT(hex));
}

static const char *session_of(lab *it, const char *worker)
{
    session_key key = key_make(it);
    const char *challenge = challenge_get(it, worker);
    wire_answer answer =
        enlist(it, worker, key.near_text, challenge, signature_hex(it, &key, challenge));
    CHECK_EQ(answer.status, 200);
    ol_ed25519_key_deinit(&key.key);
    return lab_text(it, "%sX-TEE-Session: %.*s\r\n", worker,
                    OL_FMT(lab_member(it, answer.body, "session_id")));
}

static wire_answer claim(lab *it, const char *headers, const char *capabilities)
{
    return lab_post(it, "/jobs/claim", headers,
                    lab_text(it,
                             "{\"request_id\":1,\"data_id\":\"x\",\"worker_id\":\"w1\","
                             "\"code_source\":{\"type\":\"GitHub\",\"repo\":\"a/b\",\"commit\":"
                             "\"c\",\"build_target\":\"wasm32-wasip1\"},\"resource_limits\":{"
                             "\"max_instructions\":1000,\"max_memory_mb\":128,"
                             "\"max_execution_seconds\":60},\"capabilities\":[%s]}",
                             capabilities));
}

static void start(lab *it, node *chain, bool clocked)
{
    node_start(chain);
    const char *const settings[] = {"REQUIRE_TEE_SESSION=true",
                                    "OPERATOR_ACCOUNT_ID=worker.testnet",
                                    "OFFCHAINVM_CONTRACT_ID=outlayer.testnet", chain->url, NULL};
    if (clocked)
        lab_start_clocked(it, settings);
    else
        lab_start(it, settings);
}

TEST("C62: execution claims need a session, compile-only ones do not")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    CHECK_EQ(claim(&it, it.worker, "\"execution\"").status, 401);
    CHECK_EQ(claim(&it, it.worker, "\"compilation\",\"execution\"").status, 401);
    CHECK_EQ(
        claim(&it, lab_text(&it, "%sX-TEE-Session: zzz\r\n", it.worker), "\"execution\"").status,
        401);
    CHECK_EQ(claim(&it, it.worker, "\"compilation\"").status, 200);
    CHECK_EQ(lab_work_get(&it, "/executions/poll?timeout=0&capabilities=execution&claim=1&"
                               "worker_id=w1")
                 .status,
             401);
    CHECK_EQ(claim(&it, session_of(&it, it.worker), "\"execution\"").status, 200);
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("C63: delivering a call without a session is 403 and says how to get one")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    wire_answer answer =
        lab_work(&it, "/https-calls/complete",
                 "{\"call_id\":\"aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa\",\"success\":true}");
    CHECK_EQ(answer.status, 403);
    CHECK_STR(
        answer.body,
        OL_STR("{\"error\":\"TEE session required. Register via POST /workers/register-tee\"}"));
    answer = lab_post(&it, "/https-calls/complete", session_of(&it, it.worker),
                      "{\"call_id\":\"aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa\",\"success\":true}");
    CHECK_EQ(answer.status, 404);
    CHECK_STR(answer.body, OL_STR("{\"error\":\"Call not found\"}"));
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("C64: a challenge older than 60 s is refused")
{
    lab it;
    node chain;
    start(&it, &chain, true);
    session_key key = key_make(&it);
    const char *challenge = challenge_get(&it, it.worker);
    const char *signature = signature_hex(&it, &key, challenge);
    lab_advance(&it, 61000);
    wire_answer answer = enlist(&it, it.worker, key.near_text, challenge, signature);
    CHECK_EQ(answer.status, 400);
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("C65: a challenge is for its token alone, and for one use")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    const char *other = lab_token(&it, "other");
    session_key key = key_make(&it);
    const char *challenge = challenge_get(&it, it.worker);
    const char *signature = signature_hex(&it, &key, challenge);
    wire_answer answer = enlist(&it, other, key.near_text, challenge, signature);
    CHECK_EQ(answer.status, 400);
    CHECK_STR(answer.body, OL_STR("Invalid or expired challenge"));
    CHECK_EQ(enlist(&it, it.worker, key.near_text, challenge, signature).status, 200);
    answer = enlist(&it, it.worker, key.near_text, challenge, signature);
    CHECK_EQ(answer.status, 400);
    CHECK_STR(answer.body, OL_STR("Invalid or expired challenge"));
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("C66: keys and signatures are taken in hex and in NEAR form")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    session_key key = key_make(&it);
    const char *challenge = challenge_get(&it, it.worker);
    CHECK_EQ(
        enlist(&it, it.worker, key.hex_text, challenge, signature_hex(&it, &key, challenge)).status,
        200);
    challenge = challenge_get(&it, it.worker);
    ol_ed25519_signature signature = sign(&key, challenge);
    ol_str base58 = ol_base58_of(&it.arena, (ol_bytes){signature.bytes, sizeof signature.bytes});
    CHECK_EQ(enlist(&it, it.worker, key.near_text, challenge,
                    lab_text(&it, "ed25519:%.*s", OL_FMT(base58)))
                 .status,
             200);
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

/* A registration in the form of X3. */
static wire_answer enlist_v2(lab *it, const session_key *key, const char *server)
{
    ol_err err;
    ol_buf body = ol_buf_new(OL_KIB(4));
    wire_answer asked = lab_post(it, "/workers/tee-challenge", it->worker, "{\"scheme\":\"v2\"}");
    CHECK_EQ(asked.status, 200);
    CHECK_HAS(asked.body, OL_STR("\"scheme\":\"v2\""), "the text is asked for");
    CHECK_OK(ol_tee_registration(ol_str_of(server), lab_member(it, asked.body, "challenge"),
                                 &key->key, NULL, &body, &err));
    wire_answer answer = lab_post(it, "/workers/register-tee", it->worker,
                                  lab_text(it, "%.*s", OL_FMT(ol_buf_str(&body))));
    ol_buf_deinit(&body);
    return answer;
}

TEST("a session in the new form is for a worker's key, and for this service alone")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    session_key key = key_make(&it);
    atomic_store(&chain.key_of_worker, false);
    wire_answer answer = enlist_v2(&it, &key, "coordinator");
    CHECK_EQ(answer.status, 403);
    CHECK_STARTS(answer.body, OL_STR("Public key is not a worker's"), "a key that may do all");
    atomic_store(&chain.key_of_worker, true);
    answer = enlist_v2(&it, &key, "keystore");
    CHECK_EQ(answer.status, 403);
    CHECK_STR(answer.body, OL_STR("Signature verification failed: signature verification failed"));
    answer = enlist_v2(&it, &key, "coordinator");
    CHECK_EQ(answer.status, 200);
    const char *headers = lab_text(&it, "%sX-TEE-Session: %.*s\r\n", it.worker,
                                   OL_FMT(lab_member(&it, answer.body, "session_id")));
    CHECK_EQ(claim(&it, headers, "\"execution\"").status, 200);
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("a bare challenge, too, is for a worker's key, unless any key of the operator will do")
{
    static const char *const SETTINGS[] = {"ANY_OPERATOR_KEY=false", "ANY_OPERATOR_KEY=true"};
    OL_EACH (setting, SETTINGS) {
        lab it;
        node chain;
        node_start(&chain);
        const char *const settings[] = {"REQUIRE_TEE_SESSION=true",
                                        "OPERATOR_ACCOUNT_ID=worker.testnet",
                                        "OFFCHAINVM_CONTRACT_ID=outlayer.testnet",
                                        chain.url,
                                        *setting,
                                        NULL};
        bool any = setting == &SETTINGS[1];
        lab_start(&it, settings);
        session_key key = key_make(&it);
        atomic_store(&chain.key_of_worker, false);
        const char *challenge = challenge_get(&it, it.worker);
        wire_answer answer =
            enlist(&it, it.worker, key.near_text, challenge, signature_hex(&it, &key, challenge));
        CHECK_EQ_ROW(answer.status, any ? 200 : 403, *setting);
        if (!any)
            CHECK_STARTS(answer.body, OL_STR("Public key is not a worker's"), *setting);
        CHECK_EQ_ROW(enlist_v2(&it, &key, "coordinator").status, 403, *setting);
        atomic_store(&chain.key_of_worker, true);
        challenge = challenge_get(&it, it.worker);
        answer =
            enlist(&it, it.worker, key.near_text, challenge, signature_hex(&it, &key, challenge));
        CHECK_EQ_ROW(answer.status, 200, *setting);
        lab_stop(&it);
        http_stub_stop(chain.stub);
    }
}

TEST("bare challenges are the reference's form, and can be switched off")
{
    lab it;
    node chain;
    node_start(&chain);
    const char *const settings[] = {"REQUIRE_TEE_SESSION=true",
                                    "OPERATOR_ACCOUNT_ID=worker.testnet",
                                    "OFFCHAINVM_CONTRACT_ID=outlayer.testnet",
                                    chain.url,
                                    "BARE_CHALLENGES=false",
                                    NULL};
    lab_start(&it, settings);
    atomic_store(&chain.key_of_worker, true);
    session_key key = key_make(&it);
    const char *challenge = challenge_get(&it, it.worker);
    wire_answer answer =
        enlist(&it, it.worker, key.near_text, challenge, signature_hex(&it, &key, challenge));
    CHECK_EQ(answer.status, 403);
    CHECK_STR(answer.body, OL_STR("Signature verification failed: scheme v2 is wanted"));
    CHECK_EQ(enlist_v2(&it, &key, "coordinator").status, 200);
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("C67: a session serves the token that made it alone")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    const char *other = lab_token(&it, "other");
    const char *mine = session_of(&it, it.worker);
    const char *id = strstr(mine, "X-TEE-Session");
    CHECK_EQ(claim(&it, lab_text(&it, "%s%s", other, id), "\"execution\"").status, 401);
    CHECK_EQ(claim(&it, mine, "\"execution\"").status, 200);
    lab_kill(&it);
    const char *const settings[] = {"REQUIRE_TEE_SESSION=true",
                                    "OPERATOR_ACCOUNT_ID=worker.testnet",
                                    "OFFCHAINVM_CONTRACT_ID=outlayer.testnet", chain.url, NULL};
    lab_restart(&it, settings);
    CHECK_EQ(claim(&it, mine, "\"execution\"").status, 200); /* survives a restart */
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

/* Until a claim with these headers is answered so; false: not in time. */
static bool claim_becomes(lab *it, const char *headers, int status)
{
    for (int i = 0; i < RECHECK_TRIES; i++) {
        if (claim(it, headers, "\"execution\"").status == status)
            return true;
        (void)poll(NULL, 0, RECHECK_STEP_MS);
    }
    return false;
}

TEST("a session ends when its access key is gone, and not because a node is silent")
{
    lab it;
    node chain;
    node_start(&chain);
    const char *const settings[] = {"REQUIRE_TEE_SESSION=true",
                                    "OPERATOR_ACCOUNT_ID=worker.testnet",
                                    "OFFCHAINVM_CONTRACT_ID=outlayer.testnet",
                                    "SESSION_RECHECK_SECONDS=1",
                                    chain.url,
                                    NULL};
    lab_start(&it, settings);
    const char *gone = session_of(&it, it.worker);
    CHECK(claim_becomes(&it, gone, 200));
    unsigned asked = atomic_load(&chain.keys_asked);
    atomic_store(&chain.down, true);
    for (int i = 0; i < RECHECK_TRIES && atomic_load(&chain.keys_asked) < asked + 3; i++)
        (void)poll(NULL, 0, RECHECK_STEP_MS);
    CHECK(atomic_load(&chain.keys_asked) >= asked + 3); /* so at least one round has ended */
    CHECK_EQ(claim(&it, gone, "\"execution\"").status, 200);
    atomic_store(&chain.down, false);
    atomic_store(&chain.key_known, false);
    CHECK(claim_becomes(&it, gone, 401));
    atomic_store(&chain.key_known, true);
    const char *grown = session_of(&it, it.worker);
    CHECK(claim_becomes(&it, grown, 200));
    atomic_store(&chain.key_of_worker, false); /* the same key may do everything now */
    CHECK(claim_becomes(&it, grown, 401));
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("a registration is refused in the words of its fault")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    session_key key = key_make(&it);
    static const struct {
        const char *public_key; /* NULL: the right one */
        const char *signature;
        const char *text;
    } cases[] = {
        {NULL, "abcd",
         "Signature verification failed: invalid signature: expected 64 bytes, got 2"},
        {NULL, "zz",
         "Signature verification failed: invalid signature: hex decode error: Invalid character "
         "'z' "
         "at position 0"},
        {"ed25519:0OIl", "abcd",
         "Signature verification failed: invalid public key: base58 decode: provided string "
         "contained invalid character '0' at byte 0"},
        {"secp256k1:abc", "abcd",
         "Signature verification failed: invalid public key: unrecognized format (expected "
         "'ed25519:...' or 64 hex chars): secp256k1:abc"},
    };
    OL_EACH (row, cases) {
        const char *challenge = challenge_get(&it, it.worker);
        wire_answer answer =
            enlist(&it, it.worker, row->public_key == NULL ? key.near_text : row->public_key,
                   challenge, row->signature);
        CHECK_STR_ROW(answer.body, ol_str_of(row->text), row->text);
        CHECK_EQ_ROW(answer.status, 403, row->text);
    }
    atomic_store(&chain.key_known, false);
    const char *challenge = challenge_get(&it, it.worker);
    wire_answer answer =
        enlist(&it, it.worker, key.near_text, challenge, signature_hex(&it, &key, challenge));
    CHECK_EQ(answer.status, 403);
    CHECK_STR(answer.body, OL_STR("Public key not registered on contract"));
    lab_stop(&it);
    http_stub_stop(chain.stub);
}

TEST("a project of the chain is found once and remembered; a silent chain is an error, not a no")
{
    lab it;
    node chain;
    start(&it, &chain, false);
    const char *key = lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    static const char body[] = "{\"input\":1,\"async\":true}";
    CHECK_EQ(lab_post(&it, "/call/bob.near/chain", key, body).status, 200);
    CHECK_EQ(lab_post(&it, "/call/bob.near/none", key, body).status, 404);
    wire_answer answer = lab_work_get(&it, "/projects/uuid?project_id=bob.near/chain");
    CHECK_STR(answer.body,
              OL_STR("{\"project_id\":\"bob.near/chain\",\"uuid\":\"p00000000000000ff\","
                     "\"active_version\":\"v3\",\"cached\":false}"));
    atomic_store(&chain.down, true);
    CHECK_EQ(lab_post(&it, "/call/bob.near/chain", key, body).status, 200);
    answer = lab_post(&it, "/call/bob.near/none", key, body);
    CHECK_EQ(answer.status, 500);
    CHECK_STR(answer.body,
              OL_STR("{\"error\":\"Contract query failed: Failed to call get_project\"}"));
    answer = lab_work_get(&it, "/projects/uuid?project_id=bob.near/chain&version=v9");
    CHECK_STR(answer.body,
              OL_STR("{\"project_id\":\"bob.near/chain\",\"uuid\":\"p00000000000000ff\","
                     "\"active_version\":\"v9\",\"cached\":true}"));
    CHECK_EQ(lab_work_get(&it, "/projects/uuid?project_id=bob.near/none").status, 502);
    lab_stop(&it);
    http_stub_stop(chain.stub);
}
