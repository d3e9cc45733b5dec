/* Components: entry, streams, files, sockets and failure texts of Host interfaces 1-4. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wasm.h>

#include "tests/harness/test.h"
#include "tests/unit/engine/guest_run.h"

TEST("a component sees its input, its variables, no argument and not the host's environment")
{
    guest *g = guest_open("env.p2.wasm", NULL, 0);
    const olw_env_pair variables[] = {
        {{(const uint8_t *)"NEAR_SENDER_ID", 14}, {(const uint8_t *)"a.near", 6}},
        {{(const uint8_t *)"EMPTY", 5}, {NULL, 0}},
    };
    olw_job job = guest_job("{}");
    job.environ = variables;
    job.environ_len = OL_COUNT(variables);
    const guest_result *r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_OK);
    CHECK_STR(guest_out(r),
              OL_STR("{\"argc\":0,\"args\":[],\"env\":[[\"NEAR_SENDER_ID\",\"a.near\"],"
                     "[\"EMPTY\",\"\"]]}"));
    guest_close(g);
}

TEST("H15: creating a file in `.` answers read-only, and there is nothing to read")
{
    guest *g = guest_open("fsdump.p2.wasm", NULL, 0);
    olw_job job = guest_job("");
    const guest_result *r = guest_run(g, &job);
    /* 69 rofs, 44 noent */
    CHECK_STR(guest_out(r),
              OL_STR("{\"create\":[0,69],\"unlink\":[-1,69],\"open /etc/passwd\":[-1,44],"
                     "\"open ../etc/passwd\":[-1,44],\"stat .\":[0,0],\"cwd\":\"/\","
                     "\"opendir\":1}"));
    guest_close(g);
}

/* act.c: ACTION|stdout hex|stderr hex, as a JSON string. 61 is `a`. */
TEST("H12: the failure of a component is worded by how it ended and what it wrote to stderr")
{
    static const struct {
        const char *input;
        p2_class class;
        const char *text;
    } cases[] = {
        {"\"r0|6f6b|61\"", P2_OK, ""},
        {"\"x0|6f6b|\"", P2_OK, ""}, /* [F]: an explicit success is one */
        {"\"x1|6f6b|\"", P2_EXIT, "Component execution failed: Exited with i32 exit status 1"},
        {"\"x1|6f6b|61\"", P2_EXIT, "a\nTrap: Exited with i32 exit status 1"},
        {"\"u||61\"", P2_TRAP, "a\nTrap: wasm trap: wasm `unreachable` instruction executed"},
        {"\"u||\"", P2_TRAP,
         "Component execution failed: wasm trap: wasm `unreachable` instruction executed"},
        {"\"o||\"", P2_TRAP, "Component execution failed: wasm trap: out of bounds memory access"},
        {"\"s||\"", P2_TRAP, "Component execution failed: wasm trap: call stack exhausted"},
        {"\"u||ff61\"", P2_TRAP,
         "\xef\xbf\xbd"
         "a\nTrap: wasm trap: wasm `unreachable` instruction executed"},
    };
    guest *g = guest_open("act.p2.wasm", NULL, 0);
    OL_EACH (c, cases) {
        olw_job job = guest_job(c->input);
        const guest_result *r = guest_run(g, &job);
        CHECK_EQ_ROW(r->class, c->class, c->input);
        CHECK_STR_ROW(guest_text(r), ol_str_of(c->text), c->input);
        if (c->class == P2_OK)
            CHECK_STR_ROW(guest_out(r), OL_STR("ok"), c->input);
    }
    guest_close(g);
}

TEST("a trap whose counter may be stale says so; exits and unreachable are exact")
{
    static const struct {
        const char *input;
        bool exact;
    } cases[] = {
        {"\"r0||\"", true}, {"\"x1||\"", true}, {"\"u||\"", true},  {"\"o||\"", false},
        {"\"i||\"", false}, {"\"n||\"", false}, {"\"s||\"", false},
    };
    guest *g = guest_open("act.p2.wasm", NULL, 0);
    OL_EACH (c, cases) {
        olw_job job = guest_job(c->input);
        CHECK_EQ_ROW(guest_run(g, &job)->instructions_exact, c->exact, c->input);
    }
    guest_close(g);
}

TEST("a component that uses up its instructions reports exactly its limit")
{
    guest *g = guest_open("act.p2.wasm", NULL, 0);
    olw_job job = guest_job("\"l100||\"");
    job.fuel = 1000000;
    const guest_result *r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_OUT_OF_FUEL);
    CHECK_EQ(r->instructions, 1000000);
    CHECK(r->instructions_exact);
    CHECK_STR(guest_text(r), OL_STR("Instruction limit exceeded (consumed 1000000 instructions): "
                                    "all fuel consumed by WebAssembly"));
    guest_close(g);
}

