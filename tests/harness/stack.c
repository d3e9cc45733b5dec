#include "tests/harness/stack.h"
#include "tests/harness/free_port.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "tests/harness/wire_client.h"

enum {
    REPORT_BYTES = 3000,
    START_MS = 20000,
    STOP_MS = 10000,
    WASM_BYTES_MAX = 32 << 20,
    DESCENDANTS_MAX = 4096
};

static const char *const PROGRAMS[STACK_PROGRAMS] = {"outlayer-coordinator", "outlayer-worker"};
static const char PAYMENT_SECRET[] =
    "00000000000000000000000000000000000000000000000000000000000000a1";

/* ---- environments -------------------------------------------------------------------------- */

typedef struct environment {
    char text[STACK_SETTINGS_MAX][STACK_PATH_BYTES + 64];
    char *item[2 * STACK_SETTINGS_MAX + 1];
    size_t count;
    size_t texts;
} environment;

static void put(environment *env, const char *format, ...) OL_PRINTF(2, 3);

static void put(environment *env, const char *format, ...)
{
    OL_ASSERT(env->texts < STACK_SETTINGS_MAX);
    char *text = env->text[env->texts++];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof env->text[0], format, arguments);
    va_end(arguments);
    env->item[env->count++] = text;
}

static void put_all(environment *env, const char *const *settings)
{
    for (; settings != NULL && *settings != NULL; settings++) {
        OL_ASSERT(env->count < 2 * STACK_SETTINGS_MAX);
        env->item[env->count++] = (char *)(uintptr_t)*settings;
    }
}

static void coordinator_environment(const stack *s, environment *env)
{
    put(env, "PATH=/usr/bin:/bin");
    put(env, "HOST=127.0.0.1");
    put(env, "PORT=%u", s->port);
    put(env, "PRIVATE_PORT=0");
    put(env, "DATABASE_URL=sqlite:%s/coordinator.db", s->folder);
    put(env, "WASM_CACHE_DIR=%s/wasm", s->folder);
    if (s->options->chain != NULL) {
        put(env, "NEAR_RPC_URL=http://127.0.0.1:%u/", s->options->chain->port);
        put(env, "OFFCHAINVM_CONTRACT_ID=%s", s->options->chain->contract);
        put(env, "OPERATOR_ACCOUNT_ID=%s", s->options->chain->operator);
    } else {
        put(env, "PROJECTS_FILE=%s/projects.json", s->folder);
    }
    put(env, "ADMIN_BEARER_TOKEN=" STACK_ADMIN_TOKEN);
    put(env, "HTTPS_RATE_LIMIT_PER_MINUTE=0");
    put(env, "PAYMENT_KEY_RATE_LIMIT_PER_MINUTE=0");
    put(env, "MAX_CONCURRENT_CALLS_PER_KEY=4096");
    put_all(env, s->options->coordinator_settings);
}

static void worker_chain_environment(const stack_chain *chain, environment *env)
{
    put(env, "NEAR_RPC_URL=http://127.0.0.1:%u/", chain->port);
    put(env, "NEARDATA_API_URL=http://127.0.0.1:%u/v0/block", chain->port);
    put(env, "OFFCHAINVM_CONTRACT_ID=%s", chain->contract);
    put(env, "OPERATOR_ACCOUNT_ID=%s", chain->operator);
    put(env, "OPERATOR_PRIVATE_KEY=%s", chain->key);
    put(env, "ENABLE_EVENT_MONITOR=true");
    put(env, "COMPILATION_ENABLED=true");
}

