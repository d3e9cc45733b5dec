/* The command line without services: usage, exit codes, JSON shapes, a server that is not there or
 * answers what it likes (User experience 3). */
#include <stdio.h>
#include <string.h>

#include "lib/codec/json_read.h"
#include "tests/e2e/cli_run.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"

#define KEY "alice.near:1:0000000000000000000000000000000000000000000000000000000000000001"

static ol_str out_of(const cli_result *r)
{
    return ol_buf_str(&r->out);
}

static ol_str err_of(const cli_result *r)
{
    return ol_buf_str(&r->err);
}

/* The one object on standard output. */
static ol_json object_of(const cli_result *r)
{
    ol_json root;
    ol_err err = {0};
    CHECK_OK(ol_json_parse(out_of(r), &root, &err));
    return root;
}

static void check_member(const cli_result *r, const char *name, const char *raw)
{
    ol_json root = object_of(r), value;
    CHECK_ROW(ol_json_find(&root, ol_str_of(name), &value), name);
    CHECK_STR_ROW(value.raw, ol_str_of(raw), name);
}

TEST("what is asked wrongly exits 3 and says what is wrong")
{
    static const struct {
        const char *line;
        const char *says;
    } CASES[] = {
        {"outlayer nonsense", "there is no command nonsense"},
        {"outlayer secrets nonsense",
         "there is no command secrets nonsense; see outlayer help secrets"},
        {"outlayer run", "usage: outlayer run PROJECT [INPUT]"},
        {"outlayer run a b c", "usage: outlayer run"},
        {"outlayer run alice", "a project reads owner/name"},
        {"outlayer run alice.near/../admin", "a project reads owner/name"},
        {"outlayer run alice.near/..", "a project reads owner/name"},
        {"outlayer run 'alice.near/a?b'", "a project reads owner/name"},
        {"outlayer run --path chain 'alice.near/a\"b'", "a project reads owner/name"},
        {"outlayer keys create --account a.near --project b", "--project reads owner/name"},
        {"outlayer keys create --account a.near --max-per-call 0", "--max-per-call is at least 1"},
        {"outlayer keys create --account a.near --out /nonexistent/f",
         "--out: cannot write into /nonexistent"},
        {"outlayer keys create --account a.near --amount 1e3", "an amount is 0.25usd"},
        {"outlayer keys create --account a.near --amount 0.0000001usd", "at most 6 digits"},
        {"outlayer keys topup 1 99999999999999999near", "an amount of NEAR is written 0.5near"},
        {"outlayer keys create --grant --amount 0", "--amount reads 0.25usd"},
        {"outlayer run a/b --nonsense", "unknown option --nonsense"},
        {"outlayer run a/b --async=yes", "--async takes no value"},
        {"outlayer run a/b --input", "--input needs a value"},
        {"outlayer run --path chain", "name a project"},
        {"outlayer run a/b --path mail", "--path is https or chain"},
        {"outlayer run a/b '{'", "the input is not JSON"},
        {"outlayer run a/b 1 --input x", "input is given twice"},
        {"outlayer run a/b --deposit 1.5", "--deposit must be a whole number"},
        {"outlayer run a/b --memory 0", "--memory must be a number from 1 to"},
        {"outlayer run a/b --secrets-profile p", "go together"},
        {"outlayer wait 12", "an id is a call's UUID"},
        {"outlayer test", "name one program"},
        {"outlayer test /nonexistent.wasm", "/nonexistent.wasm"},
        {"outlayer test a.wasm --env X", "--env reads NAME=VALUE"},
        {"outlayer --network moon version", "a network is local, testnet or mainnet"},
        {"outlayer completion tcsh", "scripts for bash, zsh and fish"},
        {"outlayer dev --once", "--once needs --exec"},
        {"outlayer dev ctl dance", "fast-forward N, mine N"},
        {"outlayer dev ctl fund", "fund takes a name"},
        {"outlayer create 'a b'", "a name has letters"},
        {"outlayer create a --template tree", "a template is basic or contract"},
        {"outlayer create a --lang rust", "--lang is c"},
        {"outlayer build", "there is no outlayer.toml here"},
        {"outlayer deploy", "usage: outlayer deploy NAME"},
        {"outlayer deploy a", "what is to be deployed?"},
        {"outlayer deploy a https://x/y", "a URL needs --hash"},
        {"outlayer deploy a https://x/y --hash 12", "a hash is a SHA-256"},
        {"outlayer deploy a --github r", "--github and --commit go together"},
        {"outlayer deploy a --file a.wasm --target p3", "a target is p1 or p2"},
        {"outlayer run --path chain a/b --compute-limit 5", "goes with --path https"},
        {"outlayer run --path chain a/b --deposit 0.5", "--deposit reads 0.25near"},
        {"outlayer run a/b --wasm u", "--wasm goes with --path chain"},
        {"outlayer cost --path mail", "--path is https or chain"},
        {"outlayer cancel one", "named by its number"},
        {"outlayer status one", "an id is a call's UUID"},
        {"outlayer wait 01a1fd9b-f6fd-7d3f-868b-c868a892d2de --for proven", "--for is done"},
        {"outlayer projects", "whose projects?"},
        {"outlayer projects A", "A is no account id"},
        {"outlayer versions", "which project? there is no outlayer.toml"},
        {"outlayer login", "name one credential"},
        {"outlayer login moon --import-key -", "a network is local, testnet or mainnet"},
        {"outlayer login --import-key - </dev/null", "whose key is it?"},
        {"outlayer contract call a.b", "usage: outlayer contract call"},
        {"outlayer contract call a.b m '{'", "the arguments are not JSON"},
        {"outlayer contract view A m", "A is no account id"},
        {"outlayer project transfer a.b/c A", "A is no account id"},
    };
    OL_EACH (c, CASES) {
        OL_AUTO(cli_result)
        r = cli_shell("touch %s/a.wasm; cd %s; %s", cli_folder(), cli_folder(), c->line);
        CHECK_EQ_ROW(r.exit, 3, c->line);
        CHECK_HAS(err_of(&r), ol_str_of(c->says), c->line);
        CHECK_STR_ROW(out_of(&r), OL_STR(""), c->line);
    }
}

