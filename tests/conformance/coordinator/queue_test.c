/* Coordinator 15, cases 46-61: requests, polls, claims, completions. */
#include <string.h>

#include "lib/codec/hex.h"
#include "lib/crypto/hash.h"
#include "tests/conformance/coordinator/lab.h"

#define SOURCE                                                                                     \
    "{\"type\":\"GitHub\",\"repo\":\"a/b\",\"commit\":\"c\",\"build_target\":\"wasm32-wasip1\"}"
#define LIMITS "{\"max_instructions\":1000,\"max_memory_mb\":128,\"max_execution_seconds\":60}"

static const char *create_body(lab *it, unsigned id, const char *members)
{
    return lab_text(it,
                    "{\"request_id\":%u,\"data_id\":\"%064x\",\"code_source\":" SOURCE
                    ",\"resource_limits\":" LIMITS ",\"input_data\":\"in\\u00e9\"%s}",
                    id, id, members);
}

static wire_answer create(lab *it, unsigned id, const char *members)
{
    return lab_work(it, "/executions/create", create_body(it, id, members));
}

static wire_answer poll_for(lab *it, const char *capabilities, unsigned timeout)
{
    return lab_work_get(
        it, lab_text(it, "/executions/poll?timeout=%u&capabilities=%s", timeout, capabilities));
}

static wire_answer claim_as(lab *it, unsigned id, const char *capabilities, const char *members,
                            const char *worker)
{
    return lab_work(it, "/jobs/claim",
                    lab_text(it,
                             "{\"request_id\":%u,\"data_id\":\"%064x\",\"worker_id\":\"%s\","
                             "\"code_source\":{\"type\":\"GitHub\",\"repo\":\"https://github.com/a/"
                             "b\",\"commit\":\"c\",\"build_target\":\"wasm32-wasip1\"},"
                             "\"resource_limits\":" LIMITS ",\"capabilities\":[%s]%s}",
                             id, id, worker, capabilities, members));
}

static wire_answer claim(lab *it, unsigned id, const char *capabilities, const char *members)
{
    return claim_as(it, id, capabilities, members, "w1");
}

static const char BOTH[] = "\"compilation\",\"execution\"";

static uint64_t job_of(lab *it, wire_answer answer, const char *type)
{
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(it, answer.body, "jobs.0.job_type"), ol_str_of(type));
    return lab_number(it, answer.body, "jobs.0.job_id");
}

static void check_no_job(lab *it, wire_answer answer)
{
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(it, answer.body, "jobs"), OL_STR("[]"));
}

/* The one source used here. */
static const char *checksum(lab *it)
{
    return lab_checksum(it, "https://github.com/a/b", "c");
}

static void upload(lab *it)
{
    lab_code(it, "https://github.com/a/b", "c");
}

static wire_answer complete(lab *it, uint64_t job, const char *members)
{
    return lab_work(
        it, "/jobs/complete",
        lab_text(it, "{\"job_id\":%llu,\"time_ms\":5,%s}", (unsigned long long)job, members));
}

TEST("C46: creating a request twice is 201, then 200 and no second entry")
{
    lab it;
    lab_start(&it, NULL);
    wire_answer answer = create(&it, 46, "");
    CHECK_EQ(answer.status, 201);
    CHECK_STR(answer.body, OL_STR("{\"request_id\":46,\"created\":true}"));
    answer = create(&it, 46, "");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(answer.body, OL_STR("{\"request_id\":46,\"created\":false}"));
    CHECK_EQ(poll_for(&it, "compilation", 5).status, 200);
    CHECK_EQ(poll_for(&it, "compilation", 0).status, 204);
    lab_stop(&it);
}

TEST("C47: a poll of an empty queue is 204 when its time is over")
{
    lab it;
    lab_start(&it, NULL);
    lab_pending poll =
        lab_begin(&it, "GET", "/executions/poll?timeout=1&capabilities=execution", it.worker, "");
    CHECK(!lab_answered(&poll, 500));
    CHECK_EQ(lab_finish(&poll).status, 204);
    lab_drop(&poll);
    lab_stop(&it);
}

