/* Coordinator 6, what owners ask with their signature, against a scripted chain. */
#include <stdatomic.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/crypto/hash.h"
#include "lib/near/public_key.h"
#include "lib/proto/owner_storage.h"
#include "tests/conformance/coordinator/lab.h"
#include "tests/harness/http_stub.h"

#define PROJECT "bob.near/chain"
#define UUID "p00000000000000ff"
#define CONTRACT "outlayer.testnet"

/* The node knows the project above; keys: alice.near and bob.near have one that may do everything,
 * carol.near one that may call a contract. */
typedef struct place {
    lab lab;
    http_stub *stub;
    atomic_bool down;
    atomic_uint keys_asked;
    ol_ed25519_key key[3]; /* alice, bob, carol */
    ol_str public_key[3];
} place;

static const char *const ACCOUNT[] = {"alice.near", "bob.near", "carol.near"};
enum { ALICE, BOB, CAROL };

static bool asks_for(const place *it, ol_str body, int who)
{
    static const ol_str QUOTED[] = {OL_STR_INIT("\"alice.near\""), OL_STR_INIT("\"bob.near\""),
                                    OL_STR_INIT("\"carol.near\"")};
    size_t at;
    return ol_str_find(body, it->public_key[who], &at) && ol_str_find(body, QUOTED[who], &at);
}

static void on_key(const place *it, ol_str body, stub_conn *conn)
{
    const char *permission =
        asks_for(it, body, ALICE) || asks_for(it, body, BOB) ? "\"FullAccess\""
        : asks_for(it, body, CAROL)
            ? "{\"FunctionCall\":{\"allowance\":null,\"receiver_id\":\"x.near\","
              "\"method_names\":[]}}"
            : NULL;
    char storage[512];
    ol_buf answer = ol_buf_over(storage, sizeof storage);
    if (permission != NULL)
        ol_buf_addf(&answer,
                    "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"nonce\":1,\"permission\":%s}}",
                    permission);
    else
        ol_buf_addf(&answer, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"name\":"
                             "\"HANDLER_ERROR\",\"cause\":{\"name\":\"UNKNOWN_ACCESS_KEY\"}}}");
    stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_buf_str(&answer));
}

static void on_request(void *context, const stub_request *request, stub_conn *conn)
{
    place *it = context;
    size_t at;
    if (ol_str_find(request->body, OL_STR("view_access_key"), &at))
        atomic_fetch_add(&it->keys_asked, 1);
    if (atomic_load(&it->down))
        stub_answer(conn, 503, NULL, OL_STR(""));
    else if (ol_str_find(request->body, OL_STR("view_access_key"), &at))
        on_key(it, request->body, conn);
    else if (ol_str_find(request->body, OL_STR("eyJwcm9qZWN0X2lkIjoiYm9iLm5lYXIvY2hhaW4ifQ=="),
                         &at))
        stub_answer_view(conn,
                         OL_STR("{\"uuid\":\"" UUID "\",\"owner\":\"bob.near\",\"name\":\"chain\","
                                "\"project_id\":\"" PROJECT "\",\"active_version\":\"v\"}"),
                         1);
    else if (ol_str_find(request->body, OL_STR("\"get_project\""), &at))
        stub_answer_view(conn, OL_STR("null"), 1);
    else
        stub_answer(conn, 404, NULL, OL_STR(""));
}

static const char *url_of(place *it)
{
    return lab_text(&it->lab, "NEAR_RPC_URL=http://127.0.0.1:%u/", http_stub_port(it->stub));
}

