/* Workers, sessions, locks, system tasks, projects, records (Coordinator 3.4, 4.2, 7-11, 15). */
#include <string.h>

#include "lib/codec/base64.h"
#include "services/coordinator/proofs.h"
#include "tests/unit/coordinator/lab.h"

/* ---- Tokens and sessions. */

static int64_t token_put(lab *l, const char *token, bool active)
{
    worker_token_adding it = {.token_hash = ol_sha256_of(ol_str_bytes(ol_str_of(token))),
                              .name = ol_str_of(token),
                              .active = active};
    worker_token_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.id;
}

static ol_rc token_find(lab *l, const char *token, int64_t *ret_id)
{
    ol_sha256 hash = ol_sha256_of(ol_str_bytes(ol_str_of(token)));
    worker_token it = {0};
    ol_err err;
    ol_rc rc = worker_token_find(l->d, &hash, &l->arena, &it, &err);
    *ret_id = it.id;
    return rc;
}

TEST("a token is known by its hash while it is active")
{
    lab *l = lab_open();
    int64_t id = token_put(l, "t1", true);
    int64_t found;
    CHECK_EQ(token_find(l, "t1", &found), OL_OK);
    CHECK_EQ(found, id);
    CHECK_EQ(token_find(l, "t2", &found), OL_ERR_UNAUTHORIZED);
    CHECK_EQ(token_put(l, "t1", false), id);
    CHECK_EQ(token_find(l, "t1", &found), OL_ERR_UNAUTHORIZED);
    lab_close(l);
}

static tee_challenge_use use_of(int64_t token, const tee_challenge *challenge)
{
    tee_challenge_use it = {.token_id = token};
    memcpy(it.challenge, challenge->challenge, sizeof it.challenge);
    return it;
}

static ol_rc use(lab *l, tee_challenge_use *it)
{
    it->op = (ol_op){0};
    tee_challenge_take(l->d, it);
    return it->op.rc;
}

TEST("a challenge is good once, for its own token")
{
    lab *l = lab_open();
    tee_challenge challenge = {.token_id = 1};
    tee_challenge_create(l->d, &challenge);
    tee_challenge_use other = use_of(2, &challenge);
    CHECK_EQ(use(l, &other), OL_ERR_INVALID);
    CHECK_STR(ol_err_text(&other.op.err), OL_STR("Invalid or expired challenge")); /* C65 */
    tee_challenge_use own = use_of(1, &challenge);
    CHECK_EQ(use(l, &own), OL_OK);
    CHECK_EQ(use(l, &own), OL_ERR_INVALID);
    lab_close(l);
}

TEST("C64: a challenge is too old after 60 s")
{
    lab *l = lab_open();
    tee_challenge challenge = {.token_id = 1};
    tee_challenge_create(l->d, &challenge);
    lab_pass(l, 61);
    tee_challenge_use own = use_of(1, &challenge);
    CHECK_EQ(use(l, &own), OL_ERR_INVALID);
    CHECK_STR(ol_err_text(&own.op.err), OL_STR("Challenge expired"));
    lab_pass(l, 60);
    CHECK_EQ(use(l, &own), OL_ERR_INVALID);
    CHECK_STR(ol_err_text(&own.op.err), OL_STR("Invalid or expired challenge"));
    lab_close(l);
}

