/* What crosses the network: downloads, contract views, guests' requests and RPC, hidden logs. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/codec/json_write.h"
#include "lib/crypto/hash.h"
#include "tests/conformance/worker/lab.h"
#include "tests/harness/test.h"

/* ---- downloads ---- */

typedef struct shelf {
    ol_buf echo; /* examples/echo.wasm */
    unsigned served;
} shelf;

static void serve_wasm(void *context, const stub_request *request, stub_conn *conn)
{
    shelf *s = context;
    if (ol_str_eq(request->target, OL_STR("/echo.wasm"))) {
        __atomic_fetch_add(&s->served, 1, __ATOMIC_SEQ_CST);
        stub_answer(conn, 200, NULL, ol_buf_str(&s->echo));
    } else if (ol_str_eq(request->target, OL_STR("/hop"))) {
        stub_answer(conn, 302, "Location: /echo.wasm\r\n", OL_STR(""));
    } else if (ol_str_eq(request->target, OL_STR("/metadata"))) {
        stub_answer(conn, 302, "Location: https://169.254.169.254/latest\r\n", OL_STR(""));
    } else if (ol_str_eq(request->target, OL_STR("/plain"))) {
        stub_answer(conn, 302, "Location: http://example.org/\r\n", OL_STR(""));
    } else if (ol_str_eq(request->target, OL_STR("/large"))) {
        /* 10 MiB and one byte, without a length */
        (void)stub_write(conn, OL_STR("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
        char *block = calloc(1, OL_MIB(1));
        bool more = true;
        for (int i = 0; i < 10 && more; i++)
            more = stub_write(conn, (ol_str){block, OL_MIB(1)});
        if (more)
            (void)stub_write(conn, OL_STR("x"));
        free(block);
        stub_close(conn);
    } else {
        stub_answer(conn, 404, NULL, OL_STR(""));
    }
}

static void load_echo(shelf *s, ol_sha256_hex *ret_hash)
{
    char path[1024];
    ol_err err = {0};
    if (getenv("OL_WASM") == NULL)
        ol_test_fail(__FILE__, __LINE__, "OL_WASM is not set: run this test through ctest");
    (void)snprintf(path, sizeof path, "%s/examples/echo.wasm", getenv("OL_WASM"));
    s->echo = ol_buf_new(OL_MIB(4));
    CHECK_OK(ol_file_load(path, &s->echo, &err));
    *ret_hash = ol_sha256_hex_of(ol_buf_bytes(&s->echo));
}

static void check_failed(const ol_job_report *report, ol_error_class class, const char *text)
{
    CHECK_ROW(!report->success, text);
    CHECK_STARTS(report->error, ol_str_of(text), text);
    CHECK_EQ_ROW(report->error_class, class, text);
}

TEST("W26, W27, W28: a program by URL is fetched over public https, bounded, and hashed")
{
    static const struct {
        const char *name;
        const char *path;
        bool wrong_hash;
        const char *fault; /* NULL: it runs */
    } cases[] = {
        {"good", "/echo.wasm", false, NULL},
        {"hops", "/hop", false, NULL},
        {"flipped", "/echo.wasm", true, "Hash mismatch!\nExpected: "},
        {"metadata", "/metadata", false,
         "Failed to download WASM: destination blocked: internal/private/link-local address"},
        {"plain", "/plain", false, "Failed to download WASM: only https is allowed"},
        {"large", "/large", false, "File too large: 11 MB (max 10 MB)"},
        {"absent", "/absent", false, "HTTP error: 404 - https://127.0.0.1:"},
    };
    shelf s = {0};
    ol_sha256_hex hash;
    char urls[OL_COUNT(cases)][128];
    char ca[128];
    lab_project projects[OL_COUNT(cases) + 1] = {{.name = NULL}};
    load_echo(&s, &hash);
    ol_sha256_hex wrong = hash;
    wrong.data[0] = wrong.data[0] == '0' ? '1' : '0';
    http_stub *web = http_stub_start_tls(serve_wasm, &s, "127.0.0.1");
    for (size_t i = 0; i < OL_COUNT(cases); i++) {
        (void)snprintf(urls[i], sizeof urls[i], "https://127.0.0.1:%u%s", http_stub_port(web),
                       cases[i].path);
        projects[i] = (lab_project){.name = cases[i].name,
                                    .url = urls[i],
                                    .sha256 = cases[i].wrong_hash ? wrong.data : hash.data};
    }
    (void)snprintf(ca, sizeof ca, "TRUSTED_CA_FILE=%s", http_stub_ca(web));
    const char *const settings[] = {ca, "ALLOW_LOOPBACK_ADDRESSES=true", NULL};
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.projects = projects, .settings = settings});
    OL_EACH (c, cases) {
        /* Same content would come from memory: a case of its own has a hash of its own. */
        ol_task task = lab_task(&l, c->name, "1");
        ol_job_report report = lab_run(&l, &task);
        bool cached = ol_str_eq(ol_str_of(projects[c - cases].sha256), ol_sha256_hex_str(&hash)) &&
                      c != &cases[0];
        if (c->fault == NULL || cached)
            CHECK_STR_ROW(report.call.output_json, OL_STR("1"), c->name);
        else
            check_failed(&report, OL_CLASS_COMPILATION_FAILED, c->fault);
    }
    CHECK_EQ(s.served, 2); /* once for all good ones, once for the flipped hash */
    lab_deinit(&l);
    /* Each fault again in a worker that has nothing yet. */
    for (size_t i = 2; i < OL_COUNT(cases); i++) {
        lab_project alone[] = {projects[i], {.name = NULL}};
        lab_open(&l, &(lab_options){.projects = alone, .settings = settings});
        ol_task task = lab_task(&l, cases[i].name, "1");
        ol_job_report report = lab_run(&l, &task);
        check_failed(&report, OL_CLASS_COMPILATION_FAILED, cases[i].fault);
        lab_deinit(&l);
    }
    lab_project hop[] = {projects[1], {.name = NULL}};
    lab_open(&l, &(lab_options){.projects = hop, .settings = settings});
    ol_task task = lab_task(&l, "hops", "1");
    ol_job_report report = lab_run(&l, &task);
    CHECK_STR(report.call.output_json, OL_STR("1"));
    http_stub_stop(web);
    ol_buf_deinit(&s.echo);
}