TEST("instantiation has a budget of its own, never billed")
{
    guest *g = guest_open("act.p2.wasm", NULL, 0);
    olw_job job = guest_job("\"r0||\"");
    job.init_fuel = 1;
    const guest_result *r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_INIT_LIMIT);
    CHECK_EQ(r->instructions, 0);
    CHECK_STR(guest_text(r), OL_STR("Failed to instantiate component"));
    guest_close(g);
}

TEST("equal input costs equal instructions in every process")
{
    guest *g = guest_open("fuel_mix.p2.wasm", NULL, 0);
    olw_job job = guest_job("1");
    uint64_t first = guest_run(g, &job)->instructions;
    for (int i = 0; i < 20; i++)
        CHECK_EQ(guest_run(g, &job)->instructions, first);
    guest_close(g);
}

TEST("two runs forked from one loaded component never see the same randomness")
{
    guest *g = guest_open("clockrand.p2.wasm", NULL, 0);
    olw_job job = guest_job("");
    char seen[50][64];
    for (size_t i = 0; i < OL_COUNT(seen); i++) {
        ol_str out = guest_out(guest_run(g, &job));
        size_t at;
        CHECK(ol_str_find(out, OL_STR("\"r\":\""), &at));
        ol_str random = ol_str_slice(out, at + 5, at + 5 + 32);
        CHECK_EQ(random.len, 32);
        memcpy(seen[i], random.data, random.len);
        for (size_t k = 0; k < i; k++)
            CHECK(memcmp(seen[k], seen[i], 32) != 0);
    }
    guest_close(g);
}

TEST("stdout may be filled to its last byte; one more ends the run")
{
    /* big.c prints N KiB and two quotes. */
    guest *g = guest_open("big.p2.wasm", NULL, 0);
    olw_job job = guest_job("64");
    job.stdout_bytes_max = 64 * 1024 + 2;
    const guest_result *r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_OK);
    CHECK_EQ(r->out_len, 64 * 1024 + 2);
    job.stdout_bytes_max = 64 * 1024 + 1;
    r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_OUTPUT);
    CHECK_STR(guest_text(r), OL_STR("Output limit exceeded: 65537 bytes"));
    CHECK_EQ(r->out_len, 65537);
    guest_close(g);
}

TEST("stderr beyond its limit is dropped and the run goes on")
{
    guest *g = guest_open("act.p2.wasm", NULL, 0);
    olw_job job = guest_job("\"e20||\""); /* 20 KiB */
    job.stderr_bytes_max = 10000;
    const guest_result *r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_OK);
    CHECK_EQ(r->err_len, 10000);
    guest_close(g);
}

TEST("memory is limited in total: growth answers -1, what cannot start is told why")
{
    guest *g = guest_open("touch.p2.wasm", NULL, 0);
    olw_job job = guest_job("64");
    const guest_result *r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_OK);
    CHECK(r->memory_bytes_peak >= OL_MIB(64) && r->memory_bytes_peak <= OL_MIB(128));
    job.limits.memory_bytes = OL_MIB(32);
    r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_OK); /* the guest saw -1 and coped */
    CHECK_STR(guest_out(r), OL_STR("\"grow failed\""));
    job.limits.memory_bytes = 65536;
    r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_MEMORY);
    CHECK_STR(guest_text(r), OL_STR("Memory limit exceeded: 0 MB"));
    guest_close(g);
}

/* ---- host functions -------------------------------------------------------------------------- */

static const olw_host_fn STORAGE[] = {
    {"near:storage/api@0.1.0", "set", "sb>s"},
    {"near:storage/api@0.1.0", "get", "s>bs"},
    {"near:storage/api@0.1.0", "has", "s>t"},
    {"near:storage/api@0.1.0", "delete", "s>t"},
    {"near:storage/api@0.1.0", "list-keys", "s>ss"},
    {"near:storage/api@0.1.0", "set-if-absent", "sb>ts"},
    {"near:storage/api@0.1.0", "set-if-equals", "sbb>tbs"},
    {"near:storage/api@0.1.0", "increment", "si>is"},
    {"near:storage/api@0.1.0", "decrement", "si>is"},
    {"near:storage/api@0.1.0", "set-worker", "sbT>s"},
    {"near:storage/api@0.1.0", "get-worker", "sS>bs"},
    {"near:storage/api@0.1.0", "get-by-version", "ss>bs"},
    {"near:storage/api@0.1.0", "clear-all", ">s"},
    {"near:storage/api@0.1.0", "clear-version", "s>s"},
};

/* Answers with what it was given, so that both directions of every type are seen. */
static bool echo_call(void *env, uint32_t index, const olw_val *args, size_t args_len,
                      const olw_val **ret, size_t *ret_len)
{
    static olw_val out[8];
    static const olw_str done = {(const uint8_t *)"done", 4};
    const char *signature = STORAGE[index].signature;
    size_t n = 0;
    (void)env;
    for (const char *result = strchr(signature, '>') + 1; *result != '\0'; result++, n++) {
        out[n] = (olw_val){0};
        if (*result == 'b')
            out[n].bytes = args[args_len - 1].bytes;
        else if (*result == 's')
            out[n].bytes = args_len > 0 ? args[0].bytes : done;
        else if (*result == 'i')
            out[n].number = args[1].number;
        else
            out[n].number = args[args_len - 1].bytes.len > 0;
    }
    *ret = out;
    *ret_len = n;
    return true;
}

