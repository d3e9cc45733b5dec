/* `outlayer dev` as its users meet it: the real programs, real runs, real signals (User experience
 * 6). */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "tests/e2e/cli_run.h"
#include "tests/harness/free_port.h"
#include "tests/harness/test.h"

enum { AWAIT_MS = 20000, OUTPUT_BYTES_MAX = 16 << 20 };

static ol_str out_of(const cli_result *r)
{
    return ol_buf_str(&r->out);
}

/* ---- every test begins alone */

/* What a failed test left running; one that passes ends its own. */
static pid_t running[2];

static void running_add(pid_t pid)
{
    size_t at = running[0] == 0 ? 0 : 1;
    CHECK(running[at] == 0);
    running[at] = pid;
}

static void running_remove(pid_t pid)
{
    OL_EACH (other, running)
        *other = *other == pid ? 0 : *other;
}

static void running_end(void)
{
    OL_EACH (pid, running) {
        if (*pid == 0)
            continue;
        (void)kill(*pid, SIGKILL);
        (void)waitpid(*pid, NULL, 0);
        *pid = 0;
    }
}

/* A new state folder and a folder of programs with echo in it. Text of the test's process. */
static const char *folder_with_echo(void)
{
    static char names[32][128];
    static size_t count;
    CHECK(count < OL_COUNT(names));
    char *name = names[count];
    (void)snprintf(name, sizeof names[0], "%s/dev%zu", cli_folder(), count++);
    OL_AUTO(cli_result) r = cli_shell("mkdir -p %s/p && cp examples/echo.wasm %s/p/", name, name);
    CHECK_EQ(r.exit, 0);
    return name;
}

/* The same at the beginning of a test. */
static const char *fresh(void)
{
    running_end();
    return folder_with_echo();
}

#define DEV "OUTLAYER_HOME=%s/home outlayer dev --projects %s/p --state %s/s "

TEST("once ready a command runs with API and key at hand, and dev ends with its code")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = cli_shell(DEV "--once --exec 'outlayer run dev.test.near/echo \"{\\\"n\\\":1}\"; test -s "
                      "$OUTLAYER_CREDENTIALS && test -n \"$OUTLAYER_API\" && exit 42'",
                  f, f, f);
    CHECK_STR(out_of(&r), OL_STR("{\"n\":1}\n"));
    CHECK_EQ(r.exit, 42);
    CHECK(cli_processes_gone());
}

TEST("runs are claimed in a session that the operator's key has opened, as on the public networks")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = cli_shell(
        DEV "--once --exec 'outlayer run -q dev.test.near/echo 1; curl -s -o /dev/null -w "
            "\"%%{http_code}\" -H \"Authorization: Bearer $(cat $OUTLAYER_STATE/worker-token)\" "
            "\"$OUTLAYER_API/executions/poll?timeout=0&capabilities=execution&claim=1&"
            "worker_id=w\"'",
        f, f, f);
    CHECK_STR(out_of(&r), OL_STR("1\n401"));
    CHECK_HAS(ol_buf_str(&r.err), OL_STR("session_begun at=coordinator"), NULL);
}

TEST("runs of both targets are metered and charged to the development key")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = cli_shell(
        "cp examples/echo.p2.wasm examples/coin-flip.wasm %s/p; " DEV
        "--once --exec 'outlayer run --json dev.test.near/echo 1; outlayer run --json "
        "dev.test.near/echo-p2 2; outlayer run -q dev.test.near/coin-flip; echo exit $?; outlayer "
        "keys balance'",
        f, f, f, f);
    ol_str text = out_of(&r);
    CHECK_HAS(text,
              OL_STR("\"status\":\"completed\",\"path\":\"https\",\"project\":"
                     "\"dev.test.near/echo\",\"version\":null,\"output\":1,"),
              NULL);
    CHECK_HAS(text, OL_STR("\"output\":2,"), NULL);
    CHECK_HAS(text, OL_STR("exit 1"), NULL);
    CHECK_HAS(text,
              OL_STR("dev.test.near:1  available 9997000  reserved 0  spent 3000  of "
                     "10000000"),
              NULL);
}