static void place_start(place *it)
{
    memset(it, 0, sizeof *it);
    for (uint8_t i = 0; i < OL_COUNT(ACCOUNT); i++) {
        const uint8_t seed[OL_ED25519_SEED_BYTES] = {7, i};
        ol_ed25519_key_of_seed(seed, &it->key[i]);
        ol_ed25519_public public = ol_ed25519_public_of(&it->key[i]);
        ol_public_key named = ol_public_key_of_ed25519(&public);
        static char text[3][128];
        ol_buf buf = ol_buf_over(text[i], sizeof text[i]);
        ol_public_key_add_text(&buf, &named);
        it->public_key[i] = ol_buf_str(&buf);
    }
    it->stub = http_stub_start(on_request, it);
    static char url[64];
    ol_buf line = ol_buf_over(url, sizeof url);
    ol_buf_addf(&line, "NEAR_RPC_URL=http://127.0.0.1:%u/", http_stub_port(it->stub));
    ol_buf_add_char(&line, 0);
    lab_start(&it->lab, (const char *const[]){url, "OFFCHAINVM_CONTRACT_ID=" CONTRACT,
                                              "PUBLIC_RATE_LIMIT_PER_MINUTE=0", NULL});
}

static void place_stop(place *it)
{
    lab_stop(&it->lab);
    http_stub_stop(it->stub);
}

/* ---- rows */

static const char *hash_of(place *it, const char *key)
{
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(ol_str_of(key)));
    return lab_text(&it->lab, "%.*s", OL_FMT(ol_sha256_hex_str(&hash)));
}

/* `bytes` of value beside the key's; a row that everybody may read holds its key as it is. */
static void row_put(place *it, const char *account, const char *key, size_t bytes, bool encrypted)
{
    ol_buf body = ol_buf_new(OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&body);
    static const uint8_t value[1000];
    CHECK(bytes <= sizeof value);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "project_uuid", UUID);
    ol_json_put_cstr(&w, "account_id", account);
    ol_json_put_cstr(&w, "key_hash", hash_of(it, key));
    ol_json_put_cstr(&w, "wasm_hash", "w1");
    ol_json_put_base64(&w, "encrypted_key_base64", ol_str_bytes(ol_str_of(key)));
    ol_json_put_base64(&w, "encrypted_value_base64", (ol_bytes){value, bytes});
    ol_json_put_bool(&w, "is_encrypted", encrypted);
    ol_json_object_end(&w);
    const char *text = lab_text(&it->lab, "%.*s", OL_FMT(ol_buf_str(&body)));
    CHECK_EQ(lab_work(&it->lab, "/storage/set", text).status, 200);
    ol_buf_deinit(&body);
}

static bool row_there(place *it, const char *account, const char *key)
{
    wire_answer answer = lab_work(&it->lab, "/storage/has",
                                  lab_text(&it->lab,
                                           "{\"project_uuid\":\"" UUID
                                           "\",\"account_id\":\"%s\",\"key_hash\":\"%s\"}",
                                           account, hash_of(it, key)));
    return ol_str_eq(answer.body, OL_STR("{\"exists\":true}"));
}

static uint64_t bytes_used(place *it, const char *account)
{
    wire_answer answer = lab_work_get(
        &it->lab,
        lab_text(&it->lab, "/storage/usage?project_uuid=" UUID "&account_id=%s", account));
    return lab_number(&it->lab, answer.body, "total_bytes");
}

/* ---- asking */

static uint64_t now_s(void)
{
    return (uint64_t)ol_wall_ms(ol_clock_real()) / 1000;
}

static ol_owner_storage question(int who)
{
    return (ol_owner_storage){.account_id = ol_str_of(ACCOUNT[who]),
                              .project_id = OL_STR(PROJECT),
                              .limit = 100,
                              .expires = now_s() + 300};
}

static const char *text_of(place *it, const ol_owner_storage *body, ol_storage_ask ask)
{
    ol_buf text = ol_buf_new(OL_KIB(64));
    ol_json_writer w = ol_json_writer_over(&text);
    ol_owner_storage_encode_proved(body, ask, &w);
    const char *copy = lab_text(&it->lab, "%.*s", OL_FMT(ol_buf_str(&text)));
    ol_buf_deinit(&text);
    return copy;
}

