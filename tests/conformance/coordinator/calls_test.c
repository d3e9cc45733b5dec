/* Coordinator 15, cases 27-37, 43, 44 and 76: what becomes of a call, and what it costs. */
#include <string.h>

#include "lib/base/clock.h"
#include "tests/conformance/coordinator/lab.h"

static wire_answer look(lab *it, const char *key, const char *call_id)
{
    return lab_send(it, "GET", lab_text(it, "/calls/%s", call_id), key, "");
}

static wire_answer deliver(lab *it, const char *call_id, const char *members)
{
    return lab_work(it, "/https-calls/complete",
                    lab_text(it, "{\"call_id\":\"%s\",%s}", call_id, members));
}

static void check_delivered(lab *it, const char *call_id, const char *members, bool finalized)
{
    wire_answer answer = deliver(it, call_id, members);
    CHECK_EQ(answer.status, 200);
    CHECK_STR(answer.body, ol_str_of(lab_text(it, "{\"call_id\":\"%s\",\"finalized\":%s}", call_id,
                                              finalized ? "true" : "false")));
}

static const char SUCCESS[] = "\"success\":true,\"output\":1";

TEST("C27: an async call answers pending at once and reserves its limit")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 27, "1000000", "", NULL);
    wire_answer answer = lab_post(&it, "/call/bob.near/y", key, "{\"input\":1,\"async\":true}");
    CHECK_EQ(answer.status, 200);
    const char *id = lab_member(&it, answer.body, "call_id").data;
    CHECK_STR(answer.body,
              ol_str_of(lab_text(
                  &it, "{\"call_id\":\"%s\",\"status\":\"pending\",\"poll_url\":\"/calls/%s\"}", id,
                  id)));
    CHECK_EQ(lab_balance_of(&it, key).reserved, 10000);
    CHECK_STR(look(&it, key, id).body,
              ol_str_of(lab_text(&it, "{\"call_id\":\"%s\",\"status\":\"pending\"}", id)));
    lab_stop(&it);
}

TEST("C28 C29: a completion charges what was metered, once; its output comes back byte for byte")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 28, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "");
    (void)lab_take(&it, "w1");
    check_delivered(&it, id,
                    "\"success\":true,\"output\":{\"b\":1,\"a\":[1.0,\"\\u00e9\", 2]},"
                    "\"instructions\":5000000,\"time_ms\":2500",
                    true);
    wire_answer answer = look(&it, key, id);
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("completed"));
    CHECK_STR(lab_member(&it, answer.body, "compute_cost"), OL_STR("1007"));
    CHECK_STR(lab_member(&it, answer.body, "output"),
              OL_STR("{\"b\":1,\"a\":[1.0,\"\\u00e9\", 2]}"));
    lab_balance balance = lab_balance_of(&it, key);
    CHECK_EQ(balance.spent, 1007);
    CHECK_EQ(balance.reserved, 0);
    check_delivered(&it, id, "\"success\":false,\"error\":\"late\"", false);
    CHECK_EQ(lab_balance_of(&it, key).spent, 1007);
    lab_stop(&it);
}

static uint64_t earned(lab *it, const char *owner)
{
    wire_answer answer =
        lab_send(it, "GET", lab_text(it, "/public/project-earnings/%s", owner), "", "");
    CHECK_EQ(answer.status, 200);
    return lab_number(it, answer.body, "total_earned");
}

TEST("C30: the author gets the deposit less the refund")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 30, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "X-Attached-Deposit: 500\r\n");
    CHECK_EQ(lab_balance_of(&it, key).reserved, 10500);
    (void)lab_take(&it, "w1");
    check_delivered(&it, id, "\"success\":true,\"output\":null,\"refund_usd\":200", true);
    lab_balance balance = lab_balance_of(&it, key);
    CHECK_EQ(balance.spent, 1300);
    CHECK_EQ(balance.reserved, 0);
    CHECK_EQ(earned(&it, "bob.near"), 300);
    CHECK(!lab_has(look(&it, key, id).body, "output"));
    lab_stop(&it);
}

TEST("C31: a run that failed after its claim pays compute and gives the deposit back")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 31, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "X-Attached-Deposit: 500\r\n");
    (void)lab_take(&it, "w1");
    check_delivered(&it, id,
                    "\"success\":false,\"error\":\"boom\",\"instructions\":1999999,\"time_ms\":999",
                    true);
    lab_balance balance = lab_balance_of(&it, key);
    CHECK_EQ(balance.spent, 1001);
    CHECK_EQ(balance.reserved, 0);
    CHECK_EQ(earned(&it, "bob.near"), 0);
    wire_answer answer = look(&it, key, id);
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("failed"));
    CHECK_STR(lab_member(&it, answer.body, "error"), OL_STR("boom"));
    CHECK_STR(lab_member(&it, answer.body, "compute_cost"), OL_STR("1001"));
    lab_stop(&it);
}