TEST("an asynchronous call is waited for by its id")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = cli_shell(DEV
                  "--once --exec 'outlayer wait $(outlayer run --async -q dev.test.near/echo 7)'",
                  f, f, f);
    CHECK_STR(out_of(&r), OL_STR("7\n"));
    CHECK_EQ(r.exit, 0);
}

TEST("keys: created with scope and cap, listed with balances, refused elsewhere")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = cli_shell(
        DEV
        "--once --exec 'K=$(outlayer keys create --grant -q --amount 50000 --project "
        "dev.test.near/other "
        "--max-per-call 9000 --out - --state %s/s); PAYMENT_KEY=$K outlayer run "
        "dev.test.near/echo 1; echo scope $?; K=$(outlayer keys create --grant -q --amount 50000 "
        "--max-per-call 9000 --out - --state %s/s); PAYMENT_KEY=$K outlayer run "
        "dev.test.near/echo 1; echo cap $?; PAYMENT_KEY=$K outlayer run --compute-limit 8000 "
        "dev.test.near/echo 1; echo fits $?; outlayer keys list --json; outlayer "
        "keys create --grant -q'; stat -c %%a %s/s/key-4 %s/s/tokens.json "
        "%s/s/home/local/credentials.json",
        f, f, f, f, f, f, f, f);
    ol_str text = out_of(&r);
    CHECK_HAS(text, OL_STR("scope 4"), NULL);
    CHECK_HAS(text, OL_STR("cap 3"), NULL);
    CHECK_HAS(text, OL_STR("1\nfits 0"), NULL);
    CHECK_HAS(text, OL_STR("\"nonce\":3,\"initial_balance\":\"50000\",\"spent\":\"1000\""), NULL);
    CHECK_HAS(text, OL_STR("/s/key-4\n600\n600\n600\n"), NULL);
}

TEST("the state is kept between starts, and forgotten with --reset")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = cli_shell(
        DEV
        "--once --exec 'outlayer run -q dev.test.near/echo 1' 2>%s/1 && " DEV
        "--once --exec 'outlayer keys balance' 2>%s/2 && " DEV
        "--reset --once --exec 'outlayer keys balance' 2>%s/3 && grep -h 'payment key' %s/1 %s/2 "
        "%s/3 | sort -u | wc -l",
        f, f, f, f, f, f, f, f, f, f, f, f, f, f, f);
    CHECK_HAS(out_of(&r), OL_STR("spent 1000 "), NULL);
    CHECK_HAS(out_of(&r), OL_STR("spent 0 "), NULL);
    CHECK_ENDS(ol_str_trim(out_of(&r)), OL_STR("\n1"), NULL); /* it follows from the seed */
}

TEST("a program that cannot be found beside it is named, exit 7")
{
    OL_AUTO(cli_result)
    r = cli_shell("mkdir -p %s/alone && cp $(command -v outlayer) %s/alone/ && "
                  "%s/alone/outlayer dev --state %s/alone/s",
                  cli_folder(), cli_folder(), cli_folder(), cli_folder());
    CHECK_EQ(r.exit, 7);
    CHECK_HAS(ol_buf_str(&r.err), OL_STR("outlayer-coordinator is missing"), NULL);
}