TEST("with --json a failure is one object on standard output, and nothing on standard error")
{
    OL_AUTO(cli_result) r = cli_shell("outlayer --json run alice");
    CHECK_EQ(r.exit, 3);
    check_member(&r, "error", "\"a project reads owner/name\"");
    check_member(&r, "reason", "\"usage\"");
    check_member(&r, "terminal", "true");
    check_member(&r, "request_id", "null");
    check_member(&r, "exit", "3");
    CHECK_STR(err_of(&r), OL_STR(""));
}

TEST("without a payment key nothing is sent and the exit code is 5")
{
    OL_AUTO(cli_result)
    r = cli_shell("unset PAYMENT_KEY; OUTLAYER_HOME=%s/none outlayer --json run a/b '{}'",
                  cli_folder());
    CHECK_EQ(r.exit, 5);
    check_member(&r, "reason", "\"no_payment_key\"");
}

TEST("a payment key as an argument is refused, a malformed one exits 4")
{
    OL_AUTO(cli_result) positional = cli_shell("outlayer run a/b --payment-key " KEY);
    CHECK_EQ(positional.exit, 3);
    CHECK_HAS(err_of(&positional), OL_STR("visible to every process"), NULL);
    OL_AUTO(cli_result) malformed = cli_shell("echo a:b | outlayer run a/b --payment-key -");
    CHECK_EQ(malformed.exit, 4);
}

TEST("a credentials file that others can read is refused")
{
    OL_AUTO(cli_result)
    r = cli_shell(
        "unset PAYMENT_KEY; mkdir -p %s/open/local; echo '{\"payment_key\":\"" KEY
        "\"}' > %s/open/local/credentials.json; chmod 644 %s/open/local/credentials.json; "
        "OUTLAYER_HOME=%s/open outlayer run a/b",
        cli_folder(), cli_folder(), cli_folder(), cli_folder());
    CHECK_EQ(r.exit, 4);
    CHECK_HAS(err_of(&r), OL_STR("can be read by others"), NULL);
}