TEST("C48: a poll without a capability, or of no queue, is 400")
{
    static const char *const queries[] = {"timeout=1", "timeout=1&capabilities=foo",
                                          "timeout=1&queue=foo", "timeout=1&capabilities="};
    lab it;
    lab_start(&it, NULL);
    OL_EACH (query, queries)
        CHECK_EQ_ROW(lab_work_get(&it, lab_text(&it, "/executions/poll?%s", *query)).status, 400,
                     *query);
    CHECK_EQ(lab_work_get(&it, "/executions/poll?timeout=0&queue=execute").status, 204);
    lab_stop(&it);
}

TEST("C49: uncached code goes to compilers, not to executors")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(create(&it, 49, "").status, 201);
    CHECK_EQ(poll_for(&it, "execution", 0).status, 204);
    wire_answer answer = poll_for(&it, "compilation", 5);
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(lab_number(&it, answer.body, "request_id"), 49);
    CHECK_STR(lab_member(&it, answer.body, "code_source.repo"), OL_STR("https://github.com/a/b"));
    lab_stop(&it);
}

TEST("a waiting poll is woken by the work, not by its timeout")
{
    lab it;
    lab_start(&it, NULL);
    lab_pending poll = lab_begin(&it, "GET", "/executions/poll?timeout=60&capabilities=compilation",
                                 it.worker, "");
    CHECK(!lab_answered(&poll, 50));
    CHECK_EQ(create(&it, 1, "").status, 201);
    wire_answer answer = lab_finish(&poll);
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(lab_number(&it, answer.body, "request_id"), 1);
    lab_drop(&poll);
    lab_stop(&it);
}

TEST("work does not go to a poll whose worker has hung up")
{
    lab it;
    lab_start(&it, NULL);
    const char *path = "/executions/poll?timeout=60&capabilities=compilation";
    lab_pending gone = lab_begin(&it, "GET", path, it.worker, "");
    CHECK(!lab_answered(&gone, 100));
    lab_drop(&gone);
    lab_pending there = lab_begin(&it, "GET", path, it.worker, "");
    CHECK(!lab_answered(&there, 100));
    CHECK_EQ(create(&it, 1, "").status, 201);
    CHECK_EQ(lab_finish(&there).status, 200);
    lab_drop(&there);
    lab_stop(&it);
}

TEST("C50: a claim without capabilities is 400")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(create(&it, 50, "").status, 201);
    CHECK_EQ(claim(&it, 50, "", "").status, 400);
    lab_stop(&it);
}

TEST("C51: of two claims that race exactly one gets the job")
{
    lab it;
    lab_start(&it, NULL);
    upload(&it);
    CHECK_EQ(create(&it, 51, "").status, 201);
    CHECK_EQ(poll_for(&it, "execution", 5).status, 200);
    wire_answer answer = claim(&it, 51, "\"execution\"", "");
    (void)job_of(&it, answer, "execute");
    check_no_job(&it, claim_as(&it, 51, "\"execution\"", "", "w2"));
    lab_stop(&it);
}

TEST("C52: uncached code and both capabilities give one compile job")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(create(&it, 52, "").status, 201);
    CHECK_EQ(poll_for(&it, "compilation,execution", 5).status, 200);
    wire_answer answer = claim(&it, 52, BOTH, "");
    (void)job_of(&it, answer, "compile");
    CHECK_STR(lab_member(&it, answer.body, "jobs.0.wasm_checksum"), ol_str_of(checksum(&it)));
    CHECK_STR(lab_member(&it, answer.body, "pricing.base_fee_usd"), OL_STR("1000"));
    check_no_job(&it, claim_as(&it, 52, BOTH, "", "w2"));
    lab_stop(&it);
}