TEST("only the standard state is named in the user's credentials file, and dev says which it wrote")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    own = cli_shell(DEV "--port 0 --exec 'kill -INT $PPID'; test -e %s/home || echo untouched", f,
                    f, f, f);
    CHECK_STR(out_of(&own), OL_STR("untouched\n"));
    CHECK_HAS(ol_buf_str(&own.err), OL_STR("/s/home/local/credentials.json\n"), NULL);
    CHECK_HAS(ol_buf_str(&own.err), OL_STR("export OUTLAYER_HOME="), NULL);
    OL_AUTO(cli_result)
    standard = cli_shell("cd %s; OUTLAYER_HOME=%s/home outlayer dev --projects p --port 0 --exec "
                         "'kill -INT $PPID'; stat -c %%a home/local/credentials.json",
                         f, f);
    CHECK_STR(out_of(&standard), OL_STR("600\n"));
    CHECK_HAS(ol_buf_str(&standard.err), OL_STR("/home/local/credentials.json\n"), NULL);
    CHECK(cli_processes_gone());
}

/* ---- a dev that stays up */

typedef struct dev {
    pid_t pid;
    int out;
    ol_buf text;   /* all it wrote */
    size_t looked; /* how far dev_await got */
    char port[8];
} dev;

/* `terminal`: on a pty. Arguments after the folders' own. */
static dev dev_start(const char *f, const char *options, bool terminal)
{
    dev d = {.text = ol_buf_new(OUTPUT_BYTES_MAX)};
    char line[2048];
    int ends[2] = {-1, -1};
    (void)snprintf(line, sizeof line,
                   "cd $OL_WASM; export OUTLAYER_HOME=%s/home; exec $OL_BIN/outlayer dev "
                   "--projects %s/p --state %s/s %s",
                   f, f, f, options);
    (void)fflush(NULL);
    CHECK(terminal || pipe(ends) == 0);
    d.pid = terminal ? forkpty(&d.out, NULL, NULL, NULL) : fork();
    CHECK(d.pid >= 0);
    if (d.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* nothing stays behind a test that dies */
        if (!terminal) {
            (void)dup2(ends[1], STDOUT_FILENO);
            (void)close(ends[0]);
            (void)close(ends[1]);
        }
        (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    running_add(d.pid);
    if (!terminal) {
        (void)close(ends[1]);
        d.out = ends[0];
    }
    return d;
}

/* Reads until `what` came behind the place of the last one; false at the end or after 20 s. */
static bool dev_await(dev *d, const char *what)
{
    int64_t until = ol_mono_ns(ol_clock_real()) + (int64_t)AWAIT_MS * 1000000;
    for (;;) {
        ol_str unseen = ol_str_slice(ol_buf_str(&d->text), d->looked, d->text.len);
        size_t at;
        if (ol_str_find(unseen, ol_str_of(what), &at)) {
            d->looked += at + strlen(what);
            return true;
        }
        struct pollfd more = {.fd = d->out, .events = POLLIN};
        int64_t left = (until - ol_mono_ns(ol_clock_real())) / 1000000;
        uint8_t *into = ol_buf_reserve(&d->text, 65536);
        if (left <= 0 || into == NULL || poll(&more, 1, (int)left) <= 0)
            return false;
        ssize_t n = read(d->out, into, 65536);
        if (n <= 0)
            return false;
        d->text.len += (size_t)n;
    }
}

#define CHECK_COMES(d, what)                                                                       \
    (dev_await((d), (what)) ? (void)0                                                              \
                            : ol_test_fail(__FILE__, __LINE__, "did not come: %s\nafter: %.*s",    \
                                           (what), OL_FMT(ol_buf_str(&(d)->text))))

/* Both programs have read the projects file again; their lines come in either order. */
static void await_reload(dev *d)
{
    size_t from = d->looked;
    CHECK_COMES(d, "\"event\":\"projects_loaded\"");
    size_t first = d->looked;
    d->looked = from;
    CHECK_COMES(d, "\"event\":\"projects_reloaded\"");
    d->looked = first > d->looked ? first : d->looked;
}

/* Waits for a dev that ends by itself. */
static int dev_status(dev *d)
{
    int status;
    while (dev_await(d, "never written")) {
    }
    CHECK(waitpid(d->pid, &status, 0) == d->pid);
    running_remove(d->pid);
    (void)close(d->out);
    ol_buf_deinit(&d->text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int dev_end(dev *d, int number)
{
    CHECK(kill(d->pid, number) == 0);
    return dev_status(d);
}

TEST("a changed program is served without a restart, and a broken one keeps the version before")
{
    const char *f = fresh();
    dev d = dev_start(f, "--port 0 --json", false);
    CHECK_COMES(&d, "\"event\":\"ready\"");
    OL_AUTO(cli_result)
    first = cli_shell("OUTLAYER_HOME=%s/s/home outlayer run -q "
                      "dev.test.near/echo '{\"choice\":\"heads\"}'",
                      f);
    CHECK_STR(out_of(&first), OL_STR("{\"choice\":\"heads\"}\n"));

    OL_AUTO(cli_result) copied = cli_shell("cp examples/coin-flip.wasm %s/p/echo.wasm", f);
    CHECK_COMES(&d, "\"event\":\"project_changed\",\"project\":\"dev.test.near/echo\"");
    size_t from = d.looked;
    await_reload(&d);
    d.looked = from; /* the three come in any order */
    CHECK_COMES(&d, "\"event\":\"projects_published\"");
    OL_AUTO(cli_result)
    second = cli_shell("OUTLAYER_HOME=%s/s/home outlayer run -q "
                       "dev.test.near/echo '{\"choice\":\"heads\"}'",
                       f);
    CHECK_HAS(out_of(&second), OL_STR("\"side\":"), NULL);
    OL_AUTO(cli_result)
    chain =
        cli_shell("OUTLAYER_HOME=%s/s/home outlayer run -q --path chain "
                  "dev.test.near/echo '{\"choice\":\"tails\"}'; OUTLAYER_HOME=%s/s/home outlayer "
                  "versions dev.test.near/echo | cut -c 1 | tr '\\n' '-'",
                  f, f);
    CHECK_HAS(out_of(&chain), OL_STR("\"choice\":\"tails\""), NULL);
    CHECK_ENDS(out_of(&chain), OL_STR("\n -*-"), NULL); /* a version more, active */

    OL_AUTO(cli_result) broken = cli_shell("echo no program > %s/p/echo.wasm", f);
    CHECK_COMES(&d, "\"event\":\"project_refused\",\"project\":\"dev.test.near/echo\","
                    "\"reason\":\"not_wasm\",\"text\":\"neither a WebAssembly module");
    OL_AUTO(cli_result)
    third = cli_shell("OUTLAYER_HOME=%s/s/home outlayer run -q "
                      "dev.test.near/echo '{\"choice\":\"heads\"}'",
                      f);
    CHECK_HAS(out_of(&third), OL_STR("\"side\":"), NULL);

    OL_AUTO(cli_result) removed = cli_shell("rm %s/p/echo.wasm", f);
    CHECK_COMES(&d, "\"event\":\"project_removed\"");
    await_reload(&d);
    OL_AUTO(cli_result)
    gone = cli_shell("OUTLAYER_HOME=%s/s/home outlayer --json run -q "
                     "dev.test.near/echo '{}'",
                     f);
    CHECK_EQ(gone.exit, 1);
    CHECK_HAS(out_of(&gone), OL_STR("Project not found"), NULL);
    CHECK_EQ(dev_end(&d, SIGTERM), 0);
    CHECK(cli_processes_gone());
}

TEST("a taken port is said, and the next free one taken; a second dev on one state is refused")
{
    const char *f = fresh();
    char option[32], taken[64];
    unsigned port = free_port();
    (void)snprintf(option, sizeof option, "--port %u 2>&1", port);
    (void)snprintf(taken, sizeof taken, "port %u is taken: using ", port);
    dev d = dev_start(f, option, false);
    CHECK_COMES(&d, "ready after");
    OL_AUTO(cli_result) same = cli_shell(DEV "--json", f, f, f);
    CHECK_EQ(same.exit, 1);
    CHECK_HAS(out_of(&same), OL_STR("another outlayer dev runs on"), NULL);
    dev e = dev_start(folder_with_echo(), option, false);
    CHECK_COMES(&e, taken);
    CHECK_COMES(&e, "ready after");
    CHECK_EQ(dev_end(&e, SIGINT), 0);
    CHECK_EQ(dev_end(&d, SIGINT), 0);
    CHECK(cli_processes_gone());
}

TEST("killed, dev takes its children with it")
{
    const char *f = fresh();
    dev d = dev_start(f, "--port 0", false);
    CHECK_COMES(&d, "ready after");
    CHECK(cli_processes() >= 4); /* dev, coordinator, worker, runner */
    CHECK_EQ(dev_end(&d, SIGKILL), 128 + SIGKILL);
    CHECK(cli_processes_gone());
}

/* The text of a file of /proc, NULs and all. */
static void add_file(ol_buf *into, pid_t pid, const char *name)
{
    char path[64];
    ol_err err = {0};
    (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    CHECK_OK(ol_file_load(path, into, &err));
}

TEST("no token is in an environment, a command line or an event")
{
    const char *f = fresh();
    dev d = dev_start(f, "--port 0 --json -v 2>&1", false);
    CHECK_COMES(&d, "\"event\":\"ready\"");
    OL_AUTO(cli_result)
    run = cli_shell("OUTLAYER_HOME=%s/s/home outlayer run -q dev.test.near/echo 1; "
                    "cut -d '\"' -f 4,8 --output-delimiter ' ' %s/s/tokens.json",
                    f, f);
    ol_str tokens = out_of(&run), token;
    CHECK(ol_str_cut(tokens, '\n', &token, &tokens));
    CHECK_STR(token, OL_STR("1"));
    CHECK_COMES(&d, "\"event\":\"job_done\"");
    OL_AUTO(ol_buf) seen = ol_buf_new(OUTPUT_BYTES_MAX);
    static const char *const PROGRAMS[] = {"outlayer", "outlayer-coordinator", "outlayer-worker"};
    OL_EACH (name, PROGRAMS) {
        pid_t pid = cli_process_find(*name);
        add_file(&seen, pid, "environ");
        add_file(&seen, pid, "cmdline");
    }
    ol_buf_add(&seen, ol_buf_bytes(&d.text));
    tokens = ol_str_trim(tokens);
    unsigned count = 0;
    for (size_t at; ol_str_next(&tokens, ' ', &token); count++) {
        CHECK_EQ(token.len, 64);
        CHECK(!ol_str_find(ol_buf_str(&seen), token, &at));
    }
    CHECK_EQ(count, 2);
    CHECK_EQ(dev_end(&d, SIGTERM), 0);
}

TEST("a worker that ends by itself ends dev with exit 7")
{
    const char *f = fresh();
    dev d = dev_start(f, "--port 0 2>&1", false);
    CHECK_COMES(&d, "ready after");
    CHECK(kill(cli_process_find("outlayer-worker"), SIGKILL) == 0);
    CHECK_COMES(&d, "the worker was killed by signal 9; the state is safe, start again");
    CHECK_EQ(dev_status(&d), 7);
    CHECK(cli_processes_gone());
}

TEST("on a terminal events are coloured, and Ctrl-C stops everything")
{
    const char *f = fresh();
    dev d = dev_start(f, "--port 0 --first-call echo", true);
    CHECK_COMES(&d, "\033[1moutlayer dev");
    CHECK_COMES(&d, "ready after");
    CHECK_COMES(&d, "{\"hello\":\"world\"}");
    CHECK_COMES(&d, "completed · ");
    CHECK(write(d.out, "\003", 1) == 1); /* the key, not the signal */
    CHECK_COMES(&d, "\033[36mworker      worker_stopped");
    CHECK_EQ(dev_status(&d), 0);

    dev plain = dev_start(f, "--port 0 --no-color", true);
    CHECK_COMES(&plain, "outlayer dev");
    CHECK_COMES(&plain, "ready after");
    size_t at;
    CHECK(!ol_str_find(ol_buf_str(&plain.text), OL_STR("\033["), &at));
    CHECK_EQ(dev_end(&plain, SIGINT), 0);
    CHECK(cli_processes_gone());
}

TEST("on a terminal single keys turn the chain, call again and end everything")
{
    const char *f = fresh();
    dev d = dev_start(f, "--port 0 --chain-port 0 --no-color --block-ms 0", true);
    CHECK_COMES(&d, "[f]ast-forward 200 blocks [m]ine one [s]napshot [l]ogs [q]uit");
    CHECK_COMES(&d, "ready after");
    CHECK(write(d.out, "m", 1) == 1);
    CHECK_COMES(&d, "block ");
    CHECK(write(d.out, "f", 1) == 1);
    CHECK_COMES(&d, "block 2"); /* 200 and some */
    CHECK(write(d.out, "c", 1) == 1);
    CHECK_COMES(&d, "$ outlayer run dev.test.near/echo");
    CHECK_COMES(&d, "µUSD · call ");
    CHECK_COMES(&d, "$ outlayer run --path chain dev.test.near/echo");
    CHECK_COMES(&d, " back · request 0 · tx ");
    CHECK(write(d.out, "l", 1) == 1);
    CHECK_COMES(&d, "events are hidden");
    CHECK(write(d.out, "s", 1) == 1);
    CHECK_COMES(&d, "kept as last");
    CHECK(write(d.out, "xq", 2) == 2);
    CHECK_EQ(dev_status(&d), 0);
    CHECK(cli_processes_gone());
}

TEST("a dev that was killed could not keep its chain: the next one says so and begins anew")
{
    const char *f = fresh();
    dev d = dev_start(f, "--port 0 --chain-port 0", false);
    CHECK_COMES(&d, "ready after");
    OL_AUTO(cli_result)
    before = cli_shell("OUTLAYER_HOME=%s/s/home outlayer run -q --path chain dev.test.near/echo 1; "
                       "OUTLAYER_HOME=%s/s/home outlayer run -q dev.test.near/echo 1",
                       f, f);
    CHECK_STR(out_of(&before), OL_STR("1\n1\n"));
    CHECK_EQ(dev_end(&d, SIGKILL), 128 + SIGKILL);
    CHECK(cli_processes_gone());
    OL_AUTO(cli_result)
    after = cli_shell(DEV "--once --exec 'outlayer keys balance; outlayer --json run --path chain "
                          "dev.test.near/echo 2'",
                      f, f, f);
    CHECK_HAS(ol_buf_str(&after.err),
              OL_STR("the last run was cut off: chain and ledger begin anew"), NULL);
    CHECK_HAS(out_of(&after), OL_STR("spent 0 "), NULL);
    CHECK_HAS(out_of(&after), OL_STR("{\"request_id\":0,"), NULL);
    OL_AUTO(cli_result)
    third = cli_shell(DEV "--once --exec 'outlayer --json run --path chain dev.test.near/echo 3'",
                      f, f, f);
    CHECK_HAS(out_of(&third), OL_STR("{\"request_id\":1,"), NULL);
}

TEST("without a chain calls over HTTPS work, and orders are refused")
{
    const char *f = fresh();
    OL_AUTO(cli_result)
    r = cli_shell(DEV
                  "--no-chain --once --exec 'outlayer run -q dev.test.near/echo 1; outlayer dev "
                  "ctl mine 1; echo $?; test -e $OUTLAYER_HOME/local/accounts.json; echo $?'",
                  f, f, f);
    CHECK_STR(out_of(&r), OL_STR("1\n3\n1\n"));
    CHECK_HAS(ol_buf_str(&r.err), OL_STR("this dev runs without a chain"), NULL);
}
