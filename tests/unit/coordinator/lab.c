#include "tests/unit/coordinator/lab.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-03-01T00:00:00Z */
#define LAB_START_MS INT64_C(1772323200000)

static void fill(const ol_random *random, void *ret, size_t size)
{
    lab *l = (lab *)((uintptr_t)random - offsetof(lab, random));
    uint8_t *bytes = ret;
    for (size_t i = 0; i < size; i++) {
        l->seed = l->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (uint8_t)(l->seed >> 56);
    }
}

static void on_event(void *context, const domain_event *event)
{
    lab *l = context;
    if (l->events == LAB_EVENTS_MAX)
        return;
    lab_event *it = &l->event[l->events++];
    it->kind = event->kind;
    if (event->call != NULL) {
        it->call = *event->call;
        it->call.error = it->call.output_json = (ol_str){0};
    }
}

static void domain_start(lab *l)
{
    ol_err err;
    CHECK_OK(domain_open(&l->settings, &l->d, &err));
}

lab *lab_open_with(const char *vfs)
{
    lab *l = calloc(1, sizeof *l);
    OL_ASSERT(l != NULL);
    l->clock = ol_fake_clock_at(LAB_START_MS);
    l->random.fill = fill;
    l->seed = 1;
    l->arena = ol_arena_new(OL_MIB(64));
    (void)snprintf(l->folder, sizeof l->folder, "/tmp/ol-domain-XXXXXX");
    CHECK(mkdtemp(l->folder) != NULL);
    (void)snprintf(l->database, sizeof l->database, "%s/db", l->folder);
    (void)snprintf(l->wasm, sizeof l->wasm, "%s/wasm", l->folder);
    l->settings = (domain_settings){
        .database_path = l->database,
        .wasm_folder = l->wasm,
        .wasm_bytes_max = OL_MIB(100),
        .wasm_disk_percent_max = 100, /* whatever else fills the machine that tests */
        .readers = 2,
        .vfs = vfs,
        .compute_limit_standard = OL_USD(10000),
        .compute_limit_min = OL_USD(1000),
        .call_seconds = 300,
        .async_extra_seconds = 900,
        .calls_in_flight_max = 10,
        .clock = &l->clock.clock,
        .random = &l->random,
        .on_event = on_event,
        .event_context = l,
    };
    domain_start(l);
    return l;
}

