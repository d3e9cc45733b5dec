/* Coordinator 15, cases 68-69 and 76-82: caches, locks, tasks, grants, records. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/codec/base64.h"
#include "tests/conformance/coordinator/lab.h"
#include "tests/harness/http_stub.h"

#define ADMIN "Authorization: Bearer " LAB_ADMIN_TOKEN "\r\n"

typedef struct form {
    const char *checksum; /* NULL: left out */
    const char *repo_url;
    const char *commit_hash;
    ol_str file; /* NULL data: left out */
} form;

static void part_add(ol_buf *body, const char *name, ol_str content)
{
    ol_buf_addf(body, "--B\r\ncontent-disposition: form-data; name=\"%s\"\r\n\r\n", name);
    ol_buf_add_str(body, content);
    ol_buf_add_str(body, OL_STR("\r\n"));
}

static wire_answer upload(lab *it, const form *given)
{
    ol_buf body = ol_buf_new(OL_KIB(64));
    ol_buf request = ol_buf_new(OL_KIB(64));
    wire_answer answer;
    if (given->checksum != NULL)
        part_add(&body, "checksum", ol_str_of(given->checksum));
    if (given->repo_url != NULL)
        part_add(&body, "repo_url", ol_str_of(given->repo_url));
    if (given->commit_hash != NULL)
        part_add(&body, "commit_hash", ol_str_of(given->commit_hash));
    if (given->file.data != NULL)
        part_add(&body, "wasm_file", given->file);
    ol_buf_add_str(&body, OL_STR("--B--\r\n"));
    wire_request(&request, "POST", "/wasm/upload",
                 lab_text(it, "%sContent-Type: multipart/form-data; boundary=B\r\n", it->worker),
                 ol_buf_str(&body));
    CHECK(wire_exchange(&it->client, ol_buf_str(&request), LAB_WAIT_MS, &answer));
    ol_buf_deinit(&body);
    ol_buf_deinit(&request);
    return answer;
}

#define MODULE OL_STR("\0asm\1\0\0\0")
/* Hashes: of MODULE, and of no module. */
static const char CONTENT[] = "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476";
#define OTHER_UPPER "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"
static const char OTHER[] = "abababababababababababababababababababababababababababababababab";

TEST("C68: a checksum that is no checksum is 400, and nothing is written for it")
{
    static const char *const bad[] = {"../x", "", "zz", "../../../../etc/passwd", OTHER_UPPER};
    lab it;
    lab_start(&it, NULL);
    OL_EACH (checksum, bad) {
        const form given = {*checksum, "r", "c", MODULE};
        CHECK_EQ_ROW(upload(&it, &given).status, 400, *checksum);
    }
    lab_stop(&it);
}

TEST("C69: code of a URL must be what its hash says; every upload must be a module")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(upload(&it, &(form){OTHER, "", "", MODULE}).status, 400);
    CHECK_EQ(upload(&it, &(form){OTHER, "r", "c", OL_STR("no module")}).status, 400);
    CHECK_EQ(upload(&it, &(form){OTHER, "r", "c", OL_STR("")}).status, 400);
    CHECK_EQ(upload(&it, &(form){NULL, "r", "c", MODULE}).status, 400);
    CHECK_EQ(upload(&it, &(form){OTHER, NULL, "c", MODULE}).status, 400);
    CHECK_EQ(upload(&it, &(form){OTHER, "r", NULL, MODULE}).status, 400);
    CHECK_EQ(upload(&it, &(form){OTHER, "r", "c", {NULL, 0}}).status, 400);
    wire_answer answer = lab_work_get(&it, lab_text(&it, "/wasm/%s", OTHER));
    CHECK_EQ(answer.status, 404);
    CHECK_EQ(upload(&it, &(form){CONTENT, "", "", MODULE}).status, 201);
    answer = lab_work_get(&it, lab_text(&it, "/wasm/%s", CONTENT));
    CHECK_EQ(answer.status, 200);
    CHECK_STR(answer.body, MODULE);
    answer = lab_send(&it, "GET", lab_text(&it, "/public/wasm/exists/%s", CONTENT), "", "");
    CHECK_STR(lab_member(&it, answer.body, "exists"), OL_STR("true"));
    CHECK_STR(lab_send(&it, "GET", "/public/wasm/exists/zz", "", "").body,
              OL_STR("{\"exists\":false,\"created_at\":null}"));
    answer = lab_send(&it, "DELETE", lab_text(&it, "/admin/wasm/%s?ban=true", CONTENT), ADMIN, "");
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(lab_work_get(&it, lab_text(&it, "/wasm/%s", CONTENT)).status, 404);
    CHECK(upload(&it, &(form){CONTENT, "", "", MODULE}).status >= 400);
    lab_stop(&it);
}

