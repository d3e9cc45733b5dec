#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/run/aot.h"
#include "tests/harness/test.h"

/* (module (func (export "_start"))) */
static const uint8_t MODULE[] = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01,
                                 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00,
                                 0x07, 0x0a, 0x01, 0x06, '_',  's',  't',  'a',  'r',
                                 't',  0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b};
/* (component) */
static const uint8_t COMPONENT[] = {0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00};

static const char *program(void)
{
    static char path[4096];
    const char *bin = getenv("OL_BIN");
    (void)snprintf(path, sizeof path, "%s/outlayer-aot", bin == NULL ? "build/dev/bin" : bin);
    return path;
}

static ol_rc compile_within(ol_bytes wasm, ol_aot_target target, int64_t ms, ol_aot_artifact *ret,
                            ol_err *err)
{
    const ol_aot_plan plan = {
        .program = program(),
        .wasm = wasm,
        .target = target,
        .deadline_ns = ol_mono_ns(ol_clock_real()) + ms * 1000000,
        .clock = ol_clock_real(),
    };
    return ol_aot_compile(&plan, ret, err);
}

static ol_rc compile(ol_bytes wasm, ol_aot_target target, ol_aot_artifact *ret, ol_err *err)
{
    return compile_within(wasm, target, 60000, ret, err);
}

TEST("a module becomes an artifact that nobody can change")
{
    ol_err err = {0};
    OL_AUTO(ol_aot_artifact) made = {.memfd = OL_FD_NONE};
    CHECK_OK(compile((ol_bytes){MODULE, sizeof MODULE}, OL_AOT_P1, &made, &err));
    CHECK(made.bytes > sizeof MODULE);
    CHECK_EQ(fcntl(made.memfd.n, F_GET_SEALS),
             F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    CHECK(pwrite(made.memfd.n, "x", 1, 0) < 0);
    uint8_t magic[4];
    CHECK_EQ(pread(made.memfd.n, magic, sizeof magic, 0), 4);
    CHECK(memcmp(magic,
                 "\x7f"
                 "ELF",
                 4) == 0);
}

TEST("the fingerprint names engine, metering profile and target, and is that of every artifact")
{
    ol_err err = {0};
    char fingerprint[OL_AOT_FINGERPRINT_BYTES];
    OL_AUTO(ol_aot_artifact) made = {.memfd = OL_FD_NONE};
    CHECK_OK(ol_aot_fingerprint(program(), fingerprint, &err));
    CHECK_STARTS(ol_str_of(fingerprint), OL_STR("wasmtime-48.0.8/ol-fuel-1/x86-64-v3/"), "text");
    CHECK_OK(compile((ol_bytes){COMPONENT, sizeof COMPONENT}, OL_AOT_P2, &made, &err));
    CHECK_STR(ol_str_of(made.fingerprint), ol_str_of(fingerprint));
}

TEST("H7: the header alone decides what bytes are, with exact texts")
{
    static const uint8_t bad_version[] = {0x00, 0x61, 0x73, 0x6d, 0x02, 0x00, 0x00, 0x00};
    static const uint8_t text[] = "(module)";
    static const char p1[] = "Not a valid WASI Preview 1 module";
    static const char p2[] = "Not a valid WASI Preview 2 component";
    static const struct {
        const char *row;
        ol_bytes wasm;
        ol_aot_target target;
        const char *want;
    } cases[] = {
        {"module as component", {MODULE, sizeof MODULE}, OL_AOT_P2, p2},
        {"component as module", {COMPONENT, sizeof COMPONENT}, OL_AOT_P1, p1},
        {"nothing", {NULL, 0}, OL_AOT_P1, p1},
        {"short", {MODULE, 4}, OL_AOT_P1, p1},
        {"unknown version", {bad_version, sizeof bad_version}, OL_AOT_P1, p1},
        {"text format", {text, sizeof text - 1}, OL_AOT_P1, p1},
        {"text format", {text, sizeof text - 1}, OL_AOT_P2, p2},
        {"cut off", {MODULE, sizeof MODULE - 3}, OL_AOT_P1, p1},
    };
    OL_EACH (c, cases) {
        ol_err err = {0};
        OL_AUTO(ol_aot_artifact) made = {.memfd = OL_FD_NONE};
        CHECK_EQ_ROW(compile(c->wasm, c->target, &made, &err), OL_ERR_WASM, c->row);
        CHECK_STR_ROW(ol_err_text(&err), ol_str_of(c->want), c->row);
        CHECK_ROW(!ol_fd_is_open(made.memfd), c->row);
    }
}

TEST("why bytes are not valid is a note for the operator")
{
    ol_err err = {0};
    OL_AUTO(ol_aot_artifact) made = {.memfd = OL_FD_NONE};
    CHECK_EQ(compile((ol_bytes){MODULE, sizeof MODULE - 3}, OL_AOT_P1, &made, &err), OL_ERR_WASM);
    CHECK_EQ(err.notes, 1);
    CHECK_HAS(ol_str_of(err.note[0]), OL_STR("WebAssembly"), "note");
}

TEST("input above 32 MB is refused")
{
    ol_err err = {0};
    OL_AUTO(ol_aot_artifact) made = {.memfd = OL_FD_NONE};
    size_t len = OL_MIB(32) + 1;
    uint8_t *big = calloc(1, len);
    CHECK(big != NULL);
    memcpy(big, MODULE, 8);
    ol_rc rc = compile((ol_bytes){big, len}, OL_AOT_P1, &made, &err);
    free(big);
    CHECK_EQ(rc, OL_ERR_LIMIT);
}

TEST("a compiler past its deadline is killed and leaves nothing behind")
{
    ol_err err = {0};
    OL_AUTO(ol_aot_artifact) made = {.memfd = OL_FD_NONE};
    CHECK_EQ(compile_within((ol_bytes){MODULE, sizeof MODULE}, OL_AOT_P1, 0, &made, &err),
             OL_ERR_TIMEOUT);
    CHECK(!ol_fd_is_open(made.memfd));
}

TEST("a program that is not there is said so")
{
    ol_err err = {0};
    char fingerprint[OL_AOT_FINGERPRINT_BYTES];
    CHECK_EQ(ol_aot_fingerprint("/nowhere/outlayer-aot", fingerprint, &err), OL_ERR_ENVIRONMENT);
    CHECK_HAS(ol_err_text(&err), OL_STR("/nowhere/outlayer-aot"), "text");
}