static void worker_environment(const stack *s, environment *env)
{
    put(env, "PATH=/usr/bin:/bin");
    put(env, "API_BASE_URL=http://127.0.0.1:%u", s->port);
    put(env, "API_AUTH_TOKEN=%s", s->token);
    put(env, "WASM_CACHE_DIR=%s/worker-cache", s->folder);
    put(env, "USE_TEE_REGISTRATION=false");
    put(env, "WORKER_CONCURRENCY=%u", s->options->slots);
    if (s->options->chain != NULL) {
        worker_chain_environment(s->options->chain, env);
    } else {
        put(env, "OFFCHAINVM_CONTRACT_ID=outlayer.testnet");
        put(env, "OPERATOR_ACCOUNT_ID=operator.testnet");
        put(env, "NEAR_RPC_URL=http://127.0.0.1:1");
        put(env, "PROJECTS_FILE=%s/projects.json", s->folder);
        put(env, "COMPILATION_ENABLED=false");
        put(env, "OPERATOR_PRIVATE_KEY=ed25519:"
                 "3D4YudUahN1nawWogh8pAKSj92sUNMdbZGjn7kERKzYoTy8tnFQuwoGUC51DowKqorvkr2pytJSnwuSb"
                 "sNVfqygr");
    }
    put_all(env, s->options->worker_settings);
}

/* ---- programs ------------------------------------------------------------------------------ */

static ol_rc spawn_program(stack *s, const char *program, char *const *argv, char *const *env,
                           int out, const char *log, pid_t *ret, ol_err *err)
{
    char path[2 * STACK_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", s->bin, program);
    posix_spawn_file_actions_t files;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (out >= 0)
        (void)posix_spawn_file_actions_adddup2(&files, out, 1);
    else
        (void)posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int failed = posix_spawn(ret, path, &files, NULL, argv, env);
    (void)posix_spawn_file_actions_destroy(&files);
    if (failed == 0)
        return OL_OK;
    errno = failed;
    return ol_fail_errno(err, OL_ERR_ENVIRONMENT, "Cannot start %s", path);
}

/* Runs to the end and gives what was written to standard output. */
static ol_rc run_program(stack *s, char *const *argv, char *const *env, ol_buf *out, ol_err *err)
{
    int pipes[2];
    char log[2 * STACK_PATH_BYTES];
    pid_t pid;
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "pipe");
    OL_AUTO(ol_fd) reading = {pipes[0]};
    OL_AUTO(ol_fd) writing = {pipes[1]};
    (void)snprintf(log, sizeof log, "%s/setup.log", s->folder);
    OL_TRY(spawn_program(s, argv[0], argv, env, writing.n, log, &pid, err));
    ol_fd_deinit(&writing);
    ol_rc rc = ol_read_all(reading, out, err);
    int status = 0;
    (void)waitpid(pid, &status, 0);
    if (rc == OL_OK && status != 0)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "%s %s ended with status %d, see %s", argv[0],
                       argv[1], status, log);
    return rc;
}

