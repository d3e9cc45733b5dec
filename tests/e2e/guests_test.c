/* The guests, on the compiler, runner and broker of production through `outlayer test`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_read.h"
#include "lib/run/aot.h"
#include "tests/e2e/cli_run.h"
#include "tests/harness/http_stub.h"
#include "tests/harness/test.h"

static ol_str out_of(const cli_result *r)
{
    return ol_buf_str(&r->out);
}

static ol_str err_of(const cli_result *r)
{
    return ol_buf_str(&r->err);
}

static const char *const BOTH[] = {"", ".p2"};

TEST("H1, H2: random answers within its range, and fails in words")
{
    OL_EACH (kind, BOTH) {
        OL_AUTO(cli_result)
        one = cli_shell("outlayer test guests/guest-random%s.wasm --input '{\"min\":1,\"max\":1}'",
                        *kind);
        CHECK_STR_ROW(out_of(&one), OL_STR("{\"random_number\":1}"), *kind);
        OL_AUTO(cli_result)
        none = cli_shell(
            "outlayer test guests/guest-random%s.wasm -q --input '{\"min\":5,\"max\":1}'", *kind);
        CHECK_EQ_ROW(none.exit, 1, *kind);
        /* Host interfaces 2: a component that exits with an error names the trap behind its words.
         */
        CHECK_STARTS(err_of(&none), OL_STR("error: Error: \"max must be >= min\"\n"), *kind);
    }
}

TEST("H3: echo says who, what and when")
{
    OL_EACH (kind, BOTH) {
        OL_AUTO(cli_result)
        r = cli_shell("outlayer test guests/guest-says%s.wasm --input ' hi ' --env "
                      "NEAR_SENDER_ID=a.near --env NEAR_BLOCK_HEIGHT=7",
                      *kind);
        CHECK_STR_ROW(out_of(&r), OL_STR("a.near said \"hi\" at block 7"), *kind);
    }
}

TEST("H4: nothing of this machine's environment is visible")
{
    OL_EACH (kind, BOTH) {
        OL_AUTO(cli_result)
        r = cli_shell("outlayer test guests/guest-env-test%s.wasm --input "
                      "'{\"env_vars\":[\"PATH\",\"HOME\"]}'",
                      *kind);
        CHECK_STR_ROW(out_of(&r), OL_STR("{\"values\":{\"PATH\":null,\"HOME\":null}}"), *kind);
    }
}

TEST("the guest library's malloc keeps blocks apart and uses freed ones again")
{
    OL_EACH (kind, BOTH) {
        OL_AUTO(cli_result) r = cli_shell("outlayer test guests/guest-alloc%s.wasm", *kind);
        CHECK_STR_ROW(out_of(&r), OL_STR("ok"), *kind);
    }
}

TEST("echo is at most 12 KB")
{
    char path[4096];
    struct stat about;
    (void)snprintf(path, sizeof path, "%s/examples/echo.wasm", getenv("OL_WASM"));
    CHECK(stat(path, &about) == 0);
    CHECK(about.st_size > 0 && about.st_size <= 12 * 1024);
}

/* ---- near:rpc */

static void node(void *context, const stub_request *request, stub_conn *conn)
{
    (void)context;
    (void)request;
    stub_answer(
        conn, 200, "Content-Type: application/json\r\n",
        OL_STR("{\"jsonrpc\":\"2.0\",\"id\":\"proxy\",\"result\":{\"chain_id\":\"localnet\"}}"));
}

static cli_result with_node(const char *line)
{
    http_stub *stub = http_stub_start(node, NULL);
    cli_result r = cli_shell("outlayer test --rpc --rpc-url http://127.0.0.1:%u %s",
                             http_stub_port(stub), line);
    http_stub_stop(stub);
    return r;
}

TEST("text in the C library's buffer survives host calls that allocate")
{
    OL_EACH (kind, BOTH) {
        char line[128];
        (void)snprintf(line, sizeof line, "guests/guest-unflushed%s.wasm", *kind);
        OL_AUTO(cli_result) r = with_node(line);
        CHECK_STR_ROW(out_of(&r), OL_STR("before 0 1 2 after 1"), *kind);
    }
}

