#include "tests/conformance/worker/lab.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/crypto/hash.h"
#include "tests/harness/test.h"

enum { POLL_MS = 1000 };

/* ---- the coordinator ---- */

static void serve_poll(lab *l, stub_conn *conn)
{
    struct timespec end;
    ol_buf answer = ol_buf_new(OL_MIB(32));
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += POLL_MS / 1000;
    (void)pthread_mutex_lock(&l->lock);
    unsigned asker = l->worker_number;
    int rc = 0;
    while (!l->offered && !l->closing && asker == l->worker_number && rc == 0)
        rc = pthread_cond_timedwait(&l->changed, &l->lock, &end);
    if (l->offered && asker == l->worker_number) {
        ol_buf_add(&answer, ol_buf_bytes(&l->offer));
        l->offered = false;
    }
    (void)pthread_mutex_unlock(&l->lock);
    stub_answer(conn, answer.len > 0 ? 200 : 204, "Content-Type: application/json\r\n",
                ol_buf_str(&answer));
    ol_buf_deinit(&answer);
}

static void serve_report(lab *l, const stub_request *request, stub_conn *conn)
{
    (void)pthread_mutex_lock(&l->lock);
    bool refuse = l->refuse_reports > 0;
    l->refuse_reports -= refuse ? 1 : 0;
    if (!refuse) {
        ol_buf_clear(&l->report);
        ol_buf_add_str(&l->report, request->body);
        l->reports++;
        (void)pthread_cond_broadcast(&l->changed);
    }
    (void)pthread_mutex_unlock(&l->lock);
    stub_answer(conn, refuse ? l->refusal : 200, NULL, OL_STR(""));
}

static void serve(void *context, const stub_request *request, stub_conn *conn)
{
    lab *l = context;
    if (l->extra != NULL && l->extra(l->extra_context, request, conn))
        return;
    if (!ol_str_eq(stub_header(request, "authorization"), OL_STR("Bearer " LAB_TOKEN))) {
        stub_answer(conn, 401, NULL, OL_STR(""));
    } else if (ol_str_starts(request->target, OL_STR("/executions/poll?"))) {
        serve_poll(l, conn);
    } else if (ol_str_eq(request->target, OL_STR("/jobs/complete"))) {
        serve_report(l, request, conn);
    } else if (ol_str_eq(request->target, OL_STR("/workers/heartbeat"))) {
        stub_answer(conn, 200, NULL, OL_STR(""));
    } else if (ol_str_eq(request->target, OL_STR("/internal/system-logs"))) {
        (void)pthread_mutex_lock(&l->lock);
        ol_buf_clear(&l->hidden);
        ol_buf_add_str(&l->hidden, request->body);
        (void)pthread_cond_broadcast(&l->changed);
        (void)pthread_mutex_unlock(&l->lock);
        stub_answer(conn, 200, NULL, OL_STR(""));
    } else {
        stub_answer(conn, 404, NULL, OL_STR(""));
    }
}

/* ---- the worker ---- */

/* A custom section may stand behind everything else, in modules and components alike. */
static void append_manifest(ol_buf *wasm, const char *manifest)
{
    static const char name[] = "\x11outlayer.manifest";
    size_t bytes = sizeof name - 1 + strlen(manifest);
    CHECK(bytes < 128 * 128);
    ol_buf_add_char(wasm, 0);
    ol_buf_add_char(wasm, (char)(0x80 | (bytes & 0x7F)));
    ol_buf_add_char(wasm, (char)(bytes >> 7));
    ol_buf_add_str(wasm, OL_STR("\x11outlayer.manifest"));
    ol_buf_add_str(wasm, ol_str_of(manifest));
}