/* ---- the chain ---- */

static void answer_view(stub_conn *conn, const char *json)
{
    ol_buf body = ol_buf_new(OL_MIB(1));
    ol_buf_add_str(&body, OL_STR("{\"jsonrpc\":\"2.0\",\"result\":{\"result\":"));
    ol_json_writer w = ol_json_writer_over(&body);
    ol_json_add_byte_array(&w, ol_str_bytes(ol_str_of(json)));
    ol_buf_add_str(&body, OL_STR(",\"logs\":[]},\"id\":\"x\"}"));
    stub_answer(conn, 200, NULL, ol_buf_str(&body));
    ol_buf_deinit(&body);
}

typedef struct chain {
    char version[512]; /* what get_version answers */
    unsigned projects;
    unsigned versions;
} chain;

static void serve_chain(void *context, const stub_request *request, stub_conn *conn)
{
    chain *c = context;
    size_t at;
    if (ol_str_find(request->body, OL_STR("\"panics\""), &at)) {
        stub_answer(conn, 200, NULL,
                    OL_STR("{\"jsonrpc\":\"2.0\",\"result\":{\"error\":\"panicked\"},\"id\":"
                           "\"proxy\"}"));
    } else if (ol_str_find(request->body, OL_STR("get_project"), &at)) {
        __atomic_fetch_add(&c->projects, 1, __ATOMIC_SEQ_CST);
        answer_view(conn,
                    ol_str_find(request->body, OL_STR("eyJwcm9qZWN0X2lkIjoiYS5uZWFyL3gifQ=="), &at)
                        ? "{\"uuid\":\"p9\",\"owner\":\"a.near\",\"name\":\"x\","
                          "\"project_id\":\"a.near/x\",\"active_version\":\"v1\"}"
                        : "null");
    } else if (ol_str_find(request->body, OL_STR("get_version"), &at)) {
        __atomic_fetch_add(&c->versions, 1, __ATOMIC_SEQ_CST);
        answer_view(conn, c->version);
    } else if (ol_str_find(request->body, OL_STR("gas_price"), &at)) {
        stub_answer(conn, 200, NULL,
                    OL_STR("{\"jsonrpc\":\"2.0\",\"result\":{\"gas_price\":\"100000000\"},\"id\":"
                           "\"proxy\"}"));
    } else {
        stub_answer(conn, 200, NULL,
                    OL_STR("{\"jsonrpc\":\"2.0\",\"result\":{},\"id\":\"proxy\"}"));
    }
}