static bool answers(uint16_t port)
{
    wire_client client = wire_client_new(port);
    wire_answer answer;
    bool well = wire_exchange(&client, OL_STR("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                              1000, &answer) &&
                answer.status == 200;
    wire_client_deinit(&client);
    return well;
}

/* A program that has started is one that answers, or (the worker) one whose log says so. The two
 * are asked every few milliseconds up to a deadline; nothing is assumed from time passing. */
static bool log_holds(const stack *s, stack_program program, const char *words)
{
    char log[2 * STACK_PATH_BYTES];
    ol_err err;
    ol_buf text = ol_buf_new(OL_MIB(64));
    size_t at;
    (void)snprintf(log, sizeof log, "%s/%s.log", s->folder, PROGRAMS[program]);
    bool holds = ol_file_load(log, &text, &err) == OL_OK &&
                 ol_str_find(ol_buf_str(&text), ol_str_of(words), &at);
    ol_buf_deinit(&text);
    return holds;
}

static bool is_up(const stack *s, stack_program program)
{
    return program == STACK_COORDINATOR ? answers(s->port) : log_holds(s, program, " worker_ready");
}

/* What a sanitizer had to say in a program's log so far. */
static void reports_count(stack *s, stack_program program)
{
    static const char *const words[] = {"WARNING: ThreadSanitizer", "ERROR: AddressSanitizer",
                                        "runtime error: "};
    char log[2 * STACK_PATH_BYTES];
    ol_err err;
    ol_buf text = ol_buf_new(OL_MIB(64));
    (void)snprintf(log, sizeof log, "%s/%s.log", s->folder, PROGRAMS[program]);
    if (ol_file_load(log, &text, &err) == OL_OK) {
        OL_EACH (word, words) {
            size_t at;
            ol_str rest = ol_buf_str(&text);
            while (ol_str_find(rest, ol_str_of(*word), &at)) {
                if (s->reports++ == 0)
                    (void)fprintf(stderr, "%s: %.*s\n", PROGRAMS[program],
                                  OL_FMT(ol_str_slice(rest, at, at + REPORT_BYTES)));
                rest = ol_str_slice(rest, at + strlen(*word), rest.len);
            }
        }
    }
    ol_buf_deinit(&text);
}

static void nap(void)
{
    (void)poll(NULL, 0, 5);
}

ol_rc stack_start(stack *s, stack_program program, ol_err *err)
{
    environment env = {0};
    char log[2 * STACK_PATH_BYTES];
    char *argv[] = {(char *)(uintptr_t)PROGRAMS[program], NULL};
    if (program == STACK_COORDINATOR)
        coordinator_environment(s, &env);
    else
        worker_environment(s, &env);
    (void)snprintf(log, sizeof log, "%s/%s.log", s->folder, PROGRAMS[program]);
    reports_count(s, program);
    (void)unlink(log); /* so that an earlier start does not speak for this one */
    OL_TRY(spawn_program(s, PROGRAMS[program], argv, env.item, -1, log, &s->pid[program], err));
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)START_MS * 1000000;
    while (!is_up(s, program)) {
        int status;
        if (waitpid(s->pid[program], &status, WNOHANG) != 0) {
            s->pid[program] = 0;
            return ol_fail(err, OL_ERR_ENVIRONMENT, "%s ended at start, see %s", PROGRAMS[program],
                           log);
        }
        if (ol_mono_ns(ol_clock_real()) > until)
            return ol_fail(err, OL_ERR_TIMEOUT, "%s does not come up, see %s", PROGRAMS[program],
                           log);
        nap();
    }
    return OL_OK;
}

bool stack_log_has(const stack *s, stack_program program, const char *text, int timeout_ms)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)timeout_ms * 1000000;
    while (!log_holds(s, program, text)) {
        if (ol_mono_ns(ol_clock_real()) > until)
            return false;
        nap();
    }
    return true;
}

void stack_kill(stack *s, stack_program program)
{
    if (s->pid[program] <= 0)
        return;
    (void)kill(s->pid[program], SIGKILL);
    (void)waitpid(s->pid[program], NULL, 0);
    s->pid[program] = 0;
}

/* ---- set-up -------------------------------------------------------------------------------- */

/* One row of the projects file. */
static ol_rc project_write(ol_str name, ol_str file, bool first, ol_buf *text, ol_err *err)
{
    char path[2 * STACK_PATH_BYTES];
    const char *guests = getenv("OL_WASM");
    ol_buf wasm = ol_buf_new(WASM_BYTES_MAX);
    (void)snprintf(path, sizeof path, "%s/%.*s", guests != NULL ? guests : "build/dev/wasm",
                   OL_FMT(file));
    ol_rc rc = ol_file_load(path, &wasm, err);
    if (rc == OL_OK) {
        ol_sha256_hex hex = ol_sha256_hex_of(ol_buf_bytes(&wasm));
        bool component = wasm.len > 4 && wasm.data[4] == 0x0d;
        ol_buf_addf(text,
                    "%s{\"owner\":\"test.near\",\"name\":\"%.*s\",\"active_version\":\"v1\","
                    "\"versions\":[{\"key\":\"v1\",\"file\":\"%s\",\"sha256\":\"%s\","
                    "\"target\":\"wasm32-wasip%d\"}]}",
                    first ? "" : ",", OL_FMT(name), path, hex.data, component ? 2 : 1);
    }
    ol_buf_deinit(&wasm);
    return rc;
}