TEST("every function of near:rpc comes back with a value or a text, from both targets")
{
    static const char CALLS[] =
        "[[\"view\",\"a.near\",\"get\",\"{}\",\"\"],[\"view-account\",\"a.near\",\"\"],"
        "[\"view-access-key\",\"a.near\",\"ed25519:x\",\"\"],[\"view-access-key-list\",\"a.near\","
        "\"\"],"
        "[\"view-code\",\"a.near\",\"\"],[\"view-state\",\"a.near\",\"\",\"\"],[\"block\",\"\"],"
        "[\"chunk\",\"1,2,3\"],[\"changes\",\"\"],[\"send-tx\",\"AA==\",\"\"],"
        "[\"tx-status\",\"h\",\"a.near\",\"\"],[\"receipt\",\"r\"],"
        "[\"call\",\"a.near\",\"ed25519:x\",\"b.near\",\"m\",\"{}\",\"1x\",\"1\",\"\"],"
        "[\"transfer\",\"a.near\",\"ed25519:x\",\"b.near\",\"\",\"\"],[\"gas-price\",\"\"],"
        "[\"status\"],[\"network-info\"],[\"validators\",\"\"],[\"raw\",\"m\",\"[]\"]]";
    OL_EACH (kind, BOTH) {
        char line[2048];
        (void)snprintf(line, sizeof line, "guests/guest-rpc%s.wasm --input '%s'", *kind, CALLS);
        OL_AUTO(cli_result) r = with_node(line);
        ol_json root, pair;
        ol_err err = {0};
        unsigned count = 0;
        CHECK_EQ_ROW(r.exit, 0, *kind);
        CHECK_OK(ol_json_parse(out_of(&r), &root, &err));
        for (ol_json_iter it = ol_json_iterate(&root); ol_json_next_item(&it, &pair); count++)
            CHECK_ROW(!ol_str_eq(pair.raw, OL_STR("[\"\",\"\"]")), *kind);
        CHECK_EQ(count, 19);
        CHECK_HAS(out_of(&r), OL_STR("[\"\",\"Transaction method 'send_tx' is disabled\"]"), *kind);
        CHECK_HAS(out_of(&r), OL_STR("Invalid deposit: invalid digit found in string"), *kind);
        CHECK_HAS(out_of(&r), OL_STR("Invalid format. Use 'block_id,shard_id' or 'chunk_id'"),
                  *kind);
    }
}

TEST("a refund counts once, and only when the run succeeds")
{
    OL_EACH (kind, BOTH) {
        OL_AUTO(cli_result)
        ok =
            cli_shell("outlayer test --json --attached-usd 100 guests/guest-payment%s.wasm --input "
                      "'{\"refunds\":[101,40,1]}'",
                      *kind);
        CHECK_HAS(out_of(&ok), OL_STR("Refund amount 101 exceeds attached USD 100"), *kind);
        CHECK_HAS(out_of(&ok), OL_STR("refund_usd can only be called once per execution"), *kind);
        CHECK_HAS(out_of(&ok), OL_STR("\"refund_usd\":\"40\""), *kind);
        OL_AUTO(cli_result)
        failed =
            cli_shell("outlayer test --json --attached-usd 100 guests/guest-payment%s.wasm --input "
                      "'{\"refunds\":[40],\"fail\":true}'",
                      *kind);
        CHECK_EQ_ROW(failed.exit, 1, *kind);
        CHECK_HAS(out_of(&failed), OL_STR("\"refund_usd\":null"), *kind);
    }
}

TEST("interfaces whose service is missing are refused in words before the program runs")
{
    static const struct {
        const char *name;
        const char *says;
    } CASES[] = {
        {"storage", "WASM imports `near:storage/api` but storage is not configured."},
        {"vrf", "WASM imports near:vrf/api but VRF is not available."},
        {"wallet", "WASM imports outlayer:wallet/api but wallet is not available."},
    };
    OL_EACH (c, CASES) {
        OL_EACH (kind, BOTH) {
            OL_AUTO(cli_result)
            r = cli_shell("outlayer test -q guests/needs-%s%s.wasm", c->name, *kind);
            CHECK_EQ_ROW(r.exit, 1, c->name);
            CHECK_HAS(err_of(&r), ol_str_of(c->says), *kind);
        }
    }
}

/* ---- hostile guests */

