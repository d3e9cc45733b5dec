/* Every command in the READMEs of examples/, on the real programs: the lines behind `$ command` are
 * what it prints, and `…` in them matches anything within a line. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/fd.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"

enum { PAGE_BYTES_MAX = 256 * 1024, OUTPUT_BYTES_MAX = 16 << 20 };

static const char WEATHER[] =
    "{\"name\":\"São Paulo\",\"sys\":{\"country\":\"BR\"},\"main\":{\"temp\":24.5,\"humidity\":88},"
    "\"weather\":[{\"description\":\"light rain\"}],\"wind\":{\"speed\":3.6}}";

/* Answers only what a correct program asks. */
static void weather(void *context, const stub_request *request, stub_conn *conn)
{
    (void)context;
    bool right = ol_str_eq(request->target,
                           OL_STR("/data/2.5/weather?q=S%C3%A3o%20Paulo&units=metric&appid=k"));
    stub_answer(conn, right ? 200 : 404, "Content-Type: application/json\r\n", ol_str_of(WEATHER));
}

/* Does the whole line equal the pattern? */
static bool matches(ol_str pattern, ol_str line)
{
    static const ol_str ANY = OL_STR_INIT("…");
    size_t at;
    if (!ol_str_find(pattern, ANY, &at))
        return ol_str_eq(pattern, line);
    if (!ol_str_starts(line, ol_str_slice(pattern, 0, at)))
        return false;
    ol_str rest = ol_str_slice(pattern, at + ANY.len, pattern.len);
    for (size_t skip = at; skip <= line.len; skip++) {
        if (matches(rest, ol_str_slice(line, skip, line.len)))
            return true;
    }
    return false;
}

/* Standard output of a shell command, in the folder of the built examples. */
static ol_str run_shell(ol_str command, ol_buf *into)
{
    int ends[2];
    ol_err err = {0};
    char text[4096];
    CHECK(command.len < sizeof text && pipe(ends) == 0);
    (void)snprintf(text, sizeof text, "%.*s", OL_FMT(command));
    (void)fflush(NULL);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl("/bin/sh", "sh", "-c", text, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    OL_AUTO(ol_fd) out = {ends[0]};
    CHECK_OK(ol_read_all(out, into, &err));
    CHECK(waitpid(pid, NULL, 0) == pid);
    return ol_buf_str(into);
}

static void check_output(ol_str command, ol_str expected, const char *page)
{
    OL_AUTO(ol_buf) output = ol_buf_new(OUTPUT_BYTES_MAX);
    ol_str got = run_shell(command, &output), want, line;
    while (ol_str_next(&expected, '\n', &want)) {
        char row[2048];
        line = OL_STR("(nothing more)");
        (void)ol_str_next(&got, '\n', &line);
        (void)snprintf(row, sizeof row, "%.200s: %.*s\n  want %.*s\n  got  %.*s", page,
                       OL_FMT(ol_str_slice(command, 0, 100)), OL_FMT(ol_str_slice(want, 0, 150)),
                       OL_FMT(ol_str_slice(line, 0, 150)));
        CHECK_ROW(matches(want, line), row);
    }
    CHECK_STR_ROW(ol_str_trim(got), OL_STR(""), page);
}

/* Runs the ```console blocks of one page; returns how many commands there were. */
static unsigned check_page(const char *path)
{
    OL_AUTO(ol_buf) page = ol_buf_new(PAGE_BYTES_MAX);
    ol_err err = {0};
    unsigned commands = 0;
    size_t at;
    CHECK_OK(ol_file_load(path, &page, &err));
    ol_str rest = ol_buf_str(&page), command, block;
    while (ol_str_find(rest, OL_STR("```console\n$ "), &at)) {
        rest = ol_str_slice(rest, at + strlen("```console\n$ "), rest.len);
        CHECK_ROW(ol_str_find(rest, OL_STR("\n```"), &at), path);
        block = ol_str_slice(rest, 0, at + 1);
        rest = ol_str_slice(rest, at, rest.len);
        CHECK_ROW(ol_str_cut(block, '\n', &command, &block), path);
        check_output(command, block, path);
        commands++;
    }
    return commands;
}

static void check_example(const char *name, unsigned commands_min)
{
    char path[2048], folder[2048], search[4096];
    char home[1024];
    const char *bin = getenv("OL_BIN"), *wasm = getenv("OL_WASM"), *old = getenv("PATH");
    CHECK(bin != NULL && wasm != NULL && getcwd(home, sizeof home) != NULL);
    (void)snprintf(path, sizeof path, "%s/examples/%s/README.md", home, name);
    (void)snprintf(folder, sizeof folder, "%s/examples", wasm);
    (void)snprintf(search, sizeof search, "%s:%s", bin, old);
    CHECK(setenv("PATH", search, 1) == 0 && chdir(folder) == 0);
    unsigned commands = check_page(path);
    CHECK(chdir(home) == 0 && setenv("PATH", old != NULL ? old : "", 1) == 0);
    CHECK(commands >= commands_min);
}

TEST("the page of echo shows what echo prints")
{
    check_example("echo", 3);
}

TEST("the page of env-probe shows what env-probe prints")
{
    check_example("env-probe", 2);
}

TEST("the page of coin-flip shows what coin-flip prints")
{
    check_example("coin-flip", 3);
}

TEST("the page of big-output shows what big-output prints")
{
    check_example("big-output", 3);
}

TEST("the page of weather shows what weather prints against a local server")
{
    char api[64];
    http_stub *stub = http_stub_start(weather, NULL);
    (void)snprintf(api, sizeof api, "http://127.0.0.1:%u", http_stub_port(stub));
    CHECK(setenv("WEATHER_API", api, 1) == 0);
    check_example("weather", 5);
    CHECK_EQ(http_stub_requests(stub), 2);
    http_stub_stop(stub);
}

TEST("the page of counter shows what counter prints on a network of this machine")
{
    check_example("counter", 2);
}

TEST("the page of vrf-dice shows what vrf-dice prints, and that it is verified")
{
    check_example("vrf-dice", 4);
}

TEST("the page of paid-api shows what is paid and what comes back")
{
    check_example("paid-api", 2);
}

TEST("the page of private-dao shows what everybody sees and what nobody does")
{
    check_example("private-dao", 2);
}

TEST("the page of eth-signer shows who signed, and what is refused")
{
    check_example("eth-signer", 5);
}

TEST("the page of near-swap shows how NEAR fills a payment key")
{
    check_example("near-swap", 2);
}

TEST("every example has a page that is checked")
{
    unsigned pages = 0;
    DIR *folder = opendir("examples");
    CHECK(folder != NULL);
    for (struct dirent *e; (e = readdir(folder)) != NULL;) {
        char path[512];
        (void)snprintf(path, sizeof path, "examples/%s/README.md", e->d_name);
        if (e->d_name[0] != '.' && strchr(e->d_name, '.') == NULL) {
            CHECK_ROW(access(path, R_OK) == 0, path);
            pages++;
        }
    }
    (void)closedir(folder);
    CHECK_EQ(pages, 11);
}
