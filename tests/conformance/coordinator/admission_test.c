/* Coordinator 15, cases 15-26, 38-42 and 45: who is let in, in which order, at what price. */
#include <string.h>

#include "tests/conformance/coordinator/lab.h"

static const char ASYNC[] = "{\"input\":1,\"async\":true}";

static wire_answer call(lab *it, const char *project, const char *headers)
{
    return lab_post(it, lab_text(it, "/call/%s", project), headers, ASYNC);
}

static void check_error(lab *it, wire_answer answer, int status, const char *error)
{
    CHECK_STR_ROW(lab_member(it, answer.body, "error"), ol_str_of(error), error);
    CHECK_EQ_ROW(answer.status, status, error);
}

TEST("C15: the secret's case does not matter")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    wire_answer answer = call(&it, "bob.near/y",
                              "X-Payment-Key: alice.near:1:00112233445566778899AABBCCDDEEFF"
                              "00112233445566778899AABBCCDDEEFF\r\n");
    CHECK_EQ(answer.status, 200);
    lab_stop(&it);
}

TEST("C16: a wrong secret, an unknown key and a deleted key are one and the same 401")
{
    lab it;
    lab_start(&it, NULL);
    (void)lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    check_error(&it,
                call(&it, "bob.near/y",
                     "X-Payment-Key: alice.near:1:ff112233445566778899aabbccddeeff"
                     "00112233445566778899aabbccddeeff\r\n"),
                401, "Invalid payment key");
    check_error(&it, call(&it, "bob.near/y", lab_key_header(&it, "alice.near", 2)), 401,
                "Invalid payment key");
    wire_answer answer =
        lab_work(&it, "/payment-keys/delete", "{\"owner\":\"alice.near\",\"nonce\":1}");
    CHECK_STR(answer.body, OL_STR("{\"success\":true,\"deleted\":true}"));
    check_error(&it, call(&it, "bob.near/y", lab_key_header(&it, "alice.near", 1)), 401,
                "Invalid payment key");
    lab_stop(&it);
}

TEST("C17 C18: a compute limit under the minimum is refused, one that is no number is the standard")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    check_error(&it, call(&it, "bob.near/y", lab_text(&it, "%sX-Compute-Limit: 999\r\n", key)), 400,
                "Compute limit too low: min=1000, provided=999");
    CHECK_EQ(call(&it, "bob.near/y", lab_text(&it, "%sX-Compute-Limit: abc\r\n", key)).status, 200);
    CHECK_EQ(lab_balance_of(&it, key).reserved, 10000);
    CHECK_EQ(call(&it, "bob.near/y", lab_text(&it, "%sX-Compute-Limit:  +2000 \r\n", key)).status,
             200);
    CHECK_EQ(lab_balance_of(&it, key).reserved, 12000);
    lab_stop(&it);
}

TEST("C19 C20: a scope lets in its project, or with a star all of its owner")
{
    lab it;
    lab_start(&it, NULL);
    const char *one = lab_key(&it, "alice.near", 1, "1000000", "\"bob.near/x\"", NULL);
    const char *all = lab_key(&it, "alice.near", 2, "1000000", "\"bob.near/*\"", NULL);
    const char *part =
        lab_key(&it, "alice.near", 3, "1000000", "\"bob.nea*\",\"bob.near/*y\"", NULL);
    check_error(&it, call(&it, "bob.near/y", one), 403, "Project not allowed for this payment key");
    check_error(&it, call(&it, "no.near/none", one), 403,
                "Project not allowed for this payment key");
    CHECK_EQ(call(&it, "bob.near/x", one).status, 200);
    CHECK_EQ(call(&it, "bob.near/y", all).status, 200);
    check_error(&it, call(&it, "bob.near/y", part), 403,
                "Project not allowed for this payment key");
    lab_stop(&it);
}

TEST("C21: a grant key cannot attach a deposit")
{
    lab it;
    lab_start(&it, NULL);
    wire_answer answer =
        lab_work(&it, "/payment-keys/init",
                 "{\"owner\":\"g.near\",\"nonce\":1,\"key_hash\":\"" LAB_PROOF "\"}");
    CHECK_STR(answer.body, OL_STR("{\"success\":true,\"created\":true}"));
    answer =
        lab_post(&it, "/admin/grant-payment-key", "Authorization: Bearer " LAB_ADMIN_TOKEN "\r\n",
                 "{\"owner\":\"g.near\",\"nonce\":1,\"amount\":\"100000\"}");
    CHECK_EQ(answer.status, 200);
    const char *key = lab_key_header(&it, "g.near", 1);
    check_error(&it, call(&it, "bob.near/y", lab_text(&it, "%sX-Attached-Deposit: 1\r\n", key)),
                403, "Grant keys cannot use X-Attached-Deposit");
    CHECK_EQ(call(&it, "bob.near/y", key).status, 200);
    lab_stop(&it);
}