static ol_rc projects_write(const stack *s, ol_err *err)
{
    if (s->options->projects == NULL)
        return OL_OK;
    char path[2 * STACK_PATH_BYTES];
    ol_buf text = ol_buf_new(OL_MIB(1));
    ol_rc rc = OL_OK;
    ol_buf_add_str(&text, OL_STR("{\"projects\":["));
    for (const char *const *row = s->options->projects; rc == OL_OK && *row != NULL; row++) {
        ol_str name;
        ol_str file;
        bool cut = ol_str_cut(ol_str_of(*row), '=', &name, &file);
        OL_ASSERT(cut);
        rc = project_write(name, file, row == s->options->projects, &text, err);
    }
    ol_buf_add_str(&text, OL_STR("]}"));
    (void)snprintf(path, sizeof path, "%s/projects.json", s->folder);
    if (rc == OL_OK)
        rc = ol_file_save(path, ol_buf_bytes(&text), 0600, err);
    ol_buf_deinit(&text);
    return rc;
}

static ol_rc token_make(stack *s, ol_err *err)
{
    environment env = {0};
    uint8_t storage[1024];
    ol_buf out = ol_buf_over(storage, sizeof storage);
    char *argv[] = {(char *)(uintptr_t)PROGRAMS[STACK_COORDINATOR], (char *)(uintptr_t)"token",
                    (char *)(uintptr_t)"add", (char *)(uintptr_t)"test", NULL};
    coordinator_environment(s, &env);
    OL_TRY(run_program(s, argv, env.item, &out, err));
    ol_str token = ol_str_trim(ol_buf_str(&out));
    if (token.len == 0 || token.len >= sizeof s->token)
        return ol_fail(err, OL_ERR_ENVIRONMENT, "token add printed no token");
    (void)snprintf(s->token, sizeof s->token, "%.*s", OL_FMT(token));
    return OL_OK;
}

static ol_rc post(stack *s, const char *path, ol_str body, ol_err *err)
{
    char headers[256];
    ol_buf request = ol_buf_new(OL_KIB(16));
    wire_client client = wire_client_new(s->port);
    wire_answer answer = {0};
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nAuthorization: Bearer %s\r\n", s->token);
    wire_request(&request, "POST", path, headers, body);
    bool well = wire_exchange(&client, ol_buf_str(&request), 5000, &answer) && answer.status == 200;
    ol_rc rc = well ? OL_OK
                    : ol_fail(err, OL_ERR_ENVIRONMENT, "POST %s: %d %.*s", path, answer.status,
                              OL_FMT(answer.body));
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    return rc;
}

ol_rc stack_get(stack *s, const char *path, ol_buf *into, ol_err *err)
{
    char headers[256];
    ol_buf request = ol_buf_new(OL_KIB(16));
    wire_client client = wire_client_new(s->port);
    wire_answer answer = {0};
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n", s->token);
    wire_request(&request, "GET", path, headers, OL_STR(""));
    bool well = wire_exchange(&client, ol_buf_str(&request), 5000, &answer) && answer.status == 200;
    if (well)
        ol_buf_add_str(into, answer.body);
    ol_rc rc = well ? OL_OK : ol_fail(err, OL_ERR_ENVIRONMENT, "GET %s: %d", path, answer.status);
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    return rc;
}

static void add_part(ol_buf *body, const char *name, ol_bytes content)
{
    ol_buf_addf(body, "--stack\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", name);
    ol_buf_add(body, content);
    ol_buf_add_str(body, OL_STR("\r\n"));
}