TEST("every type of the storage interface travels both ways")
{
    static const struct {
        const char *call, *want;
    } cases[] = {
        {"set|key|value", "\"key\""},
        {"get|key", "[\"key\",\"key\"]"},
        {"has|key", "true"},
        {"list-keys|pre", "[\"pre\",\"pre\"]"},
        {"set-if-absent|k|v", "[true,\"k\"]"},
        {"set-if-equals|k|old|new", "[true,\"new\",\"k\"]"},
        {"increment|k|-9223372036854775808", "[-9223372036854775808,\"k\"]"},
        {"set-worker|k|v|1", "\"k\""},
        {"set-worker|k|v", "\"k\""},
        {"get-worker|k|project", "[\"project\",\"k\"]"},
        {"get-by-version|k|hash", "[\"hash\",\"k\"]"},
        {"clear-all", "\"done\""},
    };
    guest *g = guest_open("storageg.p2.wasm", STORAGE, OL_COUNT(STORAGE));
    OL_EACH (c, cases) {
        char input[256], want[256];
        (void)snprintf(input, sizeof input, "\"%s\"", c->call);
        (void)snprintf(want, sizeof want, "[%s]", c->want);
        olw_job job = guest_job(input);
        job.host_call = echo_call;
        const guest_result *r = guest_run(g, &job);
        CHECK_STR_ROW(guest_out(r), ol_str_of(want), c->call);
    }
    guest_close(g);
}

static bool broken_call(void *env, uint32_t index, const olw_val *args, size_t args_len,
                        const olw_val **ret, size_t *ret_len)
{
    (void)env, (void)index, (void)args, (void)args_len;
    *ret = NULL;
    *ret_len = 0;
    return true; /* but there should have been a value */
}

TEST("a host that answers with the wrong shape ends the run, not the process")
{
    guest *g = guest_open("storageg.p2.wasm", STORAGE, OL_COUNT(STORAGE));
    olw_job job = guest_job("\"clear-all\"");
    job.host_call = broken_call;
    const guest_result *r = guest_run(g, &job);
    CHECK_EQ(r->class, P2_TRAP);
    CHECK_STR(guest_text(r), OL_STR("Component execution failed: host call failed"));
    guest_close(g);
}

TEST("a component links when it imports interfaces we have, and is asked which")
{
    guest *g = guest_open("storageg.p2.wasm", STORAGE, OL_COUNT(STORAGE));
    CHECK(p2_imports(guest_loaded(g), OL_STR("near:storage/api")));
    CHECK(p2_imports(guest_loaded(g), OL_STR("wasi:cli/stdout")));
    CHECK(!p2_imports(guest_loaded(g), OL_STR("near:vrf/api")));
    guest_close(g);
}

TEST("an import nobody provides fails the instantiation; it is never stubbed")
{
    ol_err err = {0};
    olw_error why = {.trap = OLW_TRAP_NONE};
    p2_world *world = NULL;
    p2_guest *loaded = NULL;
    int fd = guest_compile("tests/data/reference/guests/storageg.p2.wasm", true);
    struct wasm_engine_t *engine = olw_engine_new(0, &why);
    CHECK(engine != NULL);
    CHECK_OK(p2_world_open(engine, NULL, 0, &world, &err));
    CHECK_EQ(p2_load(world, fd, &loaded, &err), OL_ERR_WASM);
    CHECK_STR(ol_err_text(&err), OL_STR("Failed to instantiate component"));
    CHECK_HAS(ol_str_of(err.note[0]), OL_STR("near:storage/api"), "note");
    CHECK(loaded == NULL);
    p2_world_free(world);
    wasm_engine_delete(engine);
    (void)close(fd);
}

TEST("an artifact that is none is refused")
{
    ol_err err = {0};
    olw_error why = {.trap = OLW_TRAP_NONE};
    p2_world *world = NULL;
    p2_guest *loaded = NULL;
    int module_fd = guest_compile("tests/data/reference/guests/act.wasm", false);
    struct wasm_engine_t *engine = olw_engine_new(0, &why);
    CHECK(engine != NULL);
    CHECK_OK(p2_world_open(engine, NULL, 0, &world, &err));
    CHECK_EQ(p2_load(world, module_fd, &loaded, &err), OL_ERR_RUNNER);
    CHECK_EQ(p2_load(world, -1, &loaded, &err), OL_ERR_RUNNER);
    p2_world_free(world);
    wasm_engine_delete(engine);
    (void)close(module_fd);
}
