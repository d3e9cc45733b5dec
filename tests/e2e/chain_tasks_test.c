/* Beside runs: projects by contract views, and what the contract wants done (Worker 4, 11). */
#include <stdio.h>
#include <string.h>

#include "tests/e2e/chain_lab.h"
#include "tests/harness/test.h"

#define TOKEN "usdc.test.near"

static void publish(chain_lab *l, const char *name, const ol_sha256_hex *code)
{
    char args[512];
    (void)snprintf(args, sizeof args,
                   "{\"name\":\"%s\",\"source\":{\"WasmUrl\":{\"url\":\"https://test/code.wasm\","
                   "\"hash\":\"%s\",\"build_target\":\"wasm32-wasip1\"}}}",
                   name, code->data);
    (void)chain_lab_call(l, ALICE, "create_project", args, NEAR / 10);
}

/* POST /call/alice.test.near/NAME with the payment key. */
static ol_str https_call(chain_lab *l, const char *name, const char *body, int status)
{
    char path[128];
    char headers[512];
    ol_buf request = ol_buf_new(OL_KIB(16));
    wire_client client = wire_client_new(l->stack.port);
    wire_answer answer = {0};
    ol_str copy;
    (void)snprintf(path, sizeof path, "/call/" ALICE "/%s", name);
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nX-Payment-Key: %s\r\n", l->stack.payment_key);
    wire_request(&request, "POST", path, headers, ol_str_of(body));
    CHECK(wire_exchange(&client, ol_buf_str(&request), 30000, &answer));
    CHECK_EQ_ROW(answer.status, status, name);
    CHECK(ol_arena_copy(&l->chain.arena, answer.body, &copy));
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    return copy;
}

TEST("a project of the contract answers over HTTPS and through the chain, new versions included")
{
    OL_AUTO(chain_lab) l;
    ol_sha256_hex says;
    ol_err err = {0};
    char args[512];
    chain_lab_open(&l, &(chain_lab_options){.balance = 1000000});
    CHECK_OK(stack_upload(&l.stack, "guests/guest-says.wasm", &says, &err));
    publish(&l, "demo", &l.echo);
    CHECK_HAS(https_call(&l, "demo", "{\"input\":{\"n\":1}}", 200), OL_STR("\"output\":{\"n\":1}"),
              "https");
    CHECK_HAS(https_call(&l, "nothing", "{\"input\":1}", 404), OL_STR("Project not found"),
              "https");
    const char request[] =
        "{\"source\":{\"Project\":{\"project_id\":\"" ALICE "/demo\"}},\"input_data\":\"hey\","
        "\"resource_limits\":{\"max_instructions\":1000000000}}";
    CHECK_STR(chain_lab_run(&l, ol_str_of(request)).value, OL_STR("\"hey\""));
    (void)snprintf(args, sizeof args,
                   "{\"project_name\":\"demo\",\"source\":{\"WasmUrl\":{\"url\":"
                   "\"https://test/code.wasm\",\"hash\":\"%s\",\"build_target\":"
                   "\"wasm32-wasip1\"}},\"set_active\":true}",
                   says.data);
    (void)chain_lab_call(&l, ALICE, "add_version", args, NEAR / 10);
    CHECK_STARTS(chain_lab_run(&l, ol_str_of(request)).value, OL_STR("\"" ALICE " said"), "chain");
    chain_lab_settle(&l, 3, 0);
}

TEST("a deleted project's storage is cleared")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    publish(&l, "gone", &l.echo);
    (void)chain_lab_call(&l, ALICE, "delete_project", "{\"project_name\":\"gone\"}", 0);
    CHECK(stack_log_has(&l.stack, STACK_WORKER, " system_task_done task=project_storage_cleanup",
                        20000));
}

static void store_key(chain_lab *l)
{
    (void)chain_lab_call(l, ALICE, "store_secrets",
                         "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"1\","
                         "\"encrypted_secrets_base64\":\"QUJDREVGR0g=\",\"access\":\"AllowAll\"}",
                         NEAR / 10);
}

TEST("a payment key is deleted off the chain, then on it, and its deposit comes back")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    store_key(&l);
    static const char exists[] = "{\"accessor\":{\"System\":\"PaymentKey\"},\"profile\":\"1\","
                                 "\"owner\":\"" ALICE "\"}";
    CHECK_STR(chain_view(&l.chain, CHAIN_OUTLAYER, "secrets_exist", exists), OL_STR("true"));
    (void)chain_lab_call(&l, ALICE, "delete_payment_key", "{\"nonce\":1}", 1);
    CHECK_STR(chain_view(&l.chain, CHAIN_OUTLAYER, "secrets_exist", exists), OL_STR("false"));
    CHECK(
        stack_log_has(&l.stack, STACK_WORKER, " system_task_done task=delete_payment_key", 20000));
}

TEST("without a keystore a top-up is refused, and the token gives the payment back")
{
    OL_AUTO(chain_lab) l;
    chain_lab_open(&l, &(chain_lab_options){0});
    chain_account(&l.chain, TOKEN, "100", NULL);
    (void)chain_lab_call(&l, CHAIN_OUTLAYER, "set_payment_token_contract",
                         "{\"token_contract\":\"" TOKEN "\"}", 0);
    store_key(&l);
    chain_result result =
        chain_lab_call(&l, TOKEN, "ft_on_transfer",
                       "{\"sender_id\":\"" ALICE "\",\"amount\":\"20000\",\"msg\":"
                       "\"{\\\"action\\\":\\\"top_up_payment_key\\\",\\\"nonce\\\":1}\"}",
                       0);
    CHECK_STR(result.value, OL_STR("\"20000\""));
}
