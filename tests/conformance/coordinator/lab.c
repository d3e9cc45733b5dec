#include "tests/conformance/coordinator/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/crypto/hash.h"

enum { ENVIRONMENT_MAX = 64, PATH_BYTES = 512, LOG_BYTES_MAX = 64 * 1024 * 1024 };

static const char PROJECTS[] =
    "{\"projects\":["
    "{\"owner\":\"bob.near\",\"name\":\"y\",\"uuid\":\"p0000000000000001\","
    "\"active_version\":\"v1\",\"versions\":[{\"key\":\"v1\",\"file\":\"y.wasm\",\"sha256\":"
    "\"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\"}]},"
    "{\"owner\":\"bob.near\",\"name\":\"x\",\"uuid\":\"p0000000000000002\","
    "\"active_version\":\"v1\",\"versions\":[{\"key\":\"v1\",\"file\":\"x.wasm\",\"sha256\":"
    "\"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\"}]},"
    "{\"owner\":\"a.near\",\"name\":\"p\",\"uuid\":\"p0000000000000003\","
    "\"active_version\":\"v1\",\"versions\":[{\"key\":\"v1\",\"file\":\"p.wasm\",\"sha256\":"
    "\"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\"}]}]}";

static void program_path(const lab *it, char path[PATH_BYTES])
{
    const char *bin = getenv("OL_BIN");
    CHECK(bin != NULL);
    (void)snprintf(path, PATH_BYTES, "%s/%s", bin,
                   it->clocked ? "../tests/coordinator-clocked" : "outlayer-coordinator");
}

/* The environment of the program: the lab's, then the test's (later ones win by replacing). */
typedef struct lab_environment {
    char *item[ENVIRONMENT_MAX + 1];
    size_t count;
    ol_arena arena;
} lab_environment;

static void environment_put(lab_environment *environment, const char *text)
{
    size_t name = strcspn(text, "=") + 1;
    ol_str copy;
    CHECK(ol_arena_copy(&environment->arena, ol_str_of(text), &copy));
    char *item;
    memcpy(&item, &copy.data, sizeof item);
    for (size_t i = 0; i < environment->count; i++) {
        if (strncmp(environment->item[i], text, name) == 0) {
            environment->item[i] = item;
            return;
        }
    }
    CHECK(environment->count < ENVIRONMENT_MAX);
    environment->item[environment->count++] = item;
}

static lab_environment environment_of(const lab *it, const char *const *settings)
{
    static const char *const standards[] = {
        "HOST=127.0.0.1",
        "PORT=0",
        "PRIVATE_PORT=0",
        ("ADMIN_BEARER_TOKEN=" LAB_ADMIN_TOKEN),
        "HTTPS_RATE_LIMIT_PER_MINUTE=0",
        "PUBLIC_RATE_LIMIT_PER_MINUTE=0",
        "DRAIN_SECONDS=1",
    };
    lab_environment environment = {.arena = ol_arena_new(OL_MIB(1))};
    char text[PATH_BYTES];
    OL_EACH (row, standards)
        environment_put(&environment, *row);
    (void)snprintf(text, sizeof text, "DATABASE_URL=sqlite:%s/db", it->folder);
    environment_put(&environment, text);
    (void)snprintf(text, sizeof text, "WASM_CACHE_DIR=%s/wasm", it->folder);
    environment_put(&environment, text);
    (void)snprintf(text, sizeof text, "PROJECTS_FILE=%s/projects.json", it->folder);
    environment_put(&environment, text);
    (void)snprintf(text, sizeof text, "LAB_CLOCK=%s/clock", it->folder);
    environment_put(&environment, text);
    for (; settings != NULL && *settings != NULL; settings++)
        environment_put(&environment, *settings);
    static const char *const passed[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "PATH",
                                         "LLVM_PROFILE_FILE"};
    OL_EACH (name, passed) {
        const char *value = getenv(*name);
        if (value != NULL) {
            (void)snprintf(text, sizeof text, "%s=%s", *name, value);
            environment_put(&environment, text);
        }
    }
    return environment;
}

/* Runs the program; standard output or error goes to a pipe. */
static pid_t spawn(const lab *it, const char *const *settings, char *const *arguments, int capture,
                   ol_fd *ret_output)
{
    int ends[2];
    char path[PATH_BYTES];
    lab_environment environment = environment_of(it, settings);
    program_path(it, path);
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        /* A failed test must not leave a server behind, nor one that holds the test's output. */
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(ends[1], capture);
        (void)execve(path, arguments, environment.item);
        _exit(127);
    }
    (void)close(ends[1]);
    ret_output->n = ends[0];
    ol_arena_deinit(&environment.arena);
    return pid;
}