static void write_projects(const lab *l, const lab_project *projects)
{
    char path[2 * LAB_PATH_BYTES];
    const char *wasm = getenv("OL_WASM");
    ol_buf text = ol_buf_new(OL_MIB(1));
    ol_err err = {0};
    if (wasm == NULL)
        ol_test_fail(__FILE__, __LINE__, "OL_WASM is not set: run this test through ctest");
    ol_buf_add_str(&text, OL_STR("{\"projects\":["));
    for (const lab_project *p = projects; p->name != NULL; p++) {
        ol_str owner = OL_STR("test.near");
        ol_str name = ol_str_of(p->name);
        (void)ol_str_cut(ol_str_of(p->name), '/', &owner, &name);
        ol_buf_addf(&text,
                    "%s{\"owner\":\"%.*s\",\"name\":\"%.*s\",\"uuid\":\"p0000000000000001\","
                    "\"active_version\":\"v1\",\"versions\":[{\"key\":\"v1\",",
                    p == projects ? "" : ",", OL_FMT(owner), OL_FMT(name));
        if (p->wasm != NULL) {
            ol_buf body = ol_buf_new(OL_MIB(16));
            (void)snprintf(path, sizeof path, "%s/%s", wasm, p->wasm);
            CHECK_OK(ol_file_load(path, &body, &err));
            if (p->manifest != NULL) {
                append_manifest(&body, p->manifest);
                (void)snprintf(path, sizeof path, "%s/%.*s.wasm", l->folder, OL_FMT(name));
                CHECK_OK(ol_file_save(path, ol_buf_bytes(&body), 0600, &err));
            }
            ol_sha256_hex hash = ol_sha256_hex_of(ol_buf_bytes(&body));
            ol_buf_addf(&text, "\"file\":\"%s\",\"sha256\":\"%s\",\"target\":\"%s\"}]}", path,
                        hash.data,
                        strstr(p->wasm, ".p2.") != NULL ? "wasm32-wasip2" : "wasm32-wasip1");
            ol_buf_deinit(&body);
        } else {
            ol_buf_addf(&text, "\"url\":\"%s\",\"sha256\":\"%s\"}]}", p->url, p->sha256);
        }
    }
    ol_buf_add_str(&text, OL_STR("]}"));
    (void)snprintf(path, sizeof path, "%s/projects.json", l->folder);
    CHECK_OK(ol_file_save(path, ol_buf_bytes(&text), 0600, &err));
    ol_buf_deinit(&text);
}

static void start_worker(lab *l, const lab_options *options)
{
    static char storage[LAB_ENV_MAX][1024];
    char *environment[LAB_ENV_MAX + 1] = {NULL};
    char program[LAB_PATH_BYTES];
    size_t n = 0;
    const char *bin = getenv("OL_BIN");
    if (bin == NULL)
        ol_test_fail(__FILE__, __LINE__, "OL_BIN is not set: run this test through ctest");
#define PUT(...) (void)snprintf(storage[n++], sizeof storage[0], __VA_ARGS__)
    PUT("PATH=/usr/bin:/bin");
    PUT("API_BASE_URL=http://127.0.0.1:%u", http_stub_port(l->coordinator));
    PUT("API_AUTH_TOKEN=" LAB_TOKEN);
    PUT("WASM_CACHE_DIR=%s/cache", l->folder);
    PUT("OFFCHAINVM_CONTRACT_ID=outlayer.testnet");
    PUT("OPERATOR_ACCOUNT_ID=operator.testnet");
    PUT("OPERATOR_PRIVATE_KEY=ed25519:"
        "3D4YudUahN1nawWogh8pAKSj92sUNMdbZGjn7kERKzYoTy8tnFQuwoGUC51DowKqorvkr2pytJSnwuSbsNVfqygr");
    PUT("POLL_TIMEOUT_SECONDS=2");
    if (!options->by_contract)
        PUT("PROJECTS_FILE=%s/projects.json", l->folder);
    for (size_t i = 0; options->settings != NULL && options->settings[i] != NULL; i++)
        PUT("%s", options->settings[i]);
#undef PUT
    for (size_t i = 0; i < n; i++)
        environment[i] = storage[i];
    (void)snprintf(program, sizeof program, "%s/outlayer-worker", bin);
    char *arguments[] = {program, NULL};
    posix_spawn_file_actions_t files;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, 2, l->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    CHECK_EQ(posix_spawn(&l->worker, program, &files, NULL, arguments, environment), 0);
    (void)posix_spawn_file_actions_destroy(&files);
}