TEST("files of credentials that cannot be used are named, whatever is asked, and exit 7")
{
    OL_AUTO(cli_result)
    r = cli_shell("unset PAYMENT_KEY; export OUTLAYER_HOME=%s/damaged; umask 077; "
                  "mkdir -p $OUTLAYER_HOME/local; cd $OUTLAYER_HOME/local; "
                  "echo '{\"x' > credentials.json; outlayer run a/b; echo $?; "
                  "outlayer -q whoami; echo $?; rm credentials.json; echo '[' > accounts.json; "
                  "outlayer --account a.near secrets show --project a.near/b; echo $?",
                  cli_folder());
    CHECK_STR(out_of(&r), OL_STR("7\n4\n7\n"));
    CHECK_HAS(err_of(&r), OL_STR("error: "), NULL);
    CHECK_HAS(err_of(&r), OL_STR("/damaged/local/credentials.json is damaged"), NULL);
    CHECK_HAS(err_of(&r), OL_STR("nothing in it counts\nerror: no account on local"), NULL);
    CHECK_HAS(err_of(&r), OL_STR("/damaged/local/accounts.json is damaged"), NULL);
}

TEST("--max-cost refuses before anything is sent")
{
    OL_AUTO(cli_result)
    r = cli_shell("PAYMENT_KEY=" KEY
                  " outlayer --json --api http://127.0.0.1:1 run a/b --compute-limit 5000 "
                  "--deposit 1 --max-cost 5000");
    CHECK_EQ(r.exit, 5);
    check_member(&r, "reason", "\"max_cost\"");
}

TEST("--dry-run prints the request without the key and sends nothing")
{
    OL_AUTO(cli_result)
    r = cli_shell("PAYMENT_KEY=" KEY " outlayer --json --dry-run --api http://127.0.0.1:1 run a/b "
                  "'{\"n\":1}' --deposit 7 --idempotency-key k --memory 64");
    CHECK_EQ(r.exit, 0);
    check_member(&r, "url", "\"http://127.0.0.1:1/call/a/b\"");
    check_member(&r, "body",
                 "{\"input\":{\"n\":1},\"resource_limits\":{\"max_memory_mb\":64},\"async\":true}");
    size_t at;
    CHECK(!ol_str_find(out_of(&r), OL_STR("0000000001"), &at));
    CHECK_HAS(out_of(&r), OL_STR("\"X-Payment-Key\":\"(not shown)\""), NULL);
}

TEST("--network on the command line beats OUTLAYER_API, and --api beats both")
{
    static const struct {
        const char *options;
        const char *url; /* NULL: none is known, exit 3 */
    } CASES[] = {
        {"", "\"http://env:1/call/a/b\""},
        {"--network local", "\"http://127.0.0.1:8080/call/a/b\""},
        {"--network mainnet", NULL},
        {"--network mainnet --api http://flag:1", "\"http://flag:1/call/a/b\""},
    };
    OL_EACH (c, CASES) {
        const char *dry = c->url != NULL ? "--dry-run" : "";
        OL_AUTO(cli_result)
        r = cli_shell("export OUTLAYER_API=http://env:1 OUTLAYER_HOME=%s/none PAYMENT_KEY=" KEY
                      "; outlayer --json %s %s run a/b",
                      cli_folder(), dry, c->options);
        CHECK_EQ_ROW(r.exit, c->url != NULL ? 0 : 3, c->options);
        if (c->url != NULL)
            check_member(&r, "url", c->url);
        else
            check_member(&r, "error",
                         "\"no API is known for network mainnet: name it with --api\"");
    }
}