static void sign(place *it, ol_owner_storage *body, ol_storage_ask ask, int who)
{
    ol_signed_request request;
    ol_err err;
    CHECK_OK(ol_owner_storage_signed(body, ask, OL_STR(CONTRACT), &it->lab.arena, &request, &err));
    CHECK_OK(ol_signed_request_sign(&request, &it->key[who], ol_random_kernel(), &it->lab.arena,
                                    &body->proof, &err));
}

static wire_answer send(place *it, const ol_owner_storage *body, ol_storage_ask ask)
{
    return lab_post(&it->lab, ol_owner_storage_path(ask), "", text_of(it, body, ask));
}

static wire_answer ask_as(place *it, ol_owner_storage body, ol_storage_ask ask, int who)
{
    sign(it, &body, ask, who);
    return send(it, &body, ask);
}

static void check_error(wire_answer answer, int status, const char *text)
{
    CHECK_EQ_ROW(answer.status, status, text);
    CHECK_HAS(answer.body, ol_str_of(text), text);
}

TEST("an account lists its own rows by pages, without values and without hidden names")
{
    place it;
    place_start(&it);
    row_put(&it, "alice.near", "one", 10, true);
    row_put(&it, "alice.near", "two", 20, true);
    row_put(&it, "alice.near", "three", 30, true);
    row_put(&it, "bob.near", "four", 40, true);
    ol_owner_storage body = question(ALICE);
    wire_answer answer = ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE);
    CHECK_EQ(answer.status, 200);
    CHECK_STARTS(answer.body,
                 OL_STR("{\"project_id\":\"" PROJECT "\",\"project_uuid\":\"" UUID
                        "\",\"account_id\":\"alice.near\",\"rows\":[{\"key_hash\":\""),
                 "names");
    CHECK(lab_has(answer.body, "rows.2.key_hash") && !lab_has(answer.body, "rows.3"));
    CHECK_STR(lab_member(&it.lab, answer.body, "rows.0.key"), OL_STR("null"));
    CHECK_STR(lab_member(&it.lab, answer.body, "next_cursor"), OL_STR("null"));
    CHECK_STR(lab_member(&it.lab, answer.body, "rows.0.wasm_hash"), OL_STR("w1"));
    uint64_t bytes = 0;
    for (int page = 0; page < 3; page++) {
        body.limit = 1;
        answer = ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE);
        CHECK_EQ(answer.status, 200);
        bytes += lab_number(&it.lab, answer.body, "rows.0.size_bytes");
        CHECK(!lab_has(answer.body, "rows.1"));
        body.cursor = lab_keep(&it.lab, lab_member(&it.lab, answer.body, "next_cursor"));
    }
    CHECK_EQ(bytes, 60 + 3 + 3 + 5);
    CHECK_STR(body.cursor, OL_STR("null"));
    place_stop(&it);
}

TEST("the project's owner alone sees what all callers share, by name where it is public")
{
    place it;
    place_start(&it);
    row_put(&it, "@worker", "tally", 3, false);
    row_put(&it, "@worker", "talk", 4, false);
    row_put(&it, "@worker", "hidden", 5, true);
    ol_owner_storage body = question(BOB);
    body.worker = true;
    wire_answer answer = ask_as(&it, body, OL_STORAGE_ASK_LIST, BOB);
    CHECK(lab_has(answer.body, "rows.2.key_hash"));
    CHECK_STR(lab_member(&it.lab, answer.body, "account_id"), OL_STR("@worker"));
    CHECK_HAS(answer.body, OL_STR("\"key\":\"tally\",\"is_encrypted\":false,\"size_bytes\":8"),
              "public");
    body.prefix = OL_STR("tall");
    answer = ask_as(&it, body, OL_STORAGE_ASK_LIST, BOB);
    CHECK(lab_has(answer.body, "rows.0.key_hash") && !lab_has(answer.body, "rows.1"));
    body.prefix = OL_STR("");
    body.only_public = true;
    answer = ask_as(&it, body, OL_STORAGE_ASK_LIST, BOB);
    CHECK(lab_has(answer.body, "rows.1.key_hash") && !lab_has(answer.body, "rows.2"));
    ol_owner_storage other = question(ALICE);
    other.worker = true;
    check_error(ask_as(&it, other, OL_STORAGE_ASK_LIST, ALICE), 403,
                "Only the owner of " PROJECT " sees and removes what all callers share");
    other.all = true;
    check_error(ask_as(&it, other, OL_STORAGE_ASK_DELETE, ALICE), 403, "Only the owner of");
    CHECK(row_there(&it, "@worker", "tally"));
    place_stop(&it);
}