TEST("W14: projects come from the contract, and an unknown one is named")
{
    shelf s = {0};
    chain c = {0};
    ol_sha256_hex hash;
    char ca[128];
    char node[128];
    load_echo(&s, &hash);
    http_stub *web = http_stub_start_tls(serve_wasm, &s, "127.0.0.1");
    http_stub *rpc = http_stub_start(serve_chain, &c);
    (void)snprintf(c.version, sizeof c.version,
                   "{\"wasm_hash\":\"%s\",\"source\":{\"WasmUrl\":{\"url\":"
                   "\"https://127.0.0.1:%u/echo.wasm\",\"hash\":\"%s\",\"build_target\":"
                   "\"wasm32-wasip1\"}},\"added_at\":1,\"is_active\":true}",
                   hash.data, http_stub_port(web), hash.data);
    (void)snprintf(ca, sizeof ca, "TRUSTED_CA_FILE=%s", http_stub_ca(web));
    (void)snprintf(node, sizeof node, "NEAR_RPC_URL=http://127.0.0.1:%u", http_stub_port(rpc));
    const char *const settings[] = {ca, node, "ALLOW_LOOPBACK_ADDRESSES=true", NULL};
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.by_contract = true, .settings = settings});
    for (int i = 0; i < 3; i++) {
        ol_task task = lab_task(&l, "a.near/x", "1");
        ol_job_report report = lab_run(&l, &task);
        CHECK_STR(report.call.output_json, OL_STR("1"));
    }
    CHECK_EQ(c.versions, 1);
    ol_task task = lab_task(&l, "a.near/none", "1");
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_FAILED,
                 "Failed to resolve project: Project not found: a.near/none");
    http_stub_stop(rpc);
    http_stub_stop(web);
    ol_buf_deinit(&s.echo);
}

/* ---- guests ---- */

static const lab_project GUESTS[] = {
    {.name = "rpc", .wasm = "guests/guest-rpc.wasm"},
    {.name = "rpc2", .wasm = "guests/guest-rpc.p2.wasm"},
    {.name = "http", .wasm = "guests/guest-http.wasm"},
    {.name = "http2", .wasm = "guests/guest-http.p2.wasm"},
    {.name = "exit", .wasm = "guests/adversarial-exit.wasm"},
    {.name = "sockets2", .wasm = "guests/sockets.p2.wasm"},
    {.name = "connectors.outlayer.near/http", .wasm = "guests/guest-http.wasm"},
    {.name = NULL},
};

static void check_guest(lab *l, const char *project, const char *input, const char *output)
{
    ol_task task = lab_task(l, project, input);
    ol_job_report report = lab_run(l, &task);
    if (!report.success)
        ol_test_fail(__FILE__, __LINE__, "%s failed: %.*s", project, OL_FMT(report.error));
    CHECK_STR_ROW(report.call.output_json, ol_str_of(output), project);
}

