/* What anyone may see of finished runs (Coordinator 10). */
#include "tests/conformance/coordinator/lab.h"

#define LIMITS "{\"max_instructions\":1000,\"max_memory_mb\":128,\"max_execution_seconds\":60}"
#define REPO "https://github.com/a/b"

/* A run on chain of commit `commit` of a/b, of which code is in the cache, through to its report.
 */
static void run_on_chain(lab *it, unsigned id, const char *commit, const char *report)
{
    const char *source = lab_text(it,
                                  "{\"type\":\"GitHub\",\"repo\":\"a/b\",\"commit\":\"%s\","
                                  "\"build_target\":\"wasm32-wasip1\"}",
                                  commit);
    lab_code(it, REPO, commit);
    wire_answer answer =
        lab_work(it, "/executions/create",
                 lab_text(it,
                          "{\"request_id\":%u,\"data_id\":\"%064x\",\"code_source\":%s,"
                          "\"resource_limits\":" LIMITS ",\"input_data\":\"\","
                          "\"user_account_id\":\"u.near\",\"near_payment_yocto\":\"%u0000\","
                          "\"transaction_hash\":\"tx%u\",\"project_id\":\"a.near/x\"}",
                          id, id, source, id, id));
    CHECK_EQ(answer.status, 201);
    uint64_t job = lab_take(it, "w1");
    answer = lab_work(it, "/jobs/complete",
                      lab_text(it, "{\"job_id\":%llu,%s}", (unsigned long long)job, report));
    CHECK_EQ(answer.status, 200);
}

static void run_over_https(lab *it, const char *key)
{
    (void)lab_call(it, key, "");
    uint64_t job = lab_take(it, "w2");
    wire_answer answer = lab_work(it, "/jobs/complete",
                                  lab_text(it,
                                           "{\"job_id\":%llu,\"success\":false,\"time_ms\":7,"
                                           "\"instructions\":9,\"error\":\"what the guest wrote\","
                                           "\"error_category\":\"execution_failed\"}",
                                           (unsigned long long)job));
    CHECK_EQ(answer.status, 200);
}

static void runs_make(lab *it)
{
    run_on_chain(it, 1, "c1",
                 "\"success\":true,\"time_ms\":5,\"instructions\":42,"
                 "\"output\":{\"Text\":\"x\"},\"actual_cost_yocto\":\"77\","
                 "\"resolve_tx_id\":\"AxjbX97eyk18ncziJbDu32vhxe6jWDCa3xNiKXHp1my2\"");
    run_on_chain(it, 2, "c2",
                 "\"success\":false,\"time_ms\":6,\"instructions\":43,\"error\":\"boom\","
                 "\"error_category\":\"custom\"");
    run_over_https(it, lab_key(it, "k.near", 1, "1000000", "", NULL));
}

TEST("finished jobs are listed newest first, with what is public of them")
{
    lab it;
    lab_start(&it, NULL);
    runs_make(&it);
    wire_answer answer = lab_send(&it, "GET", "/public/jobs", "", "");
    CHECK_EQ(answer.status, 200);
    CHECK(!lab_has(answer.body, "3"));
    static const struct {
        const char *path;
        const char *value;
    } members[] = {
        {"0.is_https_call", "true"},
        {"0.user_account_id", "k.near"},
        {"0.worker_id", "w2"},
        {"0.status", "execution_failed"},
        {"0.error_details", "null"}, /* the caller alone learns it */
        {"0.github_repo", "null"},
        {"0.project_id", "bob.near/y"},
        {"1.is_https_call", "false"},
        {"1.success", "false"},
        {"1.status", "custom"},
        {"1.error_details", "boom"},
        {"1.call_id", "null"},
        {"2.success", "true"},
        {"2.status", "completed"},
        {"2.job_type", "execute"},
        {"2.execution_time_ms", "5"},
        {"2.compile_time_ms", "null"},
        {"2.instructions_used", "42"},
        {"2.near_payment_yocto", "10000"},
        {"2.actual_cost_yocto", "77"},
        {"2.github_repo", REPO},
        {"2.github_commit", "c1"},
        {"2.transaction_hash", "tx1"},
        {"2.request_id", "1"},
        {"2.project_id", "a.near/x"},
        {"2.compute_cost_usd", "null"},
        {"0.resolve_tx_id", "null"},
        {"1.resolve_tx_id", "null"},
        {"2.resolve_tx_id", "AxjbX97eyk18ncziJbDu32vhxe6jWDCa3xNiKXHp1my2"},
    };
    OL_EACH (m, members)
        CHECK_STR_ROW(lab_member(&it, answer.body, m->path), ol_str_of(m->value), m->path);
    CHECK_STR(lab_member(&it, answer.body, "0.call_id"), lab_member(&it, answer.body, "0.data_id"));
    lab_stop(&it);
}