TEST("a coordinator that is not there exits 6, and the failure says where and what to do")
{
    OL_AUTO(cli_result)
    r = cli_shell("PAYMENT_KEY=" KEY " outlayer --json --api http://127.0.0.1:1 run a/b");
    CHECK_EQ(r.exit, 6);
    CHECK_HAS(out_of(&r), OL_STR("{\"error\":\"the API at http://127.0.0.1:1: "), NULL);
    check_member(&r, "hint", "\"is `outlayer dev` running? --api and --rpc name other addresses\"");
    OL_AUTO(cli_result) chain = cli_shell("outlayer --rpc http://127.0.0.1:1 projects a.near");
    CHECK_EQ(chain.exit, 6);
    CHECK_HAS(err_of(&chain), OL_STR("error: the node at http://127.0.0.1:1: "), NULL);
    CHECK_HAS(err_of(&chain), OL_STR(" hint: is `outlayer dev` running?"), NULL);
}

/* ---- a scripted coordinator */

typedef struct script {
    int status;       /* of POST /call */
    const char *body; /* of it */
    const char *ends; /* of GET /calls */
    unsigned posts;
    char key_header[2][64]; /* X-Idempotency-Key of the first two */
    bool drop_first;
    const char *held; /* of GET /calls that waits; else it is held back */
    char asked[128];  /* the newest target of GET */
} script;

#define CALL_ID "01a1fd9b-f6fd-7d3f-868b-c868a892d2de"
#define PENDING "{\"call_id\":\"" CALL_ID "\",\"status\":\"pending\"}"

static void coordinator(void *context, const stub_request *request, stub_conn *conn)
{
    script *s = context;
    if (ol_str_eq(request->method, OL_STR("POST"))) {
        unsigned n = __atomic_fetch_add(&s->posts, 1, __ATOMIC_RELAXED); /* a thread a connection */
        if (n < 2)
            (void)snprintf(s->key_header[n], sizeof s->key_header[n], "%.*s",
                           OL_FMT(stub_header(request, "X-Idempotency-Key")));
        if (s->drop_first && n == 0)
            stub_close(conn);
        else
            stub_answer(conn, s->status, "Content-Type: application/json\r\n", ol_str_of(s->body));
    } else {
        (void)snprintf(s->asked, sizeof s->asked, "%.*s", OL_FMT(request->target));
        if (s->ends != NULL)
            stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_str_of(s->ends));
        else if (ol_str_ends(request->target, OL_STR("?wait=0")))
            stub_answer(conn, 200, "Content-Type: application/json\r\n", OL_STR(PENDING));
        else if (s->held != NULL)
            stub_answer(conn, 200, "Content-Type: application/json\r\n", ol_str_of(s->held));
        else
            (void)stub_pause(conn, 30000);
    }
}

static cli_result run_against(script *s, const char *before, const char *options)
{
    http_stub *stub = http_stub_start(coordinator, s);
    cli_result r = cli_shell("%s PAYMENT_KEY=" KEY " outlayer --api http://127.0.0.1:%u %s", before,
                             http_stub_port(stub), options);
    http_stub_stop(stub);
    return r;
}