TEST("C53 C54: what is executed after a compile is what was asked for, format included")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(create(&it, 53,
                    ",\"response_format\":\"Json\",\"version_key\":\"v7\",\"secrets_ref\":{"
                    "\"profile\":\"p\",\"account_id\":\"s.near\"}")
                 .status,
             201);
    CHECK_EQ(poll_for(&it, "compilation", 5).status, 200);
    uint64_t job = job_of(&it, claim(&it, 53, "\"compilation\"", ""), "compile");
    upload(&it);
    CHECK_EQ(complete(&it, job, "\"success\":true").status, 200);
    wire_answer answer = poll_for(&it, "execution", 5);
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(&it, answer.body, "input_data"), OL_STR("in\xc3\xa9"));
    CHECK_STR(lab_member(&it, answer.body, "response_format"), OL_STR("Json"));
    CHECK_STR(lab_member(&it, answer.body, "version_key"), OL_STR("v7"));
    CHECK_STR(lab_member(&it, answer.body, "secrets_ref.account_id"), OL_STR("s.near"));
    CHECK_EQ(lab_number(&it, answer.body, "resource_limits.max_instructions"), 1000);
    (void)job_of(&it, claim(&it, 53, "\"execution\"", ""), "execute");
    lab_stop(&it);
}

TEST("C55: an executor that finds an HTTPS project uncached sends it to the compilers, sourceless")
{
    lab it;
    lab_start(&it, NULL);
    const char *key = lab_key(&it, "alice.near", 55, "1000000", "", NULL);
    (void)lab_call(&it, key, "");
    wire_answer answer = poll_for(&it, "execution", 5);
    CHECK_EQ(answer.status, 200);
    uint64_t request = lab_number(&it, answer.body, "request_id");
    const char *data = lab_member(&it, answer.body, "data_id").data;
    answer = lab_work(&it, "/jobs/claim",
                      lab_text(&it,
                               "{\"request_id\":%llu,\"data_id\":\"%s\",\"worker_id\":\"w1\","
                               "\"code_source\":" SOURCE ",\"resource_limits\":" LIMITS
                               ",\"capabilities\":[\"execution\"]}",
                               (unsigned long long)request, data));
    check_no_job(&it, answer);
    CHECK_EQ(poll_for(&it, "execution", 0).status, 204);
    answer = poll_for(&it, "compilation", 5);
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(lab_number(&it, answer.body, "request_id"), request);
    CHECK(!lab_has(answer.body, "code_source"));
    lab_stop(&it);
}

TEST("C56: a failed compile of a chain request is told by an executor")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(create(&it, 56, "").status, 201);
    CHECK_EQ(poll_for(&it, "compilation", 5).status, 200);
    uint64_t job = job_of(&it, claim(&it, 56, "\"compilation\"", ""), "compile");
    CHECK_EQ(complete(&it, job,
                      "\"success\":false,\"error\":\"no such crate\",\"error_category\":"
                      "\"compilation_failed\"")
                 .status,
             200);
    CHECK_EQ(poll_for(&it, "execution", 5).status, 200);
    wire_answer answer = claim(&it, 56, "\"execution\"", "");
    (void)job_of(&it, answer, "execute");
    CHECK_HAS(lab_member(&it, answer.body, "jobs.0.compile_error"), OL_STR("no such crate"), "");
    lab_stop(&it);
}

TEST("C57: compile_only of cached code becomes an execute task with the checksum as result")
{
    lab it;
    lab_start(&it, NULL);
    upload(&it);
    CHECK_EQ(create(&it, 57, ",\"compile_only\":true").status, 201);
    wire_answer answer = poll_for(&it, "execution", 5);
    CHECK_EQ(answer.status, 200);
    CHECK_STR(lab_member(&it, answer.body, "compile_result"), ol_str_of(checksum(&it)));
    answer = claim(&it, 57, "\"execution\"", ",\"compile_only\":true,\"has_compile_result\":true");
    (void)job_of(&it, answer, "execute");
    lab_stop(&it);
}

static uint64_t executions(lab *it)
{
    return lab_number(it, lab_send(it, "GET", "/public/stats", "", "").body, "total_executions");
}