TEST("C32: a call that failed before any claim costs nothing")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 32, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "");
    check_delivered(&it, id, "\"success\":false,\"error\":\"Compilation failed\"", true);
    lab_balance balance = lab_balance_of(&it, key);
    CHECK_EQ(balance.spent, 0);
    CHECK_EQ(balance.reserved, 0);
    CHECK_STR(lab_member(&it, look(&it, key, id).body, "status"), OL_STR("failed"));
    lab_stop(&it);
}

TEST("C33: the charge never passes the compute limit")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 33, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "");
    (void)lab_take(&it, "w1");
    check_delivered(&it, id, "\"success\":true,\"output\":1,\"instructions\":49000000000", true);
    CHECK_STR(lab_member(&it, look(&it, key, id).body, "compute_cost"), OL_STR("10000"));
    CHECK_EQ(lab_balance_of(&it, key).spent, 10000);
    lab_stop(&it);
}

static const char *const SHORT_WINDOW[] = {"HTTPS_CALL_TIMEOUT_SECONDS=1", NULL};

static const char *check_timeout(lab *it, lab_pending *pending)
{
    wire_answer answer = lab_finish(pending);
    CHECK_EQ(answer.status, 504);
    const char *id = lab_member(it, answer.body, "call_id").data;
    CHECK_STR(answer.body,
              ol_str_of(lab_text(
                  it, "{\"error\":\"Timeout waiting for result\",\"call_id\":\"%s\"}", id)));
    lab_drop(pending);
    return id;
}

TEST("C34: a window that passes without a claim is 504 with the call's id, and free")
{
    lab it;
    lab_start(&it, SHORT_WINDOW);
    const char *key = lab_key(&it, "alice.near", 34, "1000000", "", NULL);
    lab_pending pending = lab_begin(&it, "POST", "/call/bob.near/y", key, "{\"input\":1}");
    const char *id = check_timeout(&it, &pending);
    wire_answer answer = look(&it, key, id);
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("failed"));
    CHECK_STR(lab_member(&it, answer.body, "compute_cost"), OL_STR("0"));
    lab_balance balance = lab_balance_of(&it, key);
    CHECK_EQ(balance.spent, 0);
    CHECK_EQ(balance.reserved, 0);
    lab_stop(&it);
}

TEST("C35 C36: a window that passes after a claim costs the limit; a later completion nothing more")
{
    lab it;
    lab_start(&it, SHORT_WINDOW);
    const char *key = lab_key(&it, "alice.near", 35, "1000000", "", NULL);
    lab_pending pending = lab_begin(&it, "POST", "/call/bob.near/y", key, "{\"input\":1}");
    (void)lab_take(&it, "w1");
    const char *id = check_timeout(&it, &pending);
    CHECK_STR(lab_member(&it, look(&it, key, id).body, "status"), OL_STR("failed"));
    CHECK_EQ(lab_balance_of(&it, key).spent, 10000);
    check_delivered(&it, id, SUCCESS, false);
    CHECK_EQ(lab_balance_of(&it, key).spent, 10000);
    CHECK_STR(lab_member(&it, look(&it, key, id).body, "status"), OL_STR("failed"));
    lab_stop(&it);
}

TEST("C37: a call whose client went away is completed and charged once")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 37, "1000000", "", NULL);
    lab_pending pending = lab_begin(&it, "POST", "/call/bob.near/y", key, "{\"input\":1}");
    wire_answer answer =
        lab_work_get(&it, "/executions/poll?timeout=5&capabilities=execution&claim=1&worker_id=w1");
    CHECK_EQ(answer.status, 200);
    const char *id = lab_member(&it, answer.body, "task.call_id").data;
    lab_drop(&pending);
    check_delivered(&it, id, SUCCESS, true);
    CHECK_EQ(lab_balance_of(&it, key).spent, 1000);
    CHECK_STR(lab_member(&it, look(&it, key, id).body, "status"), OL_STR("completed"));
    lab_stop(&it);
}