TEST("each refusal of the coordinator has its exit code, its text and its reason")
{
    static const struct {
        int status;
        const char *body;
        int exit;
        const char *reason;
    } CASES[] = {
        {400, "{\"error\":\"Compute limit too low: min=1000, provided=1\"}", 3, "\"invalid\""},
        {401, "{\"error\":\"Invalid payment key\"}", 4, "\"unauthorized\""},
        {402, "{\"error\":\"Insufficient balance: available=1, required=2\"}", 5,
         "\"insufficient_balance\""},
        {403, "{\"error\":\"Project not allowed for this payment key\"}", 4, "\"forbidden\""},
        {404, "{\"error\":\"Project not found\",\"reason\":\"project_not_found\"}", 1,
         "\"project_not_found\""},
        {409, "{\"error\":\"Idempotency key reused with a different request\"}", 1, "\"conflict\""},
        {429, "{\"error\":\"Rate limit exceeded\"}", 6, "\"rate_limited\""},
        {500, "{\"error\":\"Storage unavailable\",\"request_id\":\"r-81\"}", 6, "\"unavailable\""},
        {500, "plain words", 6, "\"unavailable\""},
        {200, "not json", 6, "\"protocol\""},
        {200, "", 6, "\"protocol\""},
        {200, "{\"call_id\":\"x\"}", 6, "\"protocol\""},
    };
    OL_EACH (c, CASES) {
        script s = {.status = c->status, .body = c->body};
        OL_AUTO(cli_result) r = run_against(&s, "", "run a/b --json");
        CHECK_EQ_ROW(r.exit, c->exit, c->body);
        check_member(&r, "reason", c->reason);
    }
    script s = {.status = 500,
                .body = "{\"error\":\"Storage unavailable\",\"request_id\":\"r-81\"}"};
    OL_AUTO(cli_result) r = run_against(&s, "", "run a/b");
    CHECK_HAS(err_of(&r), OL_STR("error: Storage unavailable"), NULL);
    CHECK_HAS(err_of(&r), OL_STR("r-81"), NULL);
}

TEST("the result alone is on standard output, one summary line on standard error")
{
    script s = {.status = 200,
                .body = PENDING,
                .ends = "{\"call_id\":\"" CALL_ID
                        "\",\"status\":\"completed\",\"output\":{\"a\": [1,2]},"
                        "\"compute_cost\":\"1002\",\"instructions\":501,\"time_ms\":12,"
                        "\"job_id\":8812,\"attestation_url\":\"/attestations/8812\"}"};
    OL_AUTO(cli_result) human = run_against(&s, "", "run a/b");
    CHECK_EQ(human.exit, 0);
    CHECK_STR(out_of(&human), OL_STR("{\"a\": [1,2]}\n"));
    CHECK_HAS(err_of(&human), OL_STR("completed · 12 ms · 501 instructions · 1002 µUSD"), NULL);
    OL_AUTO(cli_result) quiet = run_against(&s, "", "run a/b -q");
    CHECK_STR(err_of(&quiet), OL_STR(""));
    OL_AUTO(cli_result) json = run_against(&s, "", "run a/b --json --deposit 5 --path https --yes");
    CHECK_STR(out_of(&json),
              OL_STR("{\"call_id\":\"" CALL_ID
                     "\",\"job_id\":8812,\"status\":\"completed\",\"path\":\"https\",\"project\":"
                     "\"a/b\",\"version\":null,\"output\":{\"a\": [1,2]},\"instructions\":501,"
                     "\"time_ms\":12,\"compute_cost\":\"1002\",\"attached_deposit\":\"5\","
                     "\"reserved\":\"10005\",\"attestation_url\":\"/attestations/8812\","
                     "\"verdict\":null}\n"));
}

TEST("a result that nobody can take is a failure, also where standard output is closed")
{
    script s = {.status = 200,
                .body = PENDING,
                .ends = "{\"call_id\":\"" CALL_ID "\",\"status\":"
                        "\"completed\",\"output\":1}"};
    static const char *const NOWHERE[] = {"run a/b >&-", "run a/b >/dev/full", "--json run a/b >&-",
                                          "help >/dev/full"};
    OL_EACH (line, NOWHERE) {
        OL_AUTO(cli_result) r = run_against(&s, "", *line);
        CHECK_EQ_ROW(r.exit, 7, *line);
        if ((*line)[0] != '-')
            CHECK_HAS(err_of(&r), OL_STR("standard output cannot be written"), *line);
    }
}

TEST("a result is byte for byte in a pipe, and no command to a terminal")
{
    script s = {.status = 200,
                .body = PENDING,
                .ends = "{\"call_id\":\"" CALL_ID "\",\"status\":"
                        "\"completed\",\"output\":\"a\x7f\xc2\x9b\"}"};
    OL_AUTO(cli_result) piped = run_against(&s, "", "-q run a/b");
    CHECK_STR(out_of(&piped), OL_STR("\"a\x7f\xc2\x9b\"\n"));
    OL_AUTO(cli_result)
    shown = run_against(&s, "terminal() { script -qec \"$*\" /dev/null </dev/null; }; terminal",
                        "-q run a/b");
    CHECK_HAS(out_of(&shown), OL_STR("\"a\\x7f\\xc2\\x9b\""), "or however it is written");
}