static int exit_status(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        CHECK(errno == EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Reads what the program logs until a line holds `event`; fails the test at the deadline. */
static ol_str log_await(lab *it, const char *event)
{
    struct pollfd poller = {.fd = it->log.n, .events = POLLIN};
    for (;;) {
        size_t at;
        ol_str seen = ol_buf_str(&it->seen);
        if (ol_str_find(seen, ol_str_of(event), &at)) {
            ol_str line;
            ol_str rest = ol_str_slice(seen, at, seen.len);
            if (ol_str_cut(rest, '\n', &line, &rest))
                return line;
        }
        if (poll(&poller, 1, LAB_WAIT_MS) != 1)
            ol_test_fail(__FILE__, __LINE__, "no `%s` in the log: %.*s", event, OL_FMT(seen));
        uint8_t *room = ol_buf_reserve(&it->seen, 4096);
        CHECK(room != NULL);
        ssize_t n = read(it->log.n, room, 4096);
        if (n <= 0)
            ol_test_fail(__FILE__, __LINE__, "the coordinator ended: %.*s", OL_FMT(seen));
        it->seen.len += (size_t)n;
    }
}

static uint16_t port_of(ol_str line, const char *name)
{
    size_t at;
    uint32_t port;
    if (!ol_str_find(line, ol_str_of(name), &at))
        ol_test_fail(__FILE__, __LINE__, "no %s in: %.*s", name, OL_FMT(line));
    ol_str digits = ol_str_slice(line, at + strlen(name), line.len);
    size_t len = 0;
    while (len < digits.len && digits.data[len] >= '0' && digits.data[len] <= '9')
        len++;
    CHECK(ol_u32_parse(ol_str_slice(digits, 0, len), &port) && port > 0 && port < 65536);
    return (uint16_t)port;
}

void lab_restart(lab *it, const char *const *settings)
{
    char name[] = "outlayer-coordinator";
    char *arguments[] = {name, NULL};
    it->seen = ol_buf_new(LOG_BYTES_MAX);
    it->pid = spawn(it, settings, arguments, STDERR_FILENO, &it->log);
    ol_str line = log_await(it, " listening ");
    it->port = port_of(line, " port=");
    it->private_port = port_of(line, " private_port=");
    it->client = wire_client_new(it->port);
    it->inner = wire_client_new(it->private_port);
}

const char *lab_token(lab *it, const char *name)
{
    char program[] = "outlayer-coordinator";
    char token[] = "token";
    char add[] = "add";
    char label[64];
    (void)snprintf(label, sizeof label, "%s", name);
    char *arguments[] = {program, token, add, label, NULL};
    ol_fd output;
    ol_err err;
    pid_t pid = spawn(it, NULL, arguments, STDOUT_FILENO, &output);
    ol_buf text = ol_buf_new(OL_KIB(4));
    CHECK_OK(ol_read_all(output, &text, &err));
    ol_fd_deinit(&output);
    CHECK_EQ(exit_status(pid), 0);
    ol_str trimmed = ol_str_trim(ol_buf_str(&text));
    CHECK(trimmed.len > 0);
    const char *line = lab_text(it, "Authorization: Bearer %.*s\r\n", OL_FMT(trimmed));
    ol_buf_deinit(&text);
    return line;
}

static void clock_write(const lab *it)
{
    char path[PATH_BYTES];
    ol_fd file;
    ol_err err;
    (void)snprintf(path, sizeof path, "%s/clock", it->folder);
    CHECK_OK(ol_open(path, O_WRONLY | O_CREAT, &file, &err));
    CHECK(pwrite(file.n, &it->advanced_ms, sizeof it->advanced_ms, 0) ==
          (ssize_t)sizeof it->advanced_ms);
    ol_fd_deinit(&file);
}

void lab_advance(lab *it, int64_t ms)
{
    CHECK(it->clocked);
    it->advanced_ms += ms;
    clock_write(it);
}

static void start(lab *it, bool clocked, const char *projects, const char *const *settings)
{
    char path[PATH_BYTES];
    ol_err err;
    const char *temporary = getenv("TMPDIR");
    *it = (lab){.log = OL_FD_NONE, .arena = ol_arena_new(OL_MIB(64)), .clocked = clocked};
    (void)snprintf(it->folder, sizeof it->folder, "%s/coordinator-XXXXXX",
                   temporary != NULL && strlen(temporary) < 32 ? temporary : "/tmp");
    CHECK(mkdtemp(it->folder) != NULL);
    clock_write(it);
    (void)snprintf(path, sizeof path, "%s/projects.json", it->folder);
    CHECK_OK(ol_file_save(path, ol_str_bytes(ol_str_of(projects)), 0600, &err));
    const char *line = lab_token(it, "lab");
    (void)snprintf(it->worker, sizeof it->worker, "%s", line);
    lab_restart(it, settings);
}

void lab_start(lab *it, const char *const *settings)
{
    start(it, false, PROJECTS, settings);
}

void lab_start_with(lab *it, const char *projects, const char *const *settings)
{
    start(it, false, projects, settings);
}

void lab_start_clocked(lab *it, const char *const *settings)
{
    start(it, true, PROJECTS, settings);
}

static void clients_close(lab *it)
{
    wire_client_deinit(&it->client);
    wire_client_deinit(&it->inner);
}

static void ended(lab *it)
{
    it->pid = 0;
    ol_fd_deinit(&it->log);
    ol_buf_deinit(&it->seen);
}

void lab_kill(lab *it)
{
    clients_close(it);
    CHECK(kill(it->pid, SIGKILL) == 0);
    CHECK_EQ(exit_status(it->pid), 128 + SIGKILL);
    ended(it);
}

void lab_stop(lab *it)
{
    clients_close(it);
    CHECK(kill(it->pid, SIGTERM) == 0);
    int status = exit_status(it->pid);
    if (status != 0) {
        uint8_t *room = ol_buf_reserve(&it->seen, OL_KIB(64));
        ssize_t n = room == NULL ? 0 : read(it->log.n, room, OL_KIB(64));
        it->seen.len += n > 0 ? (size_t)n : 0;
        ol_test_fail(__FILE__, __LINE__, "exit status %d: %.*s", status,
                     OL_FMT(ol_buf_str(&it->seen)));
    }
    ended(it);
    char *const arguments[] = {(char[]){"rm"}, (char[]){"-rf"}, it->folder, NULL};
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        (void)execvp("rm", arguments);
        _exit(127);
    }
    CHECK_EQ(exit_status(pid), 0);
    ol_arena_deinit(&it->arena);
}

/* ---- Exchanges. */

const char *lab_text(lab *it, const char *format, ...)
{
    char buffer[8192];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    CHECK(n >= 0 && (size_t)n < sizeof buffer);
    return lab_keep(it, ol_str_of(buffer)).data;
}

ol_str lab_keep(lab *it, ol_str text)
{
    ol_str copy;
    CHECK(ol_arena_copy(&it->arena, text, &copy));
    return copy;
}

/* The program does not answer: what it said last. */
static _Noreturn void gone(lab *it, const char *path)
{
    struct pollfd poller = {.fd = it->log.n, .events = POLLIN};
    uint8_t *room = ol_buf_reserve(&it->seen, OL_KIB(64));
    if (room != NULL && poll(&poller, 1, 1000) == 1) {
        ssize_t n = read(it->log.n, room, OL_KIB(64));
        it->seen.len += n > 0 ? (size_t)n : 0;
    }
    ol_str seen = ol_buf_str(&it->seen);
    seen = ol_str_slice(seen, seen.len > 2000 ? seen.len - 2000 : 0, seen.len);
    ol_test_fail(__FILE__, __LINE__, "no answer to %s: %.*s", path, OL_FMT(seen));
}

static wire_answer exchange(lab *it, wire_client *client, const char *method, const char *path,
                            const char *headers, const char *body)
{
    wire_answer answer;
    ol_buf request = ol_buf_new(OL_MIB(32));
    wire_request(&request, method, path, headers, ol_str_of(body));
    bool done =
        ol_buf_ok(&request) && wire_exchange(client, ol_buf_str(&request), LAB_WAIT_MS, &answer);
    ol_buf_deinit(&request);
    if (!done) {
        wire_fault_print(client);
        gone(it, path);
    }
    return answer;
}

wire_answer lab_send(lab *it, const char *method, const char *path, const char *headers,
                     const char *body)
{
    return exchange(it, &it->client, method, path, headers, body);
}

wire_answer lab_inner(lab *it, const char *method, const char *path, const char *headers,
                      const char *body)
{
    return exchange(it, &it->inner, method, path, headers, body);
}

wire_answer lab_post(lab *it, const char *path, const char *headers, const char *body)
{
    return lab_send(it, "POST", path, lab_text(it, "Content-Type: application/json\r\n%s", headers),
                    body);
}

wire_answer lab_work(lab *it, const char *path, const char *body)
{
    return lab_post(it, path, it->worker, body);
}

wire_answer lab_work_get(lab *it, const char *path)
{
    return lab_send(it, "GET", path, it->worker, "");
}

lab_pending lab_begin_raw(lab *it, ol_str request)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(it->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    lab_pending pending = {.in = ol_buf_new(OL_MIB(32))};
    ol_err err;
    pending.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(pending.fd >= 0);
    if (connect(pending.fd, (struct sockaddr *)&to, sizeof to) != 0)
        gone(it, "a connection");
    CHECK_OK(ol_write_all((ol_fd){pending.fd}, ol_str_bytes(request), &err));
    return pending;
}

lab_pending lab_begin(lab *it, const char *method, const char *path, const char *headers,
                      const char *body)
{
    ol_buf request = ol_buf_new(OL_MIB(32));
    wire_request(&request, method, path,
                 lab_text(it, "Connection: close\r\n%s%s",
                          *body != 0 ? "Content-Type: application/json\r\n" : "", headers),
                 ol_str_of(body));
    lab_pending pending = lab_begin_raw(it, ol_buf_str(&request));
    ol_buf_deinit(&request);
    return pending;
}

bool lab_answered(const lab_pending *pending, int timeout_ms)
{
    struct pollfd poller = {.fd = pending->fd, .events = POLLIN};
    return poll(&poller, 1, timeout_ms) == 1;
}

wire_answer lab_finish(lab_pending *pending)
{
    wire_answer answer = {0};
    size_t end;
    uint32_t status;
    for (;;) {
        uint8_t *room = ol_buf_reserve(&pending->in, 16384);
        CHECK(room != NULL);
        CHECK(lab_answered(pending, LAB_WAIT_MS));
        ssize_t n = read(pending->fd, room, 16384);
        CHECK(n >= 0);
        if (n == 0)
            break;
        pending->in.len += (size_t)n;
    }
    ol_str in = ol_buf_str(&pending->in);
    CHECK(ol_str_find(in, OL_STR("\r\n\r\n"), &end));
    if (ol_str_starts(in, OL_STR("HTTP/1.1 100 "))) { /* an interim answer */
        in = ol_str_slice(in, end + 4, in.len);
        CHECK(ol_str_find(in, OL_STR("\r\n\r\n"), &end));
    }
    CHECK(in.len > 12 && ol_u32_parse(ol_str_slice(in, 9, 12), &status));
    answer.status = (int)status;
    answer.head = ol_str_slice(in, 0, end + 2);
    answer.body = ol_str_slice(in, end + 4, in.len);
    return answer;
}

void lab_drop(lab_pending *pending)
{
    (void)close(pending->fd);
    ol_buf_deinit(&pending->in);
}

/* ---- JSON. */

static bool descend(ol_str json, const char *path, ol_json *ret)
{
    ol_err err;
    ol_json at;
    ol_str rest = ol_str_of(path);
    ol_str step;
    if (ol_json_parse(json, &at, &err) != OL_OK)
        ol_test_fail(__FILE__, __LINE__, "not JSON: %.*s", OL_FMT(json));
    while (ol_str_next(&rest, '.', &step)) {
        uint32_t index;
        ol_json inner;
        if (ol_u32_parse(step, &index) && ol_json_kind_of(&at) == OL_JSON_ARRAY) {
            ol_json_iter walk = ol_json_iterate(&at);
            for (uint32_t i = 0; i <= index; i++) {
                if (!ol_json_next_item(&walk, &inner))
                    return false;
            }
        } else if (!ol_json_find(&at, step, &inner)) {
            return false;
        }
        at = inner;
    }
    *ret = at;
    return true;
}

bool lab_has(ol_str json, const char *path)
{
    ol_json value;
    return descend(json, path, &value);
}

ol_str lab_member(lab *it, ol_str json, const char *path)
{
    ol_json value;
    ol_str text;
    ol_err err;
    if (!descend(json, path, &value))
        ol_test_fail(__FILE__, __LINE__, "no %s in %.*s", path, OL_FMT(json));
    if (ol_json_kind_of(&value) != OL_JSON_STRING)
        return lab_keep(it, value.raw);
    CHECK_OK(ol_json_text(&value, &it->arena, &text, &err));
    return lab_keep(it, text);
}

uint64_t lab_number(lab *it, ol_str json, const char *path)
{
    uint64_t number;
    ol_str text = lab_member(it, json, path);
    CHECK_ROW(ol_u64_parse(text, &number), path);
    return number;
}

/* ---- Keys and calls. */

const char *lab_key_header(lab *it, const char *owner, unsigned nonce)
{
    return lab_text(it, "X-Payment-Key: %s:%u:" LAB_SECRET "\r\n", owner, nonce);
}

const char *lab_key(lab *it, const char *owner, unsigned nonce, const char *balance,
                    const char *scope, const char *cap)
{
    wire_answer answer;
    const char *extra = cap == NULL ? "" : lab_text(it, ",\"max_per_call\":\"%s\"", cap);
    answer = lab_work(it, "/topup/create",
                      lab_text(it,
                               "{\"data_id\":\"%08x%056x\",\"owner\":\"%s\",\"nonce\":%u,"
                               "\"amount\":\"%s\",\"encrypted_data\":\"\"}",
                               ++it->made, nonce, owner, nonce, balance));
    CHECK_EQ(answer.status, 200);
    answer = lab_work(it, "/topup/complete",
                      lab_text(it,
                               "{\"owner\":\"%s\",\"nonce\":%u,\"new_initial_balance\":\"%s\","
                               "\"amount\":\"%s\",\"key_hash\":\"" LAB_PROOF
                               "\",\"project_ids\":[%s]%s}",
                               owner, nonce, balance, balance, scope, extra));
    CHECK_EQ(answer.status, 200);
    return lab_key_header(it, owner, nonce);
}

lab_balance lab_balance_of(lab *it, const char *key_header)
{
    wire_answer answer = lab_send(it, "GET", "/payment-keys/balance", key_header, "");
    CHECK_EQ(answer.status, 200);
    return (lab_balance){
        .initial = lab_number(it, answer.body, "initial_balance"),
        .spent = lab_number(it, answer.body, "spent"),
        .reserved = lab_number(it, answer.body, "reserved"),
        .available = lab_number(it, answer.body, "available"),
    };
}

const char *lab_call(lab *it, const char *key_header, const char *headers)
{
    wire_answer answer = lab_post(it, "/call/bob.near/y", lab_text(it, "%s%s", key_header, headers),
                                  "{\"input\":1,\"async\":true}");
    if (answer.status != 200)
        ol_test_fail(__FILE__, __LINE__, "%d %.*s", answer.status, OL_FMT(answer.body));
    return lab_member(it, answer.body, "call_id").data;
}

uint64_t lab_take(lab *it, const char *worker_id)
{
    wire_answer answer = lab_work_get(
        it, lab_text(it, "/executions/poll?timeout=5&capabilities=execution&claim=1&worker_id=%s",
                     worker_id));
    CHECK_EQ(answer.status, 200);
    return lab_number(it, answer.body, "jobs.0.job_id");
}

const char *lab_checksum(lab *it, const char *repo, const char *commit)
{
    const char *coordinates = lab_text(it, "%s:%s:wasm32-wasip1", repo, commit);
    ol_sha256_hex hex = ol_sha256_hex_of(ol_str_bytes(ol_str_of(coordinates)));
    return lab_keep(it, ol_sha256_hex_str(&hex)).data;
}

void lab_code(lab *it, const char *repo, const char *commit)
{
    static const char form[] = "--B\r\ncontent-disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n";
    ol_buf body = ol_buf_new(OL_KIB(16));
    ol_buf request = ol_buf_new(OL_KIB(32));
    wire_answer answer;
    const char *parts[][2] = {{"checksum", lab_checksum(it, repo, commit)},
                              {"repo_url", repo},
                              {"commit_hash", commit},
                              {"build_target", "wasm32-wasip1"}};
    OL_EACH (part, parts)
        ol_buf_addf(&body, form, (*part)[0], (*part)[1]);
    ol_buf_addf(&body, "--B\r\ncontent-disposition: form-data; name=\"wasm_file\"; "
                       "filename=\"m.wasm\"\r\n\r\n");
    ol_buf_add_str(&body, OL_STR("\0asm\1\0\0\0"));
    ol_buf_addf(&body, "\r\n--B--\r\n");
    wire_request(&request, "POST", "/wasm/upload",
                 lab_text(it, "%sContent-Type: multipart/form-data; boundary=B\r\n", it->worker),
                 ol_buf_str(&body));
    CHECK(wire_exchange(&it->client, ol_buf_str(&request), LAB_WAIT_MS, &answer));
    CHECK_EQ(answer.status, 201);
    ol_buf_deinit(&body);
    ol_buf_deinit(&request);
}