static tee_session session_of(lab *l, int64_t token, const char *key)
{
    tee_session it = {.token_id = token, .public_key = ol_str_of(key)};
    tee_session_create(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it;
}

TEST("C67: a session is good with the token that made it, over restarts, until 24 h without use")
{
    lab *l = lab_open();
    ol_err err;
    tee_session it = session_of(l, 1, "ed25519:a");
    CHECK_OK(tee_session_check(l->d, 1, it.session_id, &err));
    CHECK_EQ(tee_session_check(l->d, 2, it.session_id, &err), OL_ERR_FORBIDDEN);
    lab_reopen(l);
    lab_pass(l, 23 * 3600);
    CHECK_OK(tee_session_check(l->d, 1, it.session_id, &err));
    lab_reopen(l); /* its use is written by now */
    lab_pass(l, 23 * 3600);
    CHECK_OK(tee_session_check(l->d, 1, it.session_id, &err));
    lab_reopen(l);
    lab_pass(l, 24 * 3600);
    CHECK_EQ(tee_session_check(l->d, 1, it.session_id, &err), OL_ERR_FORBIDDEN);
    lab_close(l);
}

TEST("a new session retires the one of the same token and key, not of another key")
{
    lab *l = lab_open();
    ol_err err;
    tee_session one = session_of(l, 1, "ed25519:a");
    tee_session other = session_of(l, 1, "ed25519:b");
    tee_session two = session_of(l, 1, "ed25519:a");
    CHECK_EQ(tee_session_check(l->d, 1, one.session_id, &err), OL_ERR_FORBIDDEN);
    CHECK_OK(tee_session_check(l->d, 1, other.session_id, &err));
    CHECK_OK(tee_session_check(l->d, 1, two.session_id, &err));
    tee_session_ending end = {.session_id = two.session_id};
    tee_session_end(l->d, &end);
    CHECK(end.ended);
    CHECK_EQ(tee_session_check(l->d, 1, two.session_id, &err), OL_ERR_FORBIDDEN);
    tee_session_row *row;
    size_t count;
    CHECK_OK(tee_sessions_list(l->d, &l->arena, &row, &count, &err));
    CHECK_EQ(count, 1);
    CHECK_STR(row->public_key, OL_STR("ed25519:b"));
    lab_close(l);
}

/* ---- Workers and locks. */

TEST("C82: a beat may say stale; the block cursor is the highest height reported")
{
    lab *l = lab_open();
    ol_opt_u64 cursor = {true, 1};
    ol_err err;
    CHECK_OK(block_cursor_read(l->d, &cursor, &err));
    CHECK(!cursor.has);
    worker_beat it = {.worker_id = OL_STR("w1"), .worker_name = OL_STR("one")};
    CHECK(worker_status_parse(OL_STR("stale"), &it.status));
    it.block_height = (ol_opt_u64){true, 70};
    worker_beat_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    it.block_height = (ol_opt_u64){0};
    worker_beat_put(l->d, &it);
    worker_beat two = {.worker_id = OL_STR("w2"), .worker_name = OL_STR("two")};
    two.block_height = (ol_opt_u64){true, 60};
    worker_beat_put(l->d, &two);
    CHECK_OK(block_cursor_read(l->d, &cursor, &err));
    CHECK_EQ(cursor.value, 70);
    worker_task_count done = {.worker_id = OL_STR("w1"), .success = true};
    worker_task_add(l->d, &done);
    worker_row *row;
    size_t count;
    CHECK_OK(workers_list(l->d, &l->arena, &row, &count, &err));
    CHECK_EQ(count, 2);
    CHECK_STR(row[0].worker_id, OL_STR("w1"));
    CHECK_EQ(row[0].tasks_completed, 1);
    CHECK_EQ(row[0].status, WORKER_ONLINE);
    lab_close(l);
}

TEST("a height beyond 63 bits is refused, not stored as something else")
{
    lab *l = lab_open();
    worker_beat it = {.worker_id = OL_STR("w1"),
                      .worker_name = OL_STR("one"),
                      .block_height = {true, UINT64_MAX}};
    worker_beat_put(l->d, &it);
    CHECK_EQ(it.op.rc, OL_ERR_RANGE);
    lab_close(l);
}

static bool acquire(lab *l, int64_t token, uint64_t ttl)
{
    lock_attempt it = {.token_id = token,
                       .lock_key = OL_STR("compile:o/r"),
                       .worker_id = OL_STR("w"),
                       .ttl_seconds = ttl};
    lock_acquire(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.acquired;
}

static bool release(lab *l, int64_t token)
{
    lock_giving it = {.token_id = token, .lock_key = OL_STR("compile:o/r")};
    lock_release(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.released;
}

TEST("C77: a lock is held once, freed by its holder alone, and ends by itself")
{
    lab *l = lab_open();
    CHECK(!acquire(l, 1, 0));
    CHECK(acquire(l, 1, 300));
    CHECK(!acquire(l, 1, 300));
    CHECK(!release(l, 2));
    CHECK(!acquire(l, 2, 300));
    CHECK(release(l, 1));
    CHECK(acquire(l, 2, 300));
    lab_pass(l, 300);
    CHECK(acquire(l, 1, 300));
    lab_close(l);
}

/* ---- System tasks. */

static system_task_poll system_take(lab *l)
{
    system_task_poll it = {.arena = &l->arena};
    system_task_take(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it;
}

static bool system_create(lab *l, const char *data_id, uint64_t amount)
{
    system_task_adding it = {.task = {.kind = TASK_TOPUP,
                                      .data_id = ol_str_of(data_id),
                                      .owner = OL_STR("alice.near"),
                                      .nonce = 1,
                                      .amount = OL_USD(amount),
                                      .encrypted_data = OL_STR("eA==")}};
    system_task_create(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.created;
}

TEST("C78: with nothing to do a poll finds nothing; a task is leased and comes again, five times")
{
    lab *l = lab_open();
    CHECK(!system_take(l).found);
    CHECK(system_create(l, "d1", 7));
    CHECK(!system_create(l, "d1", 7));
    for (int i = 0; i < 1 + SYSTEM_TASK_DELIVERIES_MAX; i++) {
        system_task_poll it = system_take(l);
        CHECK(it.found);
        CHECK_EQ(it.task.kind, TASK_TOPUP);
        CHECK_STR(it.task.data_id, OL_STR("d1"));
        CHECK_EQ(it.task.amount.micro, 7);
        CHECK_EQ(it.task.nonce, 1);
        CHECK_EQ(it.task.deliveries, (uint64_t)i + 1);
        CHECK(!system_take(l).found);
        lab_pass(l, SYSTEM_TASK_LEASE_SECONDS);
    }
    CHECK(!system_take(l).found);
    lab_close(l);
}

TEST("top-ups of the same amount are credited once for each task, oldest first")
{
    lab *l = lab_open();
    payment_key key = lab_key("alice.near", 1);
    topup_completion it = {.owner = key.owner,
                           .nonce = 1,
                           .has_amount = true,
                           .amount = OL_USD(7),
                           .proof = key.proof};
    CHECK(system_create(l, "d1", 7));
    CHECK(system_create(l, "d2", 7));
    CHECK(system_create(l, "d3", 8));
    for (int i = 0; i < 3; i++) {
        topup_complete(l->d, &it);
        CHECK_EQ(it.op.rc, OL_OK);
        CHECK_EQ(it.credited, i < 2);
    }
    CHECK_EQ(lab_balance(l, "alice.near", 1).initial_balance.micro, 1000014);
    system_task_poll left = system_take(l);
    CHECK_STR(left.task.data_id, OL_STR("d3"));
    lab_close(l);
}

TEST("a cleanup is known by its UUID and finished by it")
{
    lab *l = lab_open();
    system_task_adding it = {.task = {.kind = TASK_STORAGE_CLEANUP,
                                      .project_id = OL_STR("bob.near/p"),
                                      .project_uuid = OL_STR("p01")}};
    system_task_create(l->d, &it);
    CHECK(it.created);
    system_task_create(l->d, &it);
    CHECK(!it.created);
    CHECK_STR(system_take(l).task.project_uuid, OL_STR("p01"));
    system_task_ending end = {.kind = TASK_STORAGE_CLEANUP, .data_id = OL_STR("p01")};
    system_task_finish(l->d, &end);
    CHECK(end.finished);
    lab_pass(l, 301);
    CHECK(!system_take(l).found);
    lab_pass(l, SYSTEM_TASK_DEDUPE_SECONDS);
    system_task_create(l->d, &it);
    CHECK(it.created); /* after 25 h it is another task */
    lab_close(l);
}

/* ---- Projects. */

TEST("a project's UUID is kept until it is forgotten")
{
    lab *l = lab_open();
    project_row row;
    ol_err err;
    CHECK_EQ(project_find(l->d, OL_STR("a/b"), &l->arena, &row, &err), OL_ERR_NOT_FOUND);
    project_put put = {.project_id = OL_STR("a/b"), .uuid = OL_STR("p01")};
    project_remember(l->d, &put);
    CHECK_OK(project_find(l->d, OL_STR("a/b"), &l->arena, &row, &err));
    CHECK_STR(row.uuid, OL_STR("p01"));
    put.uuid = (ol_str){0};
    project_remember(l->d, &put);
    CHECK_EQ(project_find(l->d, OL_STR("a/b"), &l->arena, &row, &err), OL_ERR_NOT_FOUND);
    lab_close(l);
}

/* ---- Records. */

static ol_str quote_base64(lab *l, size_t bytes)
{
    static uint8_t quote[600];
    for (size_t i = 0; i < sizeof quote; i++)
        quote[i] = (uint8_t)i;
    ol_buf text = ol_buf_new(2000);
    ol_base64_add(&text, (ol_bytes){quote, bytes});
    ol_str copy;
    CHECK(ol_arena_copy(&l->arena, ol_buf_str(&text), &copy));
    ol_buf_deinit(&text);
    return copy;
}

#define HASH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static ol_str record_json(lab *l, int64_t task_id, size_t quote_bytes, const char *members)
{
    ol_str quote = quote_base64(l, quote_bytes);
    return ol_arena_printf(&l->arena,
                           "{\"task_id\":%lld,\"task_type\":\"execute\",\"tdx_quote\":\"%.*s\"%s}",
                           (long long)task_id, OL_FMT(quote), members);
}

TEST("C81: a record needs a quote of 568 bytes and hashes of 64 characters")
{
    static const struct {
        const char *name;
        int64_t task_id;
        size_t quote_bytes;
        const char *members;
        ol_rc rc;
    } cases[] = {
        {"whole", 5, 568, ",\"input_hash\":\"" HASH "\",\"output_hash\":\"" HASH "\"", OL_OK},
        {"short quote", 5, 567, ",\"input_hash\":\"" HASH "\",\"output_hash\":\"" HASH "\"",
         OL_ERR_INVALID},
        {"no input hash", 5, 568, ",\"output_hash\":\"" HASH "\"", OL_ERR_INVALID},
        {"short hash", 5, 568, ",\"input_hash\":\"aa\",\"output_hash\":\"" HASH "\"",
         OL_ERR_INVALID},
        {"start-up", -1, 568, ",\"output_hash\":\"x\"", OL_OK},
        {"no output hash", 5, 568, ",\"input_hash\":\"" HASH "\"", OL_ERR_SHAPE},
    };
    lab *l = lab_open();
    OL_EACH (c, cases) {
        attestation it;
        ol_err err = {0};
        ol_str json = record_json(l, c->task_id, c->quote_bytes, c->members);
        CHECK_EQ_ROW(attestation_decode(l->d, json, &l->arena, &it, &err), c->rc, c->name);
    }
    attestation it;
    ol_err err;
    CHECK_EQ(attestation_decode(l->d,
                                OL_STR("{\"task_id\":1,\"task_type\":\"execute\",\"tdx_quote\":"
                                       "\"***\",\"output_hash\":\"" HASH "\"}"),
                                &l->arena, &it, &err),
             OL_ERR_INVALID);
    lab_close(l);
}

static attestation add_record(lab *l, int64_t task_id, const char *members)
{
    attestation_adding it = {0};
    ol_err err;
    CHECK_OK(attestation_decode(l->d, record_json(l, task_id, 600, members), &l->arena, &it.record,
                                &err));
    attestation_add(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    return it.record;
}

TEST("a record comes back as it was given, the newest of its task")
{
    static const char members[] =
        ",\"input_hash\":\"" HASH "\",\"output_hash\":\"" HASH "\",\"call_id\":"
        "\"018f0000-0000-7000-8000-000000000001\",\"transaction_hash\":\"tx1\",\"repo_url\":"
        "\"h\xc3\xa9"
        "llo\",\"timestamp\":1772323000,\"secrets_ref\":\"p:a\",\"request_id\":12}";
    lab *l = lab_open();
    char text[sizeof members];
    memcpy(text, members, sizeof members);
    text[strlen(text) - 1] = '\0';
    attestation one = add_record(l, 5, text);
    attestation two = add_record(l, 5, text);
    CHECK(two.id != one.id);
    attestation got;
    ol_uuid call;
    ol_err err;
    CHECK_OK(attestation_by_task(l->d, 5, &l->arena, &got, &err));
    CHECK_EQ(got.id, two.id);
    CHECK_STR(got.repo_url, OL_STR("h\xc3\xa9llo"));
    CHECK_STR(got.secrets_ref, OL_STR("p:a"));
    CHECK_STR(got.quote_base64, quote_base64(l, 600));
    CHECK_EQ(got.worker_measurement.len, 96);
    CHECK_STARTS(got.worker_measurement, OL_STR("08090a"), "bytes 520 on");
    CHECK_EQ(got.timestamp_s, 1772323000);
    CHECK_EQ(got.request_id.value, 12);
    CHECK(got.wasm_hash.data == NULL);
    CHECK_OK(attestation_by_transaction(l->d, OL_STR("tx1"), &l->arena, &got, &err));
    CHECK_EQ(got.id, two.id);
    CHECK(ol_uuid_parse(OL_STR("018f0000-0000-7000-8000-000000000001"), &call));
    CHECK_OK(attestation_by_call(l->d, call, &l->arena, &got, &err));
    CHECK_EQ(got.id, two.id);
    CHECK_EQ(attestation_by_task(l->d, 6, &l->arena, &got, &err), OL_ERR_NOT_FOUND);
    lab_close(l);
}

TEST("delivery, report and record are one transaction")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    ol_job_info job = lab_claim(l);
    attestation record;
    ol_err err;
    CHECK_OK(
        attestation_decode(l->d,
                           record_json(l, job.job_id, 600,
                                       ",\"input_hash\":\"" HASH "\",\"output_hash\":\"" HASH "\""),
                           &l->arena, &record, &err));
    job_completion it = {.report = {.job_id = job.job_id,
                                    .success = true,
                                    .has_call = true,
                                    .call = {.call_id = ol_uuid_str(&call.call_id),
                                             .success = true,
                                             .output_json = OL_STR("1")}},
                         .attestation = &record};
    job_complete(l->d, &it);
    CHECK(it.finalized && it.first && it.attestation_id > 0);
    attestation got;
    CHECK_OK(attestation_by_task(l->d, job.job_id, &l->arena, &got, &err));
    CHECK_EQ(got.id, it.attestation_id);
    CHECK_STR(lab_look(l, &call).output_json, OL_STR("1"));
    lab_close(l);
}

TEST("hidden logs are kept for seven days")
{
    lab *l = lab_open();
    hidden_log_adding it = {.log = {.request_id = 1,
                                    .job_id = 4,
                                    .log_type = OL_STR("compilation"),
                                    .stderr_text = OL_STR("secret path"),
                                    .has_exit_code = true,
                                    .exit_code = 101}};
    hidden_log_add(l->d, &it);
    hidden_log *row;
    size_t count;
    ol_err err;
    CHECK_OK(hidden_logs_of_job(l->d, 4, &l->arena, &row, &count, &err));
    CHECK_EQ(count, 1);
    CHECK_STR(row->stderr_text, OL_STR("secret path"));
    CHECK_EQ(row->exit_code, 101);
    lab_pass(l, 8 * 86400);
    CHECK_OK(hidden_logs_of_job(l->d, 4, &l->arena, &row, &count, &err));
    CHECK_EQ(count, 0);
    lab_close(l);
}

TEST("inputs and outputs of finished calls are forgotten after 30 days, their charge is not")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    CHECK(lab_finish(l, lab_claim(l).job_id, &call, true, 0, 0, 0));
    lab_pass(l, 20 * 86400);
    call_answer young = lab_admit_ok(l, 10000, 0);
    CHECK(lab_finish(l, lab_claim(l).job_id, &young, true, 0, 0, 0));
    lab_pass(l, 11 * 86400);
    CHECK(lab_look(l, &young).output_json.data != NULL);
    call_answer now = lab_look(l, &call);
    CHECK_EQ(now.status, CALL_COMPLETED);
    CHECK(now.output_json.data == NULL);
    CHECK_EQ(now.compute_cost.micro, 1000);
    lab_pass(l, 20 * 86400);
    CHECK(lab_look(l, &young).output_json.data == NULL);
    lab_close(l);
}

TEST("counters follow completions, by account and for all")
{
    lab *l = lab_open();
    for (int i = 0; i < 3; i++) {
        call_answer call = lab_admit_ok(l, 10000, 0);
        CHECK(lab_finish(l, lab_claim(l).job_id, &call, i != 0, 1500000, 10, 0));
    }
    run_counters all;
    run_counters alice;
    uint64_t users;
    ol_err err;
    CHECK_OK(run_counters_read(l->d, (ol_str){0}, &all, &users, &err));
    CHECK_EQ(users, 1);
    CHECK_EQ(all.total, 3);
    CHECK_EQ(all.successful, 2);
    CHECK_EQ(all.execution_failed, 1);
    CHECK_EQ(all.instructions, 4500000);
    CHECK_EQ(all.executions_timed, 2);
    CHECK_EQ(all.time_ms, 20);
    CHECK_OK(run_counters_read(l->d, OL_STR("alice.near"), &alice, &users, &err));
    CHECK_EQ(alice.total, 3);
    CHECK_OK(run_counters_read(l->d, OL_STR("nobody"), &alice, &users, &err));
    CHECK_EQ(alice.total, 0);
    lab_close(l);
}

TEST("history keeps which engine ran a job and how it counted")
{
    lab *l = lab_open();
    call_answer call = lab_admit_ok(l, 10000, 0);
    ol_job_info job = lab_claim(l);
    job_completion it = {.report = {.job_id = job.job_id,
                                    .success = true,
                                    .engine = OL_STR("wasmtime-48.0.8"),
                                    .metering_profile = OL_STR("ol-fuel-1")}};
    job_complete(l->d, &it);
    CHECK_EQ(it.op.rc, OL_OK);
    CHECK(call.call_id.data[0] != '\0');
    ol_err err;
    ol_rows rows;
    ol_db *db = ol_store_read_begin(domain_store(l->d));
    CHECK_OK(
        ol_db_query(db, OL_SQL_HISTORY_METERING_OF_JOB, &rows, &err, OL_ARG("job", job.job_id)));
    CHECK(ol_rows_next(&rows));
    CHECK_STR(ol_col_text(&rows), OL_STR("wasmtime-48.0.8"));
    CHECK_STR(ol_col_text(&rows), OL_STR("ol-fuel-1"));
    CHECK_OK(ol_rows_end(&rows, &err));
    ol_store_read_end(domain_store(l->d), db);
    lab_close(l);
}