/* A failed test jumps over its lab's end: what is left goes with the program. */
static pid_t left_over;

static void end_left_over(void)
{
    if (left_over > 0)
        (void)kill(left_over, SIGKILL);
}

void lab_open(lab *l, const lab_options *options)
{
    static bool armed;
    if (!armed)
        armed = atexit(end_left_over) == 0;
    end_left_over();
    *l = (lab){.worker = -1,
               .next_id = 1,
               .extra = options->extra,
               .extra_context = options->extra_context};
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)snprintf(l->folder, sizeof l->folder, "/tmp/ol-worker-lab-XXXXXX");
    CHECK(mkdtemp(l->folder) != NULL);
    (void)snprintf(l->log, sizeof l->log, "%.400s/worker.log", l->folder);
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->changed, NULL);
    l->offer = ol_buf_new(OL_MIB(32));
    l->report = ol_buf_new(OL_MIB(32));
    l->hidden = ol_buf_new(OL_MIB(4));
    l->arena = ol_arena_new(OL_MIB(64));
    l->coordinator = http_stub_start(serve, l);
    if (!options->by_contract)
        write_projects(l, options->projects);
    start_worker(l, options);
    left_over = l->worker;
    if (!lab_log_has(l, " worker_ready", LAB_WAIT_MS))
        ol_test_fail(__FILE__, __LINE__, "the worker did not get ready; see %s", l->log);
}

int lab_wait_worker(lab *l, int timeout_ms)
{
    int status = -1;
    int pidfd = (int)syscall(SYS_pidfd_open, l->worker, 0);
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    if (pidfd < 0 || poll(&ended, 1, timeout_ms) != 1) {
        (void)kill(l->worker, SIGKILL);
        (void)waitpid(l->worker, NULL, 0);
        l->worker = -1;
        left_over = 0;
        (void)close(pidfd);
        return -1;
    }
    (void)close(pidfd);
    (void)waitpid(l->worker, &status, 0);
    l->worker = -1;
    left_over = 0;
    return status;
}

void lab_restart(lab *l, const lab_options *options)
{
    CHECK_EQ(kill(l->worker, SIGTERM), 0);
    CHECK_EQ(lab_wait_worker(l, LAB_WAIT_MS), 0);
    CHECK_EQ(unlink(l->log), 0);
    (void)pthread_mutex_lock(&l->lock);
    l->worker_number++;
    (void)pthread_cond_broadcast(&l->changed);
    (void)pthread_mutex_unlock(&l->lock);
    start_worker(l, options);
    left_over = l->worker;
    if (!lab_log_has(l, " worker_ready", LAB_WAIT_MS))
        ol_test_fail(__FILE__, __LINE__, "the worker did not get ready; see %s", l->log);
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *one = readdir(folder); one != NULL; one = readdir(folder)) {
        char inner[2 * LAB_PATH_BYTES];
        if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, one->d_name);
        if (one->d_type == DT_DIR)
            remove_folder(inner);
        else
            (void)unlink(inner);
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

void lab_deinit(lab *l)
{
    (void)pthread_mutex_lock(&l->lock);
    l->closing = true;
    (void)pthread_cond_broadcast(&l->changed);
    (void)pthread_mutex_unlock(&l->lock);
    if (l->worker > 0) {
        (void)kill(l->worker, SIGTERM);
        (void)lab_wait_worker(l, LAB_WAIT_MS);
    }
    http_stub_stop(l->coordinator);
    remove_folder(l->folder);
    ol_buf_deinit(&l->offer);
    ol_buf_deinit(&l->report);
    ol_buf_deinit(&l->hidden);
    ol_arena_deinit(&l->arena);
    (void)pthread_mutex_destroy(&l->lock);
    (void)pthread_cond_destroy(&l->changed);
}