static ol_rc upload(stack *s, ol_bytes wasm, const ol_sha256_hex *hash, bool component, ol_err *err)
{
    char headers[256];
    ol_buf body = ol_buf_new(wasm.len + OL_KIB(4));
    ol_buf request = ol_buf_new(wasm.len + OL_KIB(8));
    wire_client client = wire_client_new(s->port);
    wire_answer answer = {0};
    add_part(&body, "checksum", ol_str_bytes(ol_sha256_hex_str(hash)));
    add_part(&body, "repo_url", ol_str_bytes(OL_STR("url:https://test/code.wasm")));
    add_part(&body, "commit_hash", ol_str_bytes(ol_sha256_hex_str(hash)));
    add_part(&body, "build_target",
             ol_str_bytes(component ? OL_STR("wasm32-wasip2") : OL_STR("wasm32-wasip1")));
    add_part(&body, "wasm_file", wasm);
    ol_buf_add_str(&body, OL_STR("--stack--\r\n"));
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: multipart/form-data; boundary=stack\r\n"
                   "Authorization: Bearer %s\r\n",
                   s->token);
    wire_request(&request, "POST", "/wasm/upload", headers, ol_buf_str(&body));
    bool well =
        wire_exchange(&client, ol_buf_str(&request), 10000, &answer) && answer.status == 201;
    ol_rc rc = well ? OL_OK
                    : ol_fail(err, OL_ERR_ENVIRONMENT, "POST /wasm/upload: %d %.*s", answer.status,
                              OL_FMT(answer.body));
    wire_client_deinit(&client);
    ol_buf_deinit(&request);
    ol_buf_deinit(&body);
    return rc;
}

ol_rc stack_upload(stack *s, const char *file, ol_sha256_hex *ret, ol_err *err)
{
    char path[2 * STACK_PATH_BYTES];
    const char *guests = getenv("OL_WASM");
    ol_buf wasm = ol_buf_new(WASM_BYTES_MAX);
    (void)snprintf(path, sizeof path, "%s/%s", guests != NULL ? guests : "build/dev/wasm", file);
    ol_rc rc = ol_file_load(path, &wasm, err);
    if (rc == OL_OK) {
        *ret = ol_sha256_hex_of(ol_buf_bytes(&wasm));
        rc = upload(s, ol_buf_bytes(&wasm), ret, wasm.len > 4 && wasm.data[4] == 0x0d, err);
    }
    ol_buf_deinit(&wasm);
    return rc;
}

static ol_rc key_fund(stack *s, uint64_t balance_micro_usd, ol_err *err)
{
    char body[512];
    ol_sha256_hex hex = ol_sha256_hex_of(ol_str_bytes(ol_str_of(PAYMENT_SECRET)));
    (void)snprintf(s->payment_key, sizeof s->payment_key, "test.near:1:%s", PAYMENT_SECRET);
    (void)snprintf(body, sizeof body,
                   "{\"owner\":\"test.near\",\"nonce\":1,\"key_hash\":\"%s\",\"project_ids\":[]}",
                   hex.data);
    OL_TRY(post(s, "/payment-keys/init", ol_str_of(body), err));
    (void)snprintf(body, sizeof body,
                   "{\"data_id\":\"%s\",\"owner\":\"test.near\",\"nonce\":1,\"amount\":\"%llu\","
                   "\"encrypted_data\":\"\"}",
                   hex.data, (unsigned long long)balance_micro_usd);
    OL_TRY(post(s, "/topup/create", ol_str_of(body), err));
    (void)snprintf(body, sizeof body,
                   "{\"owner\":\"test.near\",\"nonce\":1,\"new_initial_balance\":\"%llu\","
                   "\"amount\":\"%llu\",\"key_hash\":\"%s\",\"project_ids\":[]}",
                   (unsigned long long)balance_micro_usd, (unsigned long long)balance_micro_usd,
                   hex.data);
    return post(s, "/topup/complete", ol_str_of(body), err);
}