TEST("H26-H33: near:rpc/api answers both kinds of guests in the words of the specification")
{
    static const struct {
        const char *input;
        const char *output;
    } cases[] = {
        {"[[\"view\",\"c.near\",\"panics\",\"{}\",\"\"]]",
         "[[\"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"result\\\":{\\\"error\\\":\\\"panicked\\\"},"
         "\\\"id\\\":\\\"proxy\\\"}\",\"\"]]"},
        {"[[\"gas-price\",\"\"]]", "[[\"\\\"100000000\\\"\",\"\"]]"},
        {"[[\"call\",\"a\",\"k\",\"b\",\"m\",\"{}\",\"1x\",\"1\",\"\"]]",
         "[[\"\",\"Invalid deposit: invalid digit found in string\"]]"},
        {"[[\"transfer\",\"a\",\"k\",\"b\",\"\",\"\"]]",
         "[[\"\",\"Invalid amount: cannot parse integer from empty string\"]]"},
        {"[[\"chunk\",\"1,2,3\"]]",
         "[[\"\",\"Invalid format. Use 'block_id,shard_id' or 'chunk_id'\"]]"},
        {"[[\"send-tx\",\"dHg=\",\"\"]]", "[[\"\",\"Transaction method 'send_tx' is disabled\"]]"},
    };
    chain c = {0};
    char node[128];
    http_stub *rpc = http_stub_start(serve_chain, &c);
    (void)snprintf(node, sizeof node, "NEAR_RPC_URL=http://127.0.0.1:%u", http_stub_port(rpc));
    const char *const settings[] = {node, "NEAR_RPC_PROXY_ALLOW_TRANSACTIONS=false", NULL};
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.projects = GUESTS, .settings = settings});
    static const char *const guests[] = {"rpc", "rpc2"};
    OL_EACH (guest, guests) {
        OL_EACH (row, cases)
            check_guest(&l, *guest, row->input, row->output);
        ol_task task = lab_task(&l, *guest, "[[101,\"status\"]]");
        ol_job_report report = lab_run(&l, &task);
        CHECK_ENDS(report.call.output_json,
                   OL_STR("[\"\",\"RPC rate limit exceeded: 101 calls (max: 100)\"]]"), *guest);
    }
    http_stub_stop(rpc);
}

/* ---- policy of the executed bytes ---- */

static void flip_byte_of_artifact(const lab *l)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/cache/compiled", l->folder);
    DIR *folder = opendir(path);
    CHECK(folder != NULL);
    unsigned flipped = 0;
    for (struct dirent *one = readdir(folder); one != NULL; one = readdir(folder)) {
        uint8_t byte;
        if (one->d_name[0] == '.')
            continue;
        int fd = openat(dirfd(folder), one->d_name, O_RDWR | O_CLOEXEC);
        CHECK(fd >= 0 && pread(fd, &byte, 1, 5000) == 1);
        byte ^= 1;
        CHECK(pwrite(fd, &byte, 1, 5000) == 1);
        (void)close(fd);
        flipped++;
    }
    (void)closedir(folder);
    CHECK_EQ(flipped, 2);
}

static const lab_project LISTED[] = {
    {.name = "http", .wasm = "guests/guest-http.wasm", .manifest = "{\"network\":[\"a.example\"]}"},
    {.name = "http2",
     .wasm = "guests/guest-http.p2.wasm",
     .manifest = "{\"network\":[\"a.example\"]}"},
    {.name = NULL},
};

TEST("H24: one program has one policy, cold, from the compiled cache, and after W31's flipped byte")
{
    static const char refused[] = "[{\"error\":\"host \\\"127.0.0.1\\\" is not in the project's "
                                  "manifest network allowlist\"}]";
    static const char *const guests[] = {"http", "http2"};
    const lab_options options = {.projects = LISTED};
    OL_AUTO(lab) l;
    lab_open(&l, &options);
    ol_str checksum[OL_COUNT(guests)];
    for (int round = 0; round < 3; round++) {
        if (round == 2)
            flip_byte_of_artifact(&l);
        if (round > 0)
            lab_restart(&l, &options);
        for (size_t i = 0; i < OL_COUNT(guests); i++) {
            ol_task task =
                lab_task(&l, guests[i], "[{\"method\":\"GET\",\"url\":\"http://127.0.0.1:1/\"}]");
            ol_job_report report = lab_run(&l, &task);
            CHECK_STR_ROW(report.call.output_json, ol_str_of(refused), guests[i]);
            /* W32: the hash is that of the bytes, whichever way they came. */
            if (round == 0)
                checksum[i] = report.wasm_checksum;
            CHECK_STR_ROW(report.wasm_checksum, checksum[i], guests[i]);
        }
        CHECK_EQ(lab_log_has(&l, " code_compiled", 0), round != 1);
    }
}