/* The chain's prices, dearer from the second reading on. */
static void on_prices(void *context, const stub_request *request, stub_conn *conn)
{
    size_t at;
    bool prices = ol_str_find(request->body, OL_STR("get_pricing_full"), &at);
    const char *json =
        prices ? "{\"base_fee\":\"1\",\"per_million_instructions_fee\":\"1\",\"per_ms_fee\":\"1\","
                 "\"per_compile_ms_fee\":\"1\",\"base_fee_usd\":\"5000\","
                 "\"per_million_instructions_fee_usd\":\"1\",\"per_sec_fee_usd\":\"1\","
                 "\"per_compile_ms_fee_usd\":\"10\"}"
               : "[100000000000,60,300]";
    (void)context;
    stub_answer_view(conn, ol_str_of(json), 1);
}

TEST("C76: a call is charged by the prices of its admission, not of its completion")
{
    lab it;
    http_stub *chain = http_stub_start(on_prices, NULL);
    char url[64];
    ol_buf text = ol_buf_over(url, sizeof url);
    ol_buf_addf(&text, "NEAR_RPC_URL=http://127.0.0.1:%u/", http_stub_port(chain));
    ol_buf_add_char(&text, 0);
    lab_start(&it, NULL); /* no chain: the prices everybody falls back to */
    const char *key = lab_key(&it, "alice.near", 76, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "");
    (void)lab_take(&it, "w1");
    lab_kill(&it);
    const char *const settings[] = {url, "OFFCHAINVM_CONTRACT_ID=outlayer.testnet", NULL};
    lab_restart(&it, settings);
    wire_answer answer = lab_send(&it, "POST", "/public/pricing/refresh", "", "");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(&it, answer.body, "base_fee_usd"), OL_STR("5000"));
    answer = lab_work(&it, "/https-calls/complete",
                      lab_text(&it, "{\"call_id\":\"%s\",\"success\":true,\"output\":1}", id));
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(lab_balance_of(&it, key).spent, 1000);
    id = lab_call(&it, key, "");
    (void)lab_take(&it, "w1");
    (void)lab_work(&it, "/https-calls/complete",
                   lab_text(&it, "{\"call_id\":\"%s\",\"success\":true,\"output\":1}", id));
    CHECK_EQ(lab_balance_of(&it, key).spent, 6000);
    lab_stop(&it);
    http_stub_stop(chain);
}

static void check_acquired(lab *it, const char *body, const char *acquired)
{
    wire_answer answer = lab_work(it, "/locks/acquire", body);
    CHECK_STR_ROW(lab_member(it, answer.body, "acquired"), ol_str_of(acquired), body);
}

TEST("C77: a lock is freed by the token that took it, and by nobody else")
{
    lab it;
    lab_start(&it, NULL);
    const char *other = lab_token(&it, "other");
    const char *body = "{\"lock_key\":\"compile:a/b:c\",\"worker_id\":\"w1\",\"ttl_seconds\":60}";
    const char *path = "/locks/release/compile%3Aa%2Fb%3Ac";
    check_acquired(&it, body, "true");
    check_acquired(&it, body, "false");
    CHECK_EQ(lab_send(&it, "DELETE", path, other, "").status, 200);
    check_acquired(&it, body, "false");
    CHECK_EQ(lab_send(&it, "DELETE", path, it.worker, "").status, 200);
    check_acquired(&it, body, "true");
    check_acquired(&it, "{\"lock_key\":\"z\",\"worker_id\":\"w1\",\"ttl_seconds\":0}", "false");
    lab_stop(&it);
}

TEST("C78: system tasks need the execution capability; none waiting is null")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(lab_work_get(&it, "/system-callbacks/poll?timeout=0&capabilities=compilation").status,
             403);
    wire_answer answer = lab_work_get(&it, "/system-callbacks/poll?timeout=0");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(answer.body, OL_STR("null"));
    lab_pending poll = lab_begin(&it, "GET", "/system-callbacks/poll?timeout=60", it.worker, "");
    CHECK(!lab_answered(&poll, 50));
    answer = lab_work(&it, "/projects/cleanup-task/create",
                      "{\"project_id\":\"o.near/x\",\"project_uuid\":\"pu1\"}");
    CHECK_STR(lab_member(&it, answer.body, "created"), OL_STR("true"));
    answer = lab_finish(&poll);
    CHECK_STR(lab_member(&it, answer.body, "task_type"), OL_STR("project_storage_cleanup"));
    CHECK_STR(lab_member(&it, answer.body, "project_uuid"), OL_STR("pu1"));
    lab_drop(&poll);
    lab_stop(&it);
}