TEST("a failed run exits 1 with its error, and prints nothing on standard output")
{
    script s = {.status = 200,
                .body = PENDING,
                .ends = "{\"call_id\":\"" CALL_ID
                        "\",\"status\":\"failed\",\"error\":\"boom \\u001b[31m\",\"compute_cost\":"
                        "\"1000\"}"};
    OL_AUTO(cli_result) human = run_against(&s, "", "run a/b");
    CHECK_EQ(human.exit, 1);
    CHECK_STR(out_of(&human), OL_STR(""));
    CHECK_HAS(err_of(&human), OL_STR("error: boom \\x1b[31m"), NULL); /* no command to a terminal */
    OL_AUTO(cli_result) json = run_against(&s, "", "run a/b --json");
    CHECK_EQ(json.exit, 1);
    check_member(&json, "status", "\"failed\"");
    check_member(&json, "reason", "\"execution_failed\"");
    check_member(&json, "exit", "1");
}

TEST("--async prints the call's id, wait prints its states and its end")
{
    script s = {.status = 200, .body = PENDING, .ends = PENDING};
    OL_AUTO(cli_result) sent = run_against(&s, "", "run a/b --async");
    CHECK_EQ(sent.exit, 0);
    CHECK_STR(out_of(&sent), OL_STR(CALL_ID "\n"));
    OL_AUTO(cli_result) pending = run_against(&s, "", "wait " CALL_ID " --timeout 1 --json");
    CHECK_EQ(pending.exit, 2);
    CHECK_STARTS(out_of(&pending), /* an event, then the failure */
                 OL_STR("{\"call_id\":\"" CALL_ID "\",\"job_id\":null,\"status\":\"pending\"}\n"),
                 NULL);
    CHECK_HAS(out_of(&pending), OL_STR("\"reason\":\"pending\""), NULL);
    s.ends = "{\"call_id\":\"" CALL_ID "\",\"status\":\"completed\",\"output\":1}";
    OL_AUTO(cli_result) done = run_against(&s, "", "wait -y " CALL_ID);
    CHECK_EQ(done.exit, 0);
    CHECK_STR(out_of(&done), OL_STR("1\n"));
}

TEST("wait --json prints a line for the state it finds and one for the end, once each")
{
    script s = {.status = 200,
                .held = "{\"call_id\":\"" CALL_ID "\",\"status\":\"completed\",\"output\":1}"};
    OL_AUTO(cli_result) r = run_against(&s, "", "wait --json " CALL_ID);
    ol_str rest = out_of(&r), line;
    CHECK_EQ(r.exit, 0);
    CHECK(ol_str_cut(rest, '\n', &line, &rest));
    CHECK_STR(line, OL_STR("{\"call_id\":\"" CALL_ID "\",\"job_id\":null,\"status\":\"pending\"}"));
    CHECK(ol_str_cut(rest, '\n', &line, &rest));
    CHECK_HAS(line, OL_STR("\"status\":\"completed\""), NULL);
    CHECK_STR(rest, OL_STR(""));
}

TEST("--timeout ends the waiting while the coordinator still holds its answer back: exit 2")
{
    script s = {.status = 200, .body = PENDING}; /* GET /calls is answered after 30 s */
    static const char *const LINES[] = {"run a/b --timeout 1", "wait " CALL_ID " --timeout 1"};
    OL_EACH (line, LINES) {
        OL_AUTO(cli_result) r = run_against(&s, "", *line);
        CHECK_EQ_ROW(r.exit, 2, *line);
        CHECK_STR_ROW(out_of(&r), OL_STR(""), *line);
        CHECK_HAS(err_of(&r), OL_STR("outlayer wait " CALL_ID), *line);
        CHECK_STR_ROW(ol_str_of(s.asked), OL_STR("/calls/" CALL_ID "?wait=1"), *line);
    }
}