TEST("a list of jobs is paged, and filtered by user and by source")
{
    static const struct {
        const char *query;
        const char *accounts; /* one letter a job */
    } cases[] = {
        {"", "kuu"},
        {"?source=near", "uu"},
        {"?source=https", "k"},
        {"?source=elsewhere", "kuu"},
        {"?user_account_id=u.near", "uu"},
        {"?user_account_id=u.near&source=https", ""},
        {"?limit=1", "k"},
        {"?limit=1&offset=1", "u"},
        {"?offset=3", ""},
        {"?limit=0", ""},
        {"?limit=1000", "kuu"},
    };
    lab it;
    lab_start(&it, NULL);
    CHECK_STR(lab_send(&it, "GET", "/public/jobs", "", "").body, OL_STR("[]"));
    runs_make(&it);
    OL_EACH (c, cases) {
        wire_answer answer =
            lab_send(&it, "GET", lab_text(&it, "/public/jobs%s", c->query), "", "");
        CHECK_EQ_ROW(answer.status, 200, c->query);
        ol_str accounts = ol_str_of(c->accounts);
        CHECK_ROW(!lab_has(answer.body, lab_text(&it, "%zu", accounts.len)), c->query);
        for (size_t i = 0; i < accounts.len; i++) {
            ol_str account = lab_member(&it, answer.body, lab_text(&it, "%zu.user_account_id", i));
            CHECK_ROW(account.data[0] == accounts.data[i], c->query);
        }
    }
    CHECK_EQ(lab_send(&it, "GET", "/public/jobs?limit=-1", "", "").status, 400);
    CHECK_EQ(lab_send(&it, "GET", "/public/jobs?offset=-1", "", "").status, 400);
    lab_stop(&it);
}

TEST("repositories are counted, the most used first, with their last commit")
{
    lab it;
    lab_start(&it, NULL);
    CHECK_STR(lab_send(&it, "GET", "/public/repos/popular", "", "").body, OL_STR("[]"));
    runs_make(&it);
    wire_answer answer = lab_send(&it, "GET", "/public/repos/popular", "", "");
    CHECK_EQ(answer.status, 200);
    CHECK_STR(answer.body,
              OL_STR("[{\"github_repo\":\"" REPO "\",\"total_executions\":2,"
                     "\"successful_executions\":1,\"failed_executions\":0,"
                     "\"access_denied_executions\":0,\"compilation_failed_executions\":0,"
                     "\"execution_failed_executions\":0,\"insufficient_payment_executions\":0,"
                     "\"custom_executions\":1,\"total_instructions_used\":85,"
                     "\"average_execution_time_ms\":5,\"total_near_paid_yocto\":\"30000\","
                     "\"last_commit\":\"c2\"}]"));
    lab_stop(&it);
}

TEST("a cleanup task is delivered until its project is cleared")
{
    static const char poll[] = "/system-callbacks/poll?timeout=0&capabilities=execution";
    lab it;
    lab_start_clocked(&it, NULL);
    const char *task = "{\"project_id\":\"o.near/x\",\"project_uuid\":\"pu1\"}";
    CHECK_EQ(lab_work(&it, "/projects/cleanup-task/create", task).status, 200);
    CHECK_HAS(lab_work_get(&it, poll).body, OL_STR("\"project_uuid\":\"pu1\""), "");
    CHECK_STR(lab_work_get(&it, poll).body, OL_STR("null")); /* leased */
    lab_advance(&it, 301000);
    CHECK_HAS(lab_work_get(&it, poll).body, OL_STR("\"project_uuid\":\"pu1\""), "");
    CHECK_EQ(lab_work(&it, "/storage/clear-project", "{\"project_uuid\":\"pu1\"}").status, 200);
    CHECK_EQ(lab_work(&it, "/storage/clear-project", "{\"project_uuid\":\"pu1\"}").status, 200);
    lab_advance(&it, 301000);
    CHECK_STR(lab_work_get(&it, poll).body, OL_STR("null"));
    lab_stop(&it);
}

TEST("a request that is delivered six times and never claimed is listed for administration")
{
    static const char admin[] = "Authorization: Bearer " LAB_ADMIN_TOKEN "\r\n";
    lab it;
    lab_start_clocked(&it, NULL);
    lab_code(&it, REPO, "c");
    wire_answer answer = lab_work(
        &it, "/executions/create",
        "{\"request_id\":7,\"data_id\":\"d7\",\"code_source\":{\"type\":\"GitHub\","
        "\"repo\":\"a/b\",\"commit\":\"c\"},\"resource_limits\":" LIMITS ",\"input_data\":\"\"}");
    CHECK_EQ(answer.status, 201);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(lab_work_get(&it, "/executions/poll?timeout=20&capabilities=execution").status,
                 200);
        lab_advance(&it, 61000);
    }
    CHECK_STR(lab_send(&it, "GET", "/admin/dead-requests", admin, "").body, OL_STR("[]"));
    CHECK_EQ(lab_work_get(&it, "/executions/poll?timeout=0&capabilities=execution").status, 204);
    answer = lab_send(&it, "GET", "/admin/dead-requests", admin, "");
    CHECK_EQ(answer.status, 200);
    CHECK_EQ(lab_number(&it, answer.body, "0.request_id"), 7);
    CHECK_STR(lab_member(&it, answer.body, "0.data_id"), OL_STR("d7"));
    CHECK_EQ(lab_send(&it, "GET", "/admin/dead-requests", "", "").status, 401);
    lab_stop(&it);
}