TEST("C79: a top-up is credited once, however often its completion is repeated")
{
    lab it;
    lab_start(&it, NULL);
    const char *complete = "{\"owner\":\"o.near\",\"nonce\":3,\"new_initial_balance\":\"5\","
                           "\"amount\":\"5\",\"key_hash\":\"" LAB_PROOF "\"}";
    wire_answer answer =
        lab_work(&it, "/topup/create",
                 "{\"data_id\":\"abab\",\"owner\":\"o.near\",\"nonce\":3,\"amount\":\"5\","
                 "\"encrypted_data\":\"ZQ==\"}");
    CHECK_STR(lab_member(&it, answer.body, "created"), OL_STR("true"));
    answer = lab_work_get(&it, "/system-callbacks/poll?timeout=5");
    CHECK_STR(lab_member(&it, answer.body, "task_type"), OL_STR("top_up"));
    CHECK_STR(lab_member(&it, answer.body, "amount"), OL_STR("5"));
    for (int i = 0; i < 3; i++)
        CHECK_STR(lab_work(&it, "/topup/complete", complete).body, OL_STR("{\"success\":true}"));
    CHECK_EQ(lab_balance_of(&it, lab_key_header(&it, "o.near", 3)).initial, 5);
    CHECK_STR(lab_work_get(&it, "/system-callbacks/poll?timeout=0").body, OL_STR("null"));
    lab_stop(&it);
}

TEST("a task that needs nothing more is closed by its worker, once")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_work(&it, "/topup/create",
                   "{\"data_id\":\"cdcd\",\"owner\":\"o.near\",\"nonce\":3,\"amount\":\"5\","
                   "\"encrypted_data\":\"ZQ==\"}");
    const char *close = "{\"task_type\":\"top_up\",\"data_id\":\"cdcd\"}";
    wire_answer answer = lab_work_get(&it, "/system-callbacks/poll?timeout=5");
    CHECK_STR(lab_member(&it, answer.body, "data_id"), OL_STR("cdcd"));
    CHECK_STR(lab_work(&it, "/system-callbacks/close", close).body,
              OL_STR("{\"success\":true,\"closed\":true}"));
    CHECK_STR(lab_work(&it, "/system-callbacks/close", close).body,
              OL_STR("{\"success\":true,\"closed\":false}"));
    CHECK_EQ(
        lab_work(&it, "/system-callbacks/close", "{\"task_type\":\"dance\",\"data_id\":\"cdcd\"}")
            .status,
        422);
    CHECK_EQ(lab_post(&it, "/system-callbacks/close", "", close).status, 401);
    /* What was closed is not credited any more. */
    (void)lab_work(
        &it, "/topup/complete",
        "{\"owner\":\"o.near\",\"nonce\":3,\"new_initial_balance\":\"5\",\"amount\":\"5\","
        "\"key_hash\":\"" LAB_PROOF "\",\"data_id\":\"cdcd\"}");
    CHECK_EQ(
        lab_send(&it, "GET", "/payment-keys/balance", lab_key_header(&it, "o.near", 3), "").status,
        401);
    lab_stop(&it);
}

static wire_answer grant(lab *it, const char *amount)
{
    return lab_post(it, "/admin/grant-payment-key", ADMIN,
                    lab_text(it, "{\"owner\":\"g.near\",\"nonce\":1,\"amount\":\"%s\"}", amount));
}