TEST("a connection that is lost is tried again under the same idempotency key")
{
    script s = {.status = 200,
                .body = PENDING,
                .ends = "{\"call_id\":\"" CALL_ID "\",\"status\":\"completed\",\"output\":1}",
                .drop_first = true};
    OL_AUTO(cli_result) r = run_against(&s, "", "run a/b");
    CHECK_EQ(r.exit, 0);
    CHECK_EQ(s.posts, 2);
    CHECK(s.key_header[0][0] != '\0' && strcmp(s.key_header[0], s.key_header[1]) == 0);
}

TEST("an interrupt leaves the call running and says how to wait for it")
{
    script s = {.status = 200, .body = PENDING};
    OL_AUTO(cli_result)
    r = run_against(&s, "timeout --foreground --preserve-status -s INT 1 env", "run a/b");
    CHECK_EQ(r.exit, 130);
    CHECK_HAS(err_of(&r), OL_STR("outlayer wait " CALL_ID), NULL);
}

/* ---- a scripted node */

typedef struct node_script {
    int status;
    const char *body;
    unsigned answered;
} node_script;

static void node(void *context, const stub_request *request, stub_conn *conn)
{
    node_script *s = context;
    (void)request;
    (void)__atomic_fetch_add(&s->answered, 1, __ATOMIC_RELAXED);
    stub_answer(conn, s->status, "Content-Type: application/json\r\n", ol_str_of(s->body));
}

TEST("what a node answers decides between contract, node and network, on every network alike")
{
    static const struct {
        int status;
        const char *body;
        int exit;
        const char *says;
    } CASES[] = {
        /* a view that fails (NEAR 5.3) */
        {200,
         "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"error\":\"wasm execution failed with "
         "error: "
         "HostError(GuestPanic { panic_msg: \\\"no such thing\\\" "
         "})\",\"logs\":[],\"block_height\":1,"
         "\"block_hash\":\"x\"}}",
         1, "error: no such thing"},
        {200,
         "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"error\":\"wasm execution failed with "
         "error: "
         "MethodResolveError(MethodNotFound)\",\"logs\":[],\"block_height\":1,\"block_hash\":\"x\"}"
         "}",
         1, "error: a.b has no method m"},
        {200,
         "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"name\":\"HANDLER_ERROR\",\"cause\":{"
         "\"name\":"
         "\"UNKNOWN_ACCOUNT\",\"info\":{}},\"code\":-32000,\"message\":\"Server error\",\"data\":"
         "\"account a.b does not exist while viewing\"}}",
         1, "error: there is no contract at a.b on testnet"},
        {200,
         "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"result\":[123,125],\"logs\":[],"
         "\"block_height\":1,\"block_hash\":\"x\"}}",
         0, ""},
        {200, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}", 6, "has no result"},
        {502, "<html>bad gateway</html>", 6, "error: the node answered 502"},
    };
    OL_EACH (c, CASES) {
        node_script s = {.status = c->status, .body = c->body};
        http_stub *stub = http_stub_start(node, &s);
        OL_AUTO(cli_result)
        r = cli_shell("outlayer --network testnet --rpc http://127.0.0.1:%u contract view a.b m",
                      http_stub_port(stub));
        http_stub_stop(stub);
        CHECK_EQ_ROW(r.exit, c->exit, c->body);
        CHECK_HAS(err_of(&r), ol_str_of(c->says), c->body);
        CHECK_ROW(c->exit != 0 || ol_str_eq(out_of(&r), OL_STR("{}\n")), c->body);
        CHECK_ROW(s.answered == (c->status == 502 ? 3 : 1),
                  c->body); /* what passes is tried again */
    }
    OL_AUTO(cli_result) gone = cli_shell("outlayer --rpc http://127.0.0.1:1 contract view a.b m");
    CHECK_EQ(gone.exit, 6);
}