TEST("C58: a repeated completion answers 200 and changes neither history nor earnings")
{
    lab it;
    lab_start(&it, NULL);
    upload(&it);
    CHECK_EQ(create(&it, 58, ",\"attached_usd\":\"6\",\"project_id\":\"a.near/x\"").status, 201);
    CHECK_EQ(poll_for(&it, "execution", 5).status, 200);
    uint64_t job = job_of(&it, claim(&it, 58, "\"execution\"", ""), "execute");
    const char *members = "\"success\":true,\"output\":{\"Text\":\"x\"},\"instructions\":42,"
                          "\"refund_usd\":\"2\"";
    CHECK_EQ(complete(&it, job, members).status, 200);
    uint64_t before = executions(&it);
    CHECK_EQ(complete(&it, job, members).status, 200);
    CHECK_EQ(executions(&it), before);
    wire_answer answer = lab_send(&it, "GET", "/public/project-earnings/a.near/history", "", "");
    CHECK_EQ(lab_number(&it, answer.body, "total_count"), 1);
    CHECK_STR(lab_member(&it, answer.body, "earnings.0.amount"), OL_STR("4"));
    lab_stop(&it);
}

TEST("C59: a polled task that nobody claims for 60 s is delivered again")
{
    lab it;
    lab_start_clocked(&it, NULL);
    CHECK_EQ(create(&it, 59, "").status, 201);
    CHECK_EQ(poll_for(&it, "compilation", 5).status, 200);
    lab_advance(&it, 59000);
    CHECK_EQ(poll_for(&it, "compilation", 0).status, 204);
    lab_advance(&it, 2000);
    CHECK_EQ(poll_for(&it, "compilation", 20).status, 200);
    lab_stop(&it);
}

TEST("C60: a compile whose worker falls silent for 120 s is claimable under a new job id")
{
    lab it;
    lab_start_clocked(&it, NULL);
    CHECK_EQ(lab_work(&it, "/workers/heartbeat",
                      "{\"worker_id\":\"w1\",\"worker_name\":\"n1\",\"status\":\"busy\"}")
                 .status,
             200);
    CHECK_EQ(create(&it, 60, "").status, 201);
    CHECK_EQ(poll_for(&it, "compilation", 5).status, 200);
    uint64_t first = job_of(&it, claim(&it, 60, "\"compilation\"", ""), "compile");
    lab_advance(&it, 121000);
    CHECK_EQ(poll_for(&it, "compilation", 20).status, 200);
    uint64_t second = job_of(&it, claim_as(&it, 60, "\"compilation\"", "", "w2"), "compile");
    CHECK(first != second);
    CHECK_EQ(complete(&it, first, "\"success\":true").status, 200);
    CHECK_EQ(poll_for(&it, "execution", 0).status, 204);
    lab_stop(&it);
}

TEST("a life told with poll and heartbeat has at most 32 bytes; silent for 20 s, it is over")
{
#define LIFE "0123456789abcdef0123456789abcdef"
#define POLL "/executions/poll?timeout=%d&capabilities=compilation&claim=1&worker_id=w1&life="
#define BEAT "{\"worker_id\":\"w1\",\"worker_name\":\"n1\",\"status\":\"busy\",\"life\":\""
    lab it;
    lab_start_clocked(&it, NULL);
    CHECK_EQ(lab_work_get(&it, lab_text(&it, POLL LIFE "0", 0)).status, 400);
    CHECK_EQ(lab_work(&it, "/workers/heartbeat", BEAT LIFE "0\"}").status, 400);
    CHECK_EQ(lab_work(&it, "/workers/heartbeat", BEAT LIFE "\"}").status, 200);
    CHECK_EQ(create(&it, 60, "").status, 201);
    CHECK_EQ(lab_work_get(&it, lab_text(&it, POLL LIFE, 5)).status, 200);
    lab_advance(&it, 15000);
    CHECK_EQ(lab_work(&it, "/workers/heartbeat", BEAT LIFE "\"}").status, 200);
    lab_advance(&it, 15000);
    CHECK_EQ(poll_for(&it, "compilation", 0).status, 204);
    lab_advance(&it, 6000);
    CHECK_EQ(poll_for(&it, "compilation", 20).status, 200);
    lab_stop(&it);
}

TEST("C61: completing an unknown job is 404")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_EQ(complete(&it, 999999, "\"success\":true").status, 404);
    lab_stop(&it);
}