TEST("usage is one's own, and for the project's owner everybody's")
{
    place it;
    place_start(&it);
    row_put(&it, "alice.near", "one", 10, true);
    row_put(&it, "bob.near", "four", 40, true);
    row_put(&it, "@worker", "tally", 3, false);
    wire_answer answer = ask_as(&it, question(ALICE), OL_STORAGE_ASK_USAGE, ALICE);
    CHECK_STR(answer.body, OL_STR("{\"project_id\":\"" PROJECT "\",\"project_uuid\":\"" UUID
                                  "\",\"account_id\":\"alice.near\",\"total_bytes\":13,"
                                  "\"key_count\":1}"));
    ol_owner_storage body = question(BOB);
    body.limit = 2;
    answer = ask_as(&it, body, OL_STORAGE_ASK_USAGE, BOB);
    CHECK_HAS(answer.body,
              OL_STR("\"total_bytes\":44,\"key_count\":1,\"project\":{\"total_bytes\":65,"
                     "\"key_count\":3},\"accounts\":[{\"account_id\":\"@worker\",\"total_bytes\":8,"
                     "\"key_count\":1},{\"account_id\":\"alice.near\",\"total_bytes\":13,"
                     "\"key_count\":1}],\"next_cursor\":\"alice.near\"}"),
              "first page");
    body.cursor = OL_STR("alice.near");
    answer = ask_as(&it, body, OL_STORAGE_ASK_USAGE, BOB);
    CHECK_HAS(answer.body,
              OL_STR("\"accounts\":[{\"account_id\":\"bob.near\",\"total_bytes\":44,"
                     "\"key_count\":1}],\"next_cursor\":null}"),
              "second page");
    place_stop(&it);
}

TEST("rows go by key, by hash or all together, and the account of what is used follows exactly")
{
    place it;
    place_start(&it);
    row_put(&it, "alice.near", "one", 10, true);
    row_put(&it, "alice.near", "two", 20, true);
    row_put(&it, "alice.near", "three", 30, true);
    row_put(&it, "@worker", "one", 3, false);
    row_put(&it, "@worker", "hidden", 3, true);
    ol_owner_storage body = question(ALICE);
    body.key = OL_STR("one");
    CHECK_HAS(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE).body,
              OL_STR("\"removed\":{\"total_bytes\":13,\"key_count\":1}}"), "by key");
    CHECK_EQ(bytes_used(&it, "alice.near"), 58);
    check_error(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE), 404, "Storage key not found");
    body.key = (ol_str){0};
    body.key_hash = ol_str_of(hash_of(&it, "two"));
    CHECK_EQ(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE).status, 200);
    CHECK_EQ(bytes_used(&it, "alice.near"), 35);
    body.key_hash = (ol_str){0};
    body.all = true;
    CHECK_HAS(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE).body,
              OL_STR("\"removed\":{\"total_bytes\":35,\"key_count\":1}}"), "all");
    CHECK_HAS(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE).body,
              OL_STR("\"removed\":{\"total_bytes\":0,\"key_count\":0}}"), "none is left");
    CHECK_EQ(bytes_used(&it, "alice.near"), 0);
    CHECK_EQ(bytes_used(&it, "@worker"), 6 + 9);

    ol_owner_storage shown = question(BOB);
    shown.worker = shown.only_public = shown.all = true;
    CHECK_EQ(ask_as(&it, shown, OL_STORAGE_ASK_DELETE, BOB).status, 200);
    CHECK(!row_there(&it, "@worker", "one") && row_there(&it, "@worker", "hidden"));
    CHECK_EQ(bytes_used(&it, "@worker"), 9);
    place_stop(&it);
}