/* ---- tasks ---- */

ol_task lab_task(lab *l, const char *project, const char *input)
{
    bool whole = strchr(project, '/') != NULL;
    ol_str id = ol_arena_printf(&l->arena, "%s%s", whole ? "" : "test.near/", project);
    ol_str call = ol_arena_printf(&l->arena, "00000000-0000-4000-8000-%012llu",
                                  (unsigned long long)l->next_id);
    return (ol_task){
        .request_id = 100000000000 + l->next_id++,
        .data_id = call,
        .call_id = call,
        .is_https_call = true,
        .limits = {10000000000, 128, 60},
        .input_data = ol_str_of(input),
        .response_format = OL_FORMAT_JSON,
        .context = {.sender_id = OL_STR("payer.near")},
        .user_account_id = OL_STR("payer.near"),
        .payment_key_owner = OL_STR("payer.near"),
        .payment_key_nonce = {true, 1},
        .usd_payment = {true, 100},
        .compute_limit_usd = {true, 10000},
        .project_id = id,
    };
}

void lab_submit(lab *l, const ol_task *task, ol_job_kind kind)
{
    const ol_claim_answer answer = {
        .has_task = true,
        .task = *task,
        .has_job = true,
        .job = {.job_id = (int64_t)(task->request_id % 1000000),
                .kind = kind,
                .allowed = true,
                .created_at_s = 1700000000},
        .pricing = ol_pricing_fallback(),
    };
    (void)pthread_mutex_lock(&l->lock);
    ol_buf_clear(&l->offer);
    ol_json_writer w = ol_json_writer_over(&l->offer);
    ol_claim_answer_encode(&answer, &w);
    l->offered = true;
    (void)pthread_cond_broadcast(&l->changed);
    (void)pthread_mutex_unlock(&l->lock);
}

ol_job_report lab_await(lab *l, unsigned n)
{
    struct timespec end;
    ol_job_report report;
    ol_str text;
    ol_err err = {0};
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += LAB_WAIT_MS / 1000;
    (void)pthread_mutex_lock(&l->lock);
    int rc = 0;
    while (l->reports < n && rc == 0)
        rc = pthread_cond_timedwait(&l->changed, &l->lock, &end);
    bool copied = ol_arena_copy(&l->arena, ol_buf_str(&l->report), &text);
    bool came = l->reports >= n;
    (void)pthread_mutex_unlock(&l->lock);
    if (!came || !copied)
        ol_test_fail(__FILE__, __LINE__, "no report came; see %s", l->log);
    CHECK_OK(ol_job_report_decode(text, &l->arena, &report, &err));
    return report;
}

ol_job_report lab_run(lab *l, const ol_task *task)
{
    unsigned n = l->reports + 1;
    lab_submit(l, task, OL_JOB_EXECUTE);
    return lab_await(l, n);
}

bool lab_log_has(const lab *l, const char *text, int timeout_ms)
{
    const ol_clock *clock = ol_clock_real();
    int64_t end = ol_mono_ns(clock) + (int64_t)timeout_ms * 1000000;
    for (;;) {
        ol_buf body = ol_buf_new(OL_MIB(16));
        size_t at;
        bool found = ol_file_load(l->log, &body, NULL) == OL_OK &&
                     ol_str_find(ol_buf_str(&body), ol_str_of(text), &at);
        ol_buf_deinit(&body);
        if (found || ol_mono_ns(clock) > end)
            return found;
        (void)poll(NULL, 0, 5); /* a log has no event to wait for */
    }
}