lab *lab_open(void)
{
    lab *l = lab_open_with(NULL);
    lab_fund(l, "alice.near", 1, 1000000);
    return l;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static void folder_remove(const char *folder)
{
    OL_ASSERT(ol_str_starts(ol_str_of(folder), OL_STR("/tmp/ol-domain-")));
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void lab_close(lab *l)
{
    ol_err err;
    CHECK_OK(ledger_check(l->d, &err));
    domain_close(l->d);
    ol_arena_deinit(&l->arena);
    folder_remove(l->folder);
    free(l);
}

void lab_reopen(lab *l)
{
    domain_close(l->d);
    domain_start(l);
}

void lab_pass(lab *l, uint64_t seconds)
{
    ol_err err;
    l->clock.now_ms += (int64_t)seconds * 1000;
    CHECK_OK(domain_sweep(l->d, &err));
}

size_t lab_events_of(const lab *l, domain_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < l->events; i++)
        count += l->event[i].kind == kind;
    return count;
}

/* ---- Keys. */

payment_key lab_key(const char *owner, uint32_t nonce)
{
    return (payment_key){.owner = ol_str_of(owner),
                         .nonce = nonce,
                         .proof = ol_sha256_of(ol_str_bytes(ol_str_of(owner)))};
}

void lab_fund(lab *l, const char *owner, uint32_t nonce, uint64_t micro_usd)
{
    static unsigned count;
    char data_id[32];
    payment_key key = lab_key(owner, nonce);
    (void)snprintf(data_id, sizeof data_id, "topup-%u", count++);
    system_task_adding task = {.task = {.kind = TASK_TOPUP,
                                        .data_id = ol_str_of(data_id),
                                        .owner = key.owner,
                                        .nonce = nonce,
                                        .amount = OL_USD(micro_usd),
                                        .encrypted_data = OL_STR("eA==")}};
    topup_completion done = {.owner = key.owner,
                             .nonce = nonce,
                             .new_initial_balance = OL_USD(micro_usd),
                             .has_amount = true,
                             .amount = OL_USD(micro_usd),
                             .proof = key.proof};
    system_task_create(l->d, &task);
    CHECK_EQ(task.op.rc, OL_OK);
    topup_complete(l->d, &done);
    CHECK_EQ(done.op.rc, OL_OK);
    CHECK(done.credited);
}

payment_key_row lab_balance(lab *l, const char *owner, uint32_t nonce)
{
    payment_key_row row = {0};
    ol_err err;
    CHECK_OK(payment_key_find(l->d, ol_str_of(owner), nonce, &l->arena, &row, &err));
    return row;
}

/* ---- Calls. */

call_admission lab_call(lab *l)
{
    return (call_admission){
        .key = lab_key("alice.near", 1),
        .project_id = OL_STR("bob.near/p"),
        .project_uuid = OL_STR("p0000000000000001"),
        .price = {OL_USD(10000), OL_USD(0)},
        .input_data = OL_STR("{}"),
        .limits = {OL_INSTRUCTIONS_STANDARD, OL_MEMORY_MB_STANDARD, OL_SECONDS_STANDARD},
        .arena = &l->arena,
    };
}

ol_rc lab_admit(lab *l, call_admission *it)
{
    call_admit(l->d, it);
    return it->op.rc;
}

call_answer lab_admit_ok(lab *l, uint64_t limit, uint64_t deposit)
{
    call_admission it = lab_call(l);
    it.price = (call_price){OL_USD(limit), OL_USD(deposit)};
    ol_rc rc = lab_admit(l, &it);
    CHECK_ROW(rc == OL_OK, it.op.err.text);
    return it.answer;
}

ol_job_info lab_claim(lab *l)
{
    queue_poll poll = {.queues = OL_CAP_COMPILATION | OL_CAP_EXECUTION,
                       .capabilities = OL_CAP_COMPILATION | OL_CAP_EXECUTION,
                       .claim = true,
                       .worker_id = OL_STR("w1"),
                       .arena = &l->arena};
    queue_take(l->d, &poll);
    CHECK_ROW(poll.op.rc == OL_OK, poll.op.err.text);
    CHECK_EQ(poll.found, poll.has_job);
    return poll.has_job ? poll.job : (ol_job_info){0};
}

static ol_call_report report_of(const call_answer *call, bool success, uint64_t instructions,
                                uint64_t time_ms)
{
    return (ol_call_report){
        .call_id = ol_uuid_str(&call->call_id),
        .success = success,
        .output_json = success ? OL_STR("{\"ok\":true}") : (ol_str){0},
        .error = success ? (ol_str){0} : OL_STR("it failed"),
        .instructions = instructions,
        .time_ms = time_ms,
    };
}

bool lab_finish(lab *l, int64_t job_id, const call_answer *call, bool success,
                uint64_t instructions, uint64_t time_ms, uint64_t refund)
{
    job_completion it = {
        .report = {.job_id = job_id,
                   .success = success,
                   .instructions = instructions,
                   .time_ms = time_ms,
                   .error_class = success ? OL_CLASS_NONE : OL_CLASS_EXECUTION_FAILED,
                   .has_call = true,
                   .call = report_of(call, success, instructions, time_ms)}};
    it.report.call.refund_usd = (ol_opt_u128){refund != 0, refund};
    job_complete(l->d, &it);
    CHECK_ROW(it.op.rc == OL_OK, it.op.err.text);
    return it.finalized;
}

ol_rc lab_complete_call(lab *l, const call_answer *call, bool success, uint64_t instructions,
                        bool *ret_finalized)
{
    call_completion it = {.report = report_of(call, success, instructions, 0)};
    call_complete(l->d, &it);
    *ret_finalized = it.finalized;
    return it.op.rc;
}

call_answer lab_look(lab *l, const call_answer *call)
{
    payment_key_row row = lab_balance(l, "alice.near", 1);
    call_answer answer = {0};
    ol_uuid id;
    ol_err err;
    CHECK(ol_uuid_parse(ol_uuid_str(&call->call_id), &id));
    CHECK_OK(call_find(l->d, &row, id, &l->arena, &answer, &err));
    return answer;
}

/* ---- Chain requests. */

request_creation lab_request(uint64_t request_id)
{
    return (request_creation){.task = {
                                  .request_id = request_id,
                                  .data_id = OL_STR("d1"),
                                  .source = {.kind = OL_SOURCE_GITHUB,
                                             .repo = OL_STR("https://github.com/o/r"),
                                             .commit = OL_STR("main"),
                                             .build_target = OL_STR("wasm32-wasip1")},
                                  .limits = {1000000000, 128, 60},
                                  .input_data = OL_STR("{\"b\":1,\"a\":2}"),
                                  .response_format = OL_FORMAT_JSON,
                                  .user_account_id = OL_STR("carol.near"),
                                  .near_payment_yocto = {true, 7},
                              }};
}

ol_str lab_checksum(lab *l, const ol_code_source *source)
{
    ol_sha256_hex hex;
    ol_err err;
    ol_str text;
    CHECK_OK(ol_code_source_checksum(source, &l->arena, &hex, &err));
    CHECK(ol_arena_copy(&l->arena, ol_sha256_hex_str(&hex), &text));
    return text;
}

void lab_upload(lab *l, const ol_code_source *source)
{
    static const uint8_t WASM[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    wasm_upload it = {.checksum = lab_checksum(l, source),
                      .repo_url = source->repo,
                      .commit_hash = source->commit,
                      .build_target = source->build_target,
                      .bytes = {WASM, sizeof WASM}};
    wasm_put(l->d, &it);
    CHECK_ROW(it.op.rc == OL_OK, it.op.err.text);
}

job_claim lab_claim_of(lab *l, const ol_task *task, unsigned capabilities)
{
    job_claim it = {.claim = {.request_id = task->request_id,
                              .data_id = task->data_id,
                              .worker_id = OL_STR("w1"),
                              .source = task->source,
                              .capabilities = capabilities,
                              .compile_only = task->compile_only,
                              .force_rebuild = task->force_rebuild},
                    .arena = &l->arena};
    job_claim_take(l->d, &it);
    CHECK_ROW(it.op.rc == OL_OK, it.op.err.text);
    return it;
}

queue_poll lab_take(lab *l, unsigned queues)
{
    queue_poll it = {.queues = queues, .arena = &l->arena};
    queue_take(l->d, &it);
    CHECK_ROW(it.op.rc == OL_OK, it.op.err.text);
    return it;
}

ol_task lab_task_of(lab *l, const queue_poll *poll)
{
    ol_task task;
    ol_err err;
    CHECK(poll->found);
    CHECK_OK(ol_task_decode(poll->task_json, &l->arena, &task, &err));
    return task;
}

request_creation lab_create(lab *l, uint64_t request_id)
{
    request_creation it = lab_request(request_id);
    request_create(l->d, &it);
    CHECK_ROW(it.op.rc == OL_OK, it.op.err.text);
    return it;
}

job_completion lab_report(lab *l, ol_job_report report)
{
    job_completion it = {.report = report};
    job_complete(l->d, &it);
    CHECK_ROW(it.op.rc == OL_OK, it.op.err.text);
    return it;
}

int64_t lab_count(lab *l, ol_sql sql, ol_args args)
{
    ol_rows rows;
    ol_err err;
    ol_db *db = ol_store_read_begin(domain_store(l->d));
    CHECK_OK(ol_db_query_args(db, sql, args, &rows, &err));
    CHECK(ol_rows_next(&rows));
    int64_t count = ol_col_i64(&rows);
    CHECK_OK(ol_rows_end(&rows, &err));
    ol_store_read_end(domain_store(l->d), db);
    return count;
}

int64_t lab_history(lab *l, int64_t job)
{
    return lab_count(l, OL_SQL_HISTORY_COUNT_OF_JOB, OL_ARGS(OL_ARG("job", job)));
}

payment_key_row lab_alice(lab *l)
{
    return lab_balance(l, "alice.near", 1);
}