TEST("a signed request works once, also when it found nothing, and also after a restart")
{
    place it;
    place_start(&it);
    ol_owner_storage list = question(ALICE), gone = question(ALICE);
    sign(&it, &list, OL_STORAGE_ASK_LIST, ALICE);
    CHECK_EQ(send(&it, &list, OL_STORAGE_ASK_LIST).status, 200);
    check_error(send(&it, &list, OL_STORAGE_ASK_LIST), 401, "Nonce already used");
    gone.key = OL_STR("later");
    sign(&it, &gone, OL_STORAGE_ASK_DELETE, ALICE);
    check_error(send(&it, &gone, OL_STORAGE_ASK_DELETE), 404, "Storage key not found");
    row_put(&it, "alice.near", "later", 10, true);
    check_error(send(&it, &gone, OL_STORAGE_ASK_DELETE), 401, "Nonce already used");
    lab_kill(&it.lab);
    lab_restart(&it.lab,
                (const char *const[]){url_of(&it), "OFFCHAINVM_CONTRACT_ID=" CONTRACT, NULL});
    check_error(send(&it, &gone, OL_STORAGE_ASK_DELETE), 401, "Nonce already used");
    CHECK(row_there(&it, "alice.near", "later"));
    place_stop(&it);
}

TEST("a signature is good for one operation, one body, one network and ten minutes at most")
{
    place it;
    place_start(&it);
    row_put(&it, "alice.near", "one", 10, true);
    ol_owner_storage body = question(ALICE);
    sign(&it, &body, OL_STORAGE_ASK_LIST, ALICE);
    check_error(send(&it, &body, OL_STORAGE_ASK_USAGE), 401,
                "Invalid signature: it does not match");
    body.limit = 99;
    check_error(send(&it, &body, OL_STORAGE_ASK_LIST), 401, "Invalid signature: it does not match");
    body = question(ALICE);
    body.expires = now_s() - 1;
    check_error(ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE), 401, "The signature has expired");
    body.expires = now_s() + OL_SIGNED_SECONDS_MAX + 60;
    check_error(ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE), 400,
                "expires is more than 600 s ahead");
    body = question(ALICE);
    ol_signed_request request;
    ol_err err;
    CHECK_OK(ol_owner_storage_signed(&body, OL_STORAGE_ASK_LIST, OL_STR("outlayer.near"),
                                     &it.lab.arena, &request, &err));
    CHECK_OK(ol_signed_request_sign(&request, &it.key[ALICE], ol_random_kernel(), &it.lab.arena,
                                    &body.proof, &err));
    check_error(send(&it, &body, OL_STORAGE_ASK_LIST), 401, "Invalid signature: it does not match");
    body.proof.nonce.len = 31;
    check_error(send(&it, &body, OL_STORAGE_ASK_LIST), 401, "nonce or signature is malformed");
    place_stop(&it);
}

TEST("a key of somebody else, and one that may only call functions, is refused")
{
    place it;
    place_start(&it);
    row_put(&it, "alice.near", "one", 10, true);
    ol_owner_storage body = question(ALICE);
    body.all = true;
    check_error(ask_as(&it, body, OL_STORAGE_ASK_DELETE, BOB), 401, "is no key of alice.near");
    check_error(ask_as(&it, question(CAROL), OL_STORAGE_ASK_LIST, CAROL), 401,
                "is no full-access key of carol.near");
    CHECK(row_there(&it, "alice.near", "one"));
    place_stop(&it);
}