static void serve_page(void *context, const stub_request *request, stub_conn *conn)
{
    (void)context;
    if (ol_str_eq(request->target, OL_STR("/silent")))
        (void)stub_pause(conn, 60000);
    else
        stub_answer(conn, 200, NULL, request->body.len > 0 ? request->body : OL_STR("page"));
}

TEST("H18, H19, H23: guests reach public hosts and nothing inside, connectors nothing at all")
{
    static const char blocked[] =
        "[{\"error\":\"destination blocked: internal/private/link-local address\"}]";
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.projects = GUESTS});
    static const char *const guests[] = {"http", "http2"};
    OL_EACH (guest, guests) {
        check_guest(&l, *guest, "[{\"method\":\"GET\",\"url\":\"http://169.254.169.254/\"}]",
                    blocked);
        check_guest(&l, *guest, "[{\"method\":\"GET\",\"url\":\"http://[::ffff:10.0.0.1]/\"}]",
                    blocked);
        check_guest(&l, *guest, "[{\"method\":\"GET\",\"url\":\"http://127.0.0.1:1/\"}]", blocked);
    }
    ol_task task = lab_task(&l, "connectors.outlayer.near/http", "[]");
    ol_job_report report = lab_run(&l, &task);
    CHECK_HAS(report.error, OL_STR("Nothing was executed."), "gate");
}

TEST("H17: a component may make a socket, and is denied every use of it")
{
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.projects = GUESTS});
    ol_task task = lab_task(&l, "sockets2", "");
    task.response_format = OL_FORMAT_TEXT;
    ol_job_report report = lab_run(&l, &task);
    if (!report.success)
        ol_test_fail(__FILE__, __LINE__, "%.*s", OL_FMT(report.error));
    CHECK_STR(report.call.output_json, OL_STR("\"create ok\\nbind 1\\nconnect 1\""));
}

TEST("a guest's request goes out and its answer comes back")
{
    char input[256];
    const char *const settings[] = {"ALLOW_LOOPBACK_ADDRESSES=true", NULL};
    http_stub *web = http_stub_start(serve_page, NULL);
    OL_AUTO(lab) l;
    lab_open(&l, &(lab_options){.projects = GUESTS, .settings = settings});
    static const char *const guests[] = {"http", "http2"};
    OL_EACH (guest, guests) {
        (void)snprintf(
            input, sizeof input,
            "[{\"method\":\"POST\",\"url\":\"http://127.0.0.1:%u/\",\"body\":\"hello\"}]",
            http_stub_port(web));
        check_guest(
            &l, *guest, input,
            "[{\"body\":\"hello\",\"headers\":[[\"content-length\",\"5\"]],\"status\":200}]");
    }
    http_stub_stop(web);
}

TEST("what a guest says on stderr goes to the hidden log where there is one")
{
    char url[128];
    OL_AUTO(lab) l = {0};
    const char *settings[] = {NULL, NULL};
    http_stub *hidden = http_stub_start(serve_page, NULL);
    (void)snprintf(url, sizeof url, "HIDDEN_LOGS_BASE_URL=http://127.0.0.1:%u",
                   http_stub_port(hidden));
    settings[0] = url;
    lab_open(&l, &(lab_options){.projects = GUESTS, .settings = settings});
    ol_task task = lab_task(&l, "exit", "3 private words");
    ol_job_report report = lab_run(&l, &task);
    check_failed(&report, OL_CLASS_EXECUTION_FAILED, "private words");
    CHECK(http_stub_await(hidden, 1, LAB_WAIT_MS));
    http_stub_stop(hidden);
}