TEST("C22 C23: the cap of one call counts limit and deposit; 0 and no number mean none")
{
    static const char *const unlimited[] = {"0", "", "many"};
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 22, "1000000", "", "10999");
    check_error(&it, call(&it, "bob.near/y", lab_text(&it, "%sX-Attached-Deposit: 1000\r\n", key)),
                400, "Max per call exceeded: max=10999, requested=11000");
    CHECK_EQ(call(&it, "bob.near/y", lab_text(&it, "%sX-Attached-Deposit: 999\r\n", key)).status,
             200);
    unsigned nonce = 23;
    OL_EACH (cap, unlimited) {
        key = lab_key(&it, "alice.near", nonce++, "1000000", "", *cap);
        CHECK_EQ_ROW(call(&it, "bob.near/y", key).status, 200, *cap);
    }
    lab_stop(&it);
}

TEST("C24: a sum beyond 128 bits is refused and reserves nothing")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 24, "1000000", "", NULL);
    const char *limit = "X-Compute-Limit: 340282366920938463463374607431768211455\r\n";
    check_error(&it,
                call(&it, "bob.near/y", lab_text(&it, "%s%sX-Attached-Deposit: 1\r\n", key, limit)),
                400, "Amount out of range");
    check_error(&it, call(&it, "bob.near/y", lab_text(&it, "%s%s", key, limit)), 402,
                "Insufficient balance: available=1000000, "
                "required=340282366920938463463374607431768211455");
    CHECK_EQ(lab_balance_of(&it, key).reserved, 0);
    lab_stop(&it);
}

TEST("C25: a balance short by one is 402 with both figures")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 25, "9999", "", NULL);
    check_error(&it, call(&it, "bob.near/y", key), 402,
                "Insufficient balance: available=9999, required=10000");
    lab_stop(&it);
}

TEST("C26: an unknown project is 404 and reserves nothing")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 26, "1000000", "", NULL);
    check_error(&it, call(&it, "no.near/none", key), 404, "Project not found");
    check_error(&it, call(&it, "bob.near/a%2Fb", key), 404, "Project not found");
    CHECK_EQ(lab_balance_of(&it, key).reserved, 0);
    lab_stop(&it);
}

TEST("C38: of two parallel calls with the balance for one, one is let in")
{
    lab it;
    lab_start(&it, NULL);
    for (unsigned round = 0; round < 10; round++) {
        const char *key = lab_key(&it, "alice.near", 38 + round, "15000", "", NULL);
        lab_pending first = lab_begin(&it, "POST", "/call/bob.near/y", key, ASYNC);
        lab_pending second = lab_begin(&it, "POST", "/call/bob.near/y", key, ASYNC);
        int a = lab_finish(&first).status;
        int b = lab_finish(&second).status;
        CHECK((a == 200 && b == 402) || (a == 402 && b == 200));
        lab_drop(&first);
        lab_drop(&second);
        CHECK_EQ(lab_balance_of(&it, key).reserved, 10000);
    }
    lab_stop(&it);
}

TEST("C39: the eleventh call in flight is 429")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 39, "1000000", "", NULL);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(call(&it, "bob.near/y", key).status, 200);
    check_error(&it, call(&it, "bob.near/y", key), 429, "Too many concurrent calls");
    CHECK_EQ(lab_balance_of(&it, key).reserved, 100000);
    lab_stop(&it);
}

TEST("C40: the 101st request of an address in a minute is 429 in text; the next minute is free")
{
    lab it;
    static const char *const settings[] = {"HTTPS_RATE_LIMIT_PER_MINUTE=100", NULL};
    lab_start_clocked(&it, settings);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(call(&it, "bob.near/y", "").status, 401);
    wire_answer answer = call(&it, "bob.near/y", "");
    CHECK_EQ(answer.status, 429);
    CHECK_STR(answer.body,
              OL_STR("Rate limit exceeded: 100 requests/minute allowed. Try again later."));
    CHECK_EQ(lab_send(&it, "GET", "/health", "", "").status, 200);
    lab_advance(&it, 60000);
    CHECK_EQ(call(&it, "bob.near/y", "").status, 401);
    lab_stop(&it);
}