TEST("what the chain does not answer is refused, and so is a project that it does not know")
{
    place it;
    place_start(&it);
    ol_owner_storage body = question(ALICE);
    body.project_id = OL_STR("bob.near/none");
    check_error(ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE), 404,
                "Project not found: bob.near/none");
    atomic_store(&it.down, true);
    check_error(ask_as(&it, question(ALICE), OL_STORAGE_ASK_LIST, ALICE), 502,
                "Key verification failed: the chain does not answer");
    lab_kill(&it.lab);
    lab_restart(&it.lab, (const char *const[]){"OFFCHAINVM_CONTRACT_ID=" CONTRACT, NULL});
    check_error(ask_as(&it, question(ALICE), OL_STORAGE_ASK_LIST, ALICE), 503,
                "Keys cannot be verified: no node is configured");
    place_stop(&it);
}

TEST("members left out mean what the signed body says of them")
{
    place it;
    place_start(&it);
    row_put(&it, "alice.near", "one", 10, true);
    ol_owner_storage body = question(ALICE);
    ol_buf text = ol_buf_new(OL_KIB(16));
    static const ol_storage_ask ASKS[] = {OL_STORAGE_ASK_LIST, OL_STORAGE_ASK_USAGE};
    OL_EACH (ask, ASKS) {
        ol_json_writer w = ol_json_writer_over(&text);
        sign(&it, &body, *ask, ALICE);
        ol_buf_clear(&text);
        ol_json_object_begin(&w);
        ol_json_put_u64(&w, "expires", body.expires);
        ol_signed_proof_put(&w, &body.proof);
        ol_json_put_str(&w, "project_id", body.project_id);
        ol_json_put_str(&w, "account_id", body.account_id);
        ol_json_object_end(&w);
        wire_answer answer = lab_post(&it.lab, ol_owner_storage_path(*ask), "",
                                      lab_text(&it.lab, "%.*s", OL_FMT(ol_buf_str(&text))));
        CHECK_EQ(answer.status, 200);
        CHECK_EQ(lab_number(&it.lab, answer.body,
                            *ask == OL_STORAGE_ASK_LIST ? "rows.0.size_bytes" : "total_bytes"),
                 13);
    }
    ol_buf_deinit(&text);
    place_stop(&it);
}

TEST("what cannot be asked is refused in words before the chain is")
{
    place it;
    place_start(&it);
    ol_owner_storage body = question(ALICE);
    body.limit = 0;
    check_error(ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE), 400, "limit must be 1 to 1000");
    body.limit = 1001;
    check_error(ask_as(&it, body, OL_STORAGE_ASK_USAGE, ALICE), 400, "limit must be 1 to 1000");
    body = question(ALICE);
    body.project_id = OL_STR("chain");
    check_error(ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE), 400, "must be 'account/name'");
    body = question(ALICE);
    body.account_id = OL_STR("@worker");
    check_error(ask_as(&it, body, OL_STORAGE_ASK_LIST, ALICE), 400, "Invalid account_id");
    body = question(ALICE);
    check_error(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE), 400,
                "Exactly one of key, key_hash and all is wanted");
    body.key = OL_STR("one");
    body.all = true;
    check_error(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE), 400, "Exactly one of key");
    body.all = false;
    body.key = (ol_str){0};
    body.key_hash = OL_STR("ABCD");
    check_error(ask_as(&it, body, OL_STORAGE_ASK_DELETE, ALICE), 400,
                "key_hash must be 64 hex characters");
    CHECK_EQ(lab_post(&it.lab, "/storage/owner/list", "", "{}").status, 422);
    CHECK_EQ(atomic_load(&it.keys_asked), 0);
    place_stop(&it);
}