ol_rc stack_open(stack *s, const stack_options *options, uint64_t balance_micro_usd, ol_err *err)
{
    *s = (stack){.options = options};
    const char *bin = getenv("OL_BIN");
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(s->bin, sizeof s->bin, "%s", bin != NULL ? bin : "build/dev/bin");
    (void)snprintf(s->folder, sizeof s->folder, "%s/outlayer-stack.XXXXXX",
                   tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(s->folder) == NULL)
        return ol_fail_errno(err, OL_ERR_IO, "Cannot make %s", s->folder);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    s->port = free_port();
    OL_TRY(projects_write(s, err));
    OL_TRY(token_make(s, err));
    OL_TRY(stack_start(s, STACK_COORDINATOR, err));
    if (balance_micro_usd > 0)
        OL_TRY(key_fund(s, balance_micro_usd, err));
    return stack_start(s, STACK_WORKER, err);
}

void stack_stop(stack *s)
{
    for (int i = STACK_PROGRAMS - 1; i >= 0; i--) {
        if (s->pid[i] <= 0)
            continue;
        (void)kill(s->pid[i], SIGTERM);
        int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)STOP_MS * 1000000;
        while (waitpid(s->pid[i], NULL, WNOHANG) == 0) {
            if (ol_mono_ns(ol_clock_real()) > until) {
                stack_kill(s, (stack_program)i);
                break;
            }
            nap();
        }
        s->pid[i] = 0;
        reports_count(s, (stack_program)i);
    }
}

static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *e = folder == NULL ? NULL : readdir(folder); e != NULL;
         e = readdir(folder)) {
        char inner[2 * STACK_PATH_BYTES];
        struct stat what;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (lstat(inner, &what) == 0 && S_ISDIR(what.st_mode))
            remove_tree(inner);
        else
            (void)unlink(inner);
    }
    if (folder != NULL)
        (void)closedir(folder);
    (void)rmdir(path);
}

void stack_deinit(stack *s)
{
    stack_stop(s);
    if (s->folder[0] != '\0')
        remove_tree(s->folder);
    s->folder[0] = '\0';
}

/* ---- processes ----------------------------------------------------------------------------- */

typedef struct process {
    pid_t pid;
    pid_t parent;
    char name[64];
    char state;
} process;

static bool process_read(pid_t pid, process *ret)
{
    char path[64];
    uint8_t storage[1024];
    ol_buf text = ol_buf_over(storage, sizeof storage - 1);
    ol_err err;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (ol_file_load(path, &text, &err) != OL_OK)
        return false;
    storage[text.len] = '\0';
    *ret = (process){.pid = pid};
    const char *close = strrchr((char *)storage, ')');
    (void)snprintf(path, sizeof path, "/proc/%d/exe", pid);
    char target[512];
    ssize_t len = readlink(path, target, sizeof target - 1);
    ol_str head;
    ol_str tail = OL_STR("");
    if (len > 0)
        (void)ol_str_cut_last((ol_str){target, (size_t)len}, '/', &head, &tail);
    (void)snprintf(ret->name, sizeof ret->name, "%.*s", OL_FMT(tail));
    return close != NULL && sscanf(close, ") %c %d", &ret->state, &ret->parent) == 2;
}

size_t stack_descendants(const char *name, pid_t *pids, size_t max)
{
    static process all[DESCENDANTS_MAX];
    size_t count = 0;
    size_t found = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *e = readdir(proc); e != NULL && count < DESCENDANTS_MAX;
         e = readdir(proc)) {
        uint32_t pid;
        if (ol_u32_parse(ol_str_of(e->d_name), &pid) && process_read((pid_t)pid, &all[count]) &&
            all[count].state != 'Z')
            count++;
    }
    (void)closedir(proc);
    for (size_t i = 0; i < count && found < max; i++) {
        pid_t up = all[i].pid;
        for (size_t j = 0; up != getpid() && j < count; j++) {
            if (all[j].pid == up) {
                up = all[j].parent;
                j = (size_t)-1; /* look again from the start for the parent */
            }
            if (up <= 1)
                break;
        }
        if (up == getpid() && all[i].pid != getpid() &&
            (name == NULL || strcmp(all[i].name, name) == 0))
            pids[found++] = all[i].pid;
    }
    return found;
}