TEST("C41: the 1001st request of a key in a minute is 429; wrong secrets are not counted")
{
    lab it;
    lab_start_clocked(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 41, "1000000", "\"bob.near/x\"", NULL);
    for (int i = 0; i < 1100; i++)
        CHECK_EQ(call(&it, "bob.near/y",
                      "X-Payment-Key: alice.near:41:ff112233445566778899aabbccddeeff"
                      "00112233445566778899aabbccddeeff\r\n")
                     .status,
                 401);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(call(&it, "bob.near/y", key).status, 403);
    check_error(&it, call(&it, "bob.near/y", key), 429, "Rate limit exceeded");
    lab_advance(&it, 60000);
    CHECK_EQ(call(&it, "bob.near/y", key).status, 403);
    lab_stop(&it);
}

TEST("C42: a repeated idempotency key with the same body is the same call, with another one 409")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 42, "1000000", "", NULL);
    const char *headers = lab_text(&it, "%sX-Idempotency-Key: k-1\r\n", key);
    wire_answer answer = call(&it, "bob.near/y", headers);
    CHECK_EQ(answer.status, 200);
    ol_str first = lab_member(&it, answer.body, "call_id");
    answer = call(&it, "bob.near/y", headers);
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(&it, answer.body, "call_id"), first);
    CHECK_EQ(lab_balance_of(&it, key).reserved, 10000);
    check_error(&it, lab_post(&it, "/call/bob.near/y", headers, "{\"input\":2,\"async\":true}"),
                409, "Idempotency key reused with a different request");
    const char *other = lab_key(&it, "alice.near", 43, "1000000", "", NULL);
    answer = call(&it, "bob.near/y", lab_text(&it, "%sX-Idempotency-Key: k-1\r\n", other));
    CHECK_EQ(answer.status, 200);
    CHECK(!ol_str_eq(lab_member(&it, answer.body, "call_id"), first));
    lab_stop(&it);
}

TEST("C45: the input reaches the worker compact, in the caller's key order, last duplicate wins")
{
    static const struct {
        const char *input;
        const char *data;
    } cases[] = {
        {"{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"},
        {" [ 1 , { \"x\" : null } ] ", "[1,{\"x\":null}]"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
        {"\"\\u00e9\\n\"", "\"\xc3\xa9\\n\""},
        {"[1e2,-0,1e16,0.000001,18446744073709551616,100]",
         "[100.0,-0.0,1e+16,1e-6,1.8446744073709552e+19,100]"},
        {"null", "null"},
    };
    lab it;
    lab_start(&it, NULL);
    unsigned nonce = 45;
    OL_EACH (row, cases) {
        const char *key = lab_key(&it, "alice.near", nonce++, "1000000", "", NULL);
        wire_answer answer = lab_post(&it, "/call/bob.near/y", key,
                                      lab_text(&it, "{\"async\":true,\"input\":%s}", row->input));
        CHECK_EQ_ROW(answer.status, 200, row->input);
        answer = lab_work_get(&it, "/executions/poll?timeout=5&capabilities=execution");
        CHECK_EQ_ROW(answer.status, 200, row->input);
        CHECK_STR_ROW(lab_member(&it, answer.body, "input_data"), ol_str_of(row->data), row->input);
        CHECK(!lab_has(answer.body, "code_source"));
    }
    lab_stop(&it);
}

TEST("limits are clamped to the caps and to what the compute limit pays for")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 1, "100000000000", "", NULL);
    wire_answer answer = lab_post(
        &it, "/call/bob.near/y", lab_text(&it, "%sX-Compute-Limit: 90000000000\r\n", key),
        "{\"async\":true,\"input\":1,\"resource_limits\":{\"max_instructions\":"
        "18446744073709551615,\"max_memory_mb\":4294967295,\"max_execution_seconds\":999}}");
    CHECK_EQ(answer.status, 200);
    answer = lab_work_get(&it, "/executions/poll?timeout=5&capabilities=execution");
    CHECK_EQ(lab_number(&it, answer.body, "resource_limits.max_instructions"), 100000000000);
    CHECK_EQ(lab_number(&it, answer.body, "resource_limits.max_memory_mb"), 512);
    CHECK_EQ(lab_number(&it, answer.body, "resource_limits.max_execution_seconds"), 60);
    answer = lab_post(&it, "/call/bob.near/y", key, ASYNC);
    answer = lab_work_get(&it, "/executions/poll?timeout=5&capabilities=execution");
    CHECK_EQ(lab_number(&it, answer.body, "resource_limits.max_instructions"), 9000999999);
    lab_stop(&it);
}