TEST("C80: a key that a user funded takes no grant; grants to others add up")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_key(&it, "u.near", 1, "77", "", NULL);
    wire_answer answer = lab_post(&it, "/admin/grant-payment-key", ADMIN,
                                  "{\"owner\":\"u.near\",\"nonce\":1,\"amount\":\"1\"}");
    CHECK_EQ(answer.status, 409);
    CHECK_STARTS(answer.body, OL_STR("Cannot grant to user-funded key. Current balance: 77"), "");
    answer = grant(&it, "5");
    CHECK_EQ(answer.status, 404);
    CHECK_STR(answer.body, OL_STR("Payment key not found: owner=g.near nonce=1. User must create "
                                  "it first via store_secrets."));
    (void)lab_work(&it, "/payment-keys/init",
                   "{\"owner\":\"g.near\",\"nonce\":1,\"key_hash\":\"" LAB_PROOF "\"}");
    CHECK_STR(grant(&it, "x").body, OL_STR("Invalid amount format"));
    CHECK_STR(grant(&it, "0").body, OL_STR("Amount must be greater than 0"));
    CHECK_EQ(grant(&it, "100").status, 200);
    CHECK_STR(grant(&it, "5").body,
              OL_STR("{\"owner\":\"g.near\",\"nonce\":1,\"initial_balance\":\"105\",\"is_grant\":"
                     "true}"));
    answer = lab_send(&it, "GET", "/admin/grant-keys", ADMIN, "");
    CHECK_STR(lab_member(&it, answer.body, "0.available"), OL_STR("105"));
    CHECK_EQ(lab_send(&it, "DELETE", "/admin/grant-keys/g.near/1", ADMIN, "").status, 204);
    answer = lab_send(&it, "DELETE", "/admin/grant-keys/g.near/1", ADMIN, "");
    CHECK_EQ(answer.status, 404);
    CHECK_STR(answer.body, OL_STR("Grant key not found or already deleted"));
    lab_stop(&it);
}

static wire_answer record_post(lab *it, unsigned quote_bytes, const char *members)
{
    uint8_t quote[600];
    for (unsigned i = 0; i < sizeof quote; i++)
        quote[i] = (uint8_t)i;
    CHECK(quote_bytes <= sizeof quote);
    ol_str base64 = ol_base64_of(&it->arena, (ol_bytes){quote, quote_bytes});
    return lab_work(it, "/attestations",
                    lab_text(it, "{\"tdx_quote\":\"%.*s\",\"output_hash\":\"%s\",%s}",
                             OL_FMT(base64), OTHER, members));
}

TEST("C81: a quote of 567 bytes is 400, one of 568 is stored and served as it came")
{
    const char *const execute = "\"task_id\":5,\"task_type\":\"execute\",\"input_hash\":"
                                "\"abababababababababababababababababababababababababababababababab"
                                "\",\"timestamp\":1700000000,\"project_id\":\"bob.near/y\"";
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(record_post(&it, 567, execute).status, 400);
    CHECK_EQ(record_post(&it, 568, execute).status, 201);
    CHECK_EQ(record_post(&it, 568, "\"task_id\":5,\"task_type\":\"execute\"").status, 400);
    CHECK_EQ(record_post(&it, 568, "\"task_id\":6,\"task_type\":\"weird\"").status, 422);
    wire_answer answer = lab_send(&it, "GET", "/attestations/5", "", "");
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(lab_number(&it, answer.body, "timestamp"), 1700000000);
    CHECK_STR(lab_member(&it, answer.body, "project_id"), OL_STR("bob.near/y"));
    CHECK_EQ(lab_member(&it, answer.body, "worker_measurement").len, 96);
    CHECK(!lab_has(answer.body, "call_id"));
    CHECK_EQ(record_post(&it, 568, execute).status, 201);
    answer = lab_send(&it, "GET", "/attestations/5", "", "");
    CHECK_EQ(lab_number(&it, answer.body, "id"), 2);
    lab_stop(&it);
}

TEST("C82: a heartbeat may say stale")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(lab_work(&it, "/workers/heartbeat",
                      "{\"worker_id\":\"w1\",\"worker_name\":\"n1\",\"status\":\"stale\","
                      "\"current_task_id\":null}")
                 .status,
             200);
    wire_answer answer = lab_send(&it, "GET", "/public/workers", "", "");
    CHECK_STR(lab_member(&it, answer.body, "0.status"), OL_STR("stale"));
    lab_stop(&it);
}

TEST("the database's files are readable to the coordinator's user alone")
{
    static const char *const names[] = {"db", "db-wal", "db-shm"};
    mode_t before = umask(022); /* what most shells hand on */
    lab it;
    lab_start(&it, NULL);
    (void)umask(before);
    OL_EACH (name, names) {
        char path[128];
        struct stat about = {0};
        (void)snprintf(path, sizeof path, "%s/%s", it.folder, *name);
        CHECK_ROW(stat(path, &about) == 0, *name);
        CHECK_EQ_ROW(about.st_mode & 0777, 0600, *name);
    }
    lab_stop(&it);
}