TEST("a waiting client gets the result the moment the worker delivers it, with job and record")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    lab_pending pending = lab_begin(&it, "POST", "/call/bob.near/y", key, "{\"input\":{\"x\":1}}");
    wire_answer answer =
        lab_work_get(&it, "/executions/poll?timeout=5&capabilities=execution&claim=1&worker_id=w1");
    const char *id = lab_member(&it, answer.body, "task.call_id").data;
    unsigned job = (unsigned)lab_number(&it, answer.body, "jobs.0.job_id");
    CHECK(!lab_answered(&pending, 0));
    answer =
        lab_work(&it, "/jobs/complete",
                 lab_text(&it,
                          "{\"job_id\":%u,\"success\":true,\"time_ms\":3,\"instructions\":7,"
                          "\"call\":{\"call_id\":\"%s\",\"success\":true,\"output\":{\"y\": 2},"
                          "\"instructions\":7,\"time_ms\":3,\"job_id\":%u}}",
                          job, id, job));
    CHECK_EQ(answer.status, 200);
    answer = lab_finish(&pending);
    CHECK_EQ(answer.status, 200);
    CHECK_STR(answer.body,
              ol_str_of(lab_text(&it,
                                 "{\"call_id\":\"%s\",\"status\":\"completed\",\"output\":{\"y\": "
                                 "2},\"compute_cost\":\"1000\",\"instructions\":7,\"time_ms\":3,"
                                 "\"job_id\":%u,\"attestation_url\":\"/attestations/%u\"}",
                                 id, job, job)));
    lab_drop(&pending);
    lab_stop(&it);
}

TEST("GET /calls/{id}?wait answers when the call ends, or pending when the wait does")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "");
    (void)lab_take(&it, "w1");
    wire_answer answer = lab_send(&it, "GET", lab_text(&it, "/calls/%s?wait=1", id), key, "");
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("pending"));
    lab_pending pending = lab_begin(&it, "GET", lab_text(&it, "/calls/%s?wait=60", id), key, "");
    CHECK(!lab_answered(&pending, 50));
    check_delivered(&it, id, SUCCESS, true);
    answer = lab_finish(&pending);
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("completed"));
    lab_drop(&pending);
    answer = lab_send(&it, "GET", lab_text(&it, "/calls/%s?wait=60", id), key, "");
    CHECK_STR(lab_member(&it, answer.body, "status"), OL_STR("completed"));
    lab_stop(&it);
}

TEST("C43 C44: a result needs the whole key; an unknown id is 404")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 43, "1000000", "", NULL);
    const char *other = lab_key(&it, "alice.near", 44, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "");
    wire_answer answer = look(&it,
                              "X-Payment-Key: alice.near:43:ff112233445566778899aabbccddeeff"
                              "00112233445566778899aabbccddeeff\r\n",
                              id);
    CHECK_EQ(answer.status, 401);
    CHECK_STR(answer.body, OL_STR("{\"error\":\"Invalid payment key\"}"));
    CHECK_EQ(look(&it, other, id).status, 401);
    answer = look(&it, key, "aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa");
    CHECK_EQ(answer.status, 404);
    CHECK_STR(answer.body, OL_STR("{\"error\":\"Call not found\"}"));
    lab_stop(&it);
}

TEST("an accepted asynchronous call survives SIGKILL of the coordinator")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    const char *id = lab_call(&it, key, "");
    lab_kill(&it);
    lab_restart(&it, NULL);
    CHECK_EQ(lab_balance_of(&it, key).reserved, 10000);
    wire_answer answer =
        lab_work_get(&it, "/executions/poll?timeout=5&capabilities=execution&claim=1&worker_id=w1");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(&it, answer.body, "task.call_id"), ol_str_of(id));
    check_delivered(&it, id, SUCCESS, true);
    lab_kill(&it);
    lab_restart(&it, NULL);
    CHECK_EQ(lab_balance_of(&it, key).spent, 1000);
    CHECK_STR(lab_member(&it, look(&it, key, id).body, "status"), OL_STR("completed"));
    lab_stop(&it);
}

/* Until a line of /metrics says so. */
static void await_figure(lab *it, const char *line)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)LAB_WAIT_MS * 1000000;
    size_t at;
    while (!ol_str_find(lab_inner(it, "GET", "/metrics", "", "").body, ol_str_of(line), &at))
        CHECK_ROW(ol_mono_ns(ol_clock_real()) < until, line);
}

TEST("SIGTERM answers waiting polls and calls, then the program ends by itself")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 1, "1000000", "", NULL);
    lab_pending call = lab_begin(&it, "POST", "/call/bob.near/y", key, "{\"input\":1}");
    lab_pending poll = lab_begin(&it, "GET", "/executions/poll?timeout=60&capabilities=compilation",
                                 it.worker, "");
    await_figure(&it, "outlayer_waiting{kind=\"call\"} 1\n");
    await_figure(&it, "outlayer_waiting{kind=\"poll\"} 1\n");
    lab_stop(&it);
    CHECK_EQ(lab_finish(&poll).status, 204);
    CHECK_EQ(lab_finish(&call).status, 503);
    lab_drop(&call);
    lab_drop(&poll);
}