TEST("an allocator that lies hurts its own run alone, whatever it says")
{
    static const struct {
        const char *how;
        const char *p1; /* part of the error; NULL: it succeeds */
        const char *p2;
    } CASES[] = {
        {"out", "out of bounds", "beyond end of memory"},
        {"edge", "out of bounds", "beyond end of memory"},
        {"null", NULL, NULL}, /* address 0 is memory like any other */
        {"odd", NULL, NULL},  /* text has no alignment */
        {"trap", "unreachable", "unreachable"},
        {"loop", "Instruction limit exceeded", "Instruction limit exceeded"},
        {"call", "cannot leave component instance", "cannot leave component instance"},
        {"honest", NULL, NULL},
    };
    OL_EACH (c, CASES) {
        OL_EACH (kind, BOTH) {
            char line[256];
            const char *error = (*kind)[0] == '\0' ? c->p1 : c->p2;
            (void)snprintf(
                line, sizeof line,
                "-q guests/adversarial-realloc%s.wasm --max-instructions 1000000 --input "
                "%s",
                *kind, c->how);
            OL_AUTO(cli_result) r = with_node(line);
            CHECK_EQ_ROW(r.exit, error == NULL ? 0 : 1, c->how);
            if (error != NULL)
                CHECK_HAS(err_of(&r), ol_str_of(error), c->how);
            else
                CHECK_STR_ROW(out_of(&r), OL_STR("63"), c->how); /* bytes of the node's answer */
        }
    }
}

TEST("limits of the command line reach the run")
{
    static const struct {
        const char *line;
        const char *says;
    } CASES[] = {
        {"adversarial-loop.wasm --max-instructions 100000",
         "Instruction limit exceeded (consumed 100000 instructions)"},
        {"adversarial-sleep.wasm --max-seconds 1", "WASM execution timed out after 1 seconds"},
        {"adversarial-memory.p2.wasm --max-memory-mb 8", "Memory limit exceeded: 8 MB"},
        {"adversarial-output.wasm --input 2 --max-memory-mb 1",
         "Output limit exceeded: 1048576 bytes"},
        {"adversarial-recursion.wasm", "call stack exhausted"},
    };
    OL_EACH (c, CASES) {
        OL_AUTO(cli_result) r = cli_shell("outlayer test -q guests/%s", c->line);
        CHECK_EQ_ROW(r.exit, 1, c->line);
        CHECK_HAS(err_of(&r), ol_str_of(c->says), c->line);
    }
}

/* ---- the zoo */

typedef struct malformed {
    const char *name;
    const char *what;
    const char *hex;
} malformed;

static const malformed ZOO[] = {
#define OL_MALFORMED(name, what, hex) {#name, what, hex},
#include "tests/guests/malformed.def"
#undef OL_MALFORMED
};

TEST("what is no program is refused by the compiler, as module and as component")
{
    char program[4096];
    const ol_clock *clock = ol_clock_real();
    (void)snprintf(program, sizeof program, "%s/outlayer-aot", getenv("OL_BIN"));
    OL_EACH (m, ZOO) {
        for (int target = OL_AOT_P1; target <= OL_AOT_P2; target++) {
            ol_arena arena = ol_arena_new(65536);
            ol_err err = {0};
            OL_AUTO(ol_aot_artifact) artifact = {.memfd = OL_FD_NONE};
            ol_aot_plan plan = {.program = program,
                                .target = (ol_aot_target)target,
                                .deadline_ns = ol_mono_ns(clock) + INT64_C(60000000000),
                                .clock = clock};
            CHECK_ROW(ol_hex_decode(ol_str_of(m->hex), &arena, &plan.wasm), m->name);
            CHECK_EQ_ROW(ol_aot_compile(&plan, &artifact, &err), OL_ERR_WASM, m->name);
            CHECK_ROW(err.text[0] != '\0', m->name);
            ol_arena_deinit(&arena);
        }
    }
}

TEST("an import that no host has, and a module without entry, are refused in words")
{
    OL_AUTO(cli_result) import = cli_shell("outlayer test -q guests/adversarial-import.wasm");
    CHECK_EQ(import.exit, 1);
    CHECK_HAS(err_of(&import), OL_STR("Failed to instantiate WASI P1 module"), NULL);
    OL_AUTO(cli_result) library = cli_shell("outlayer test -q guests/library.wasm");
    CHECK_EQ(library.exit, 1);
    CHECK_HAS(err_of(&library), OL_STR("Failed to find _start function"), NULL);
}
