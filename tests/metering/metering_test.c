/* The golden vectors of ol-fuel-1 (Engine 2 rule 5): vectors.txt says what each module costs. A
 * change of one of them is a change of what people pay: it needs a new profile name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "tests/harness/test.h"
#include "tests/metering/bare_run.h"
#include "tests/unit/engine/guest_run.h"

enum { VECTORS_BYTES_MAX = 64 << 10, ROW_BYTES_MAX = 512 };

/* A row: kind, module, limit, then what is expected: end, instructions, exactness. For components
 * the input follows behind a colon. */
typedef struct row {
    ol_str kind, module, limit, input, want;
} row;

static bool row_next(ol_str *text, row *ret)
{
    ol_str line, rest;
    while (ol_str_next(text, '\n', &line)) {
        line = ol_str_trim(line);
        if (line.len == 0 || line.data[0] == '#')
            continue;
        ret->input = OL_STR("");
        (void)ol_str_cut(line, ':', &line, &ret->input);
        CHECK(ol_str_cut(line, ' ', &ret->kind, &rest));
        CHECK(ol_str_cut(rest, ' ', &ret->module, &rest));
        CHECK(ol_str_cut(rest, ' ', &ret->limit, &ret->want));
        ret->want = ol_str_trim(ret->want);
        return true;
    }
    return false;
}

static const char *bare_end_text(const bare_result *r, char text[32])
{
    switch (r->end) {
    case BARE_OK:
        return "ok";
    case BARE_NO_START:
        return "no-start";
    case BARE_INIT:
        return "init";
    case BARE_TRAP:
        break;
    }
    if (r->error.trap == OLW_TRAP_OUT_OF_FUEL)
        return "out-of-fuel";
    (void)snprintf(text, 32, "trap-%d", r->error.trap);
    return text;
}

static void module_cost(const char *path, uint64_t limit, char got[ROW_BYTES_MAX])
{
    char text[32];
    ol_err err = {0};
    int fd = -1;
    if (guest_try_compile(path, false, &fd, &err) == OL_ERR_WASM) {
        (void)snprintf(got, ROW_BYTES_MAX, "refused 0 exact");
        return;
    }
    CHECK(fd >= 0);
    bare_result *r =
        mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(r != MAP_FAILED);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        bare_run(fd, limit, r);
        _exit(0);
    }
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    (void)snprintf(got, ROW_BYTES_MAX, "%s %llu %s", bare_end_text(r, text),
                   (unsigned long long)r->instructions,
                   olw_trap_exact(r->error.trap) ? "exact" : "inexact");
    (void)munmap(r, sizeof *r);
    (void)close(fd);
}

static void component_cost(const char *name, uint64_t limit, ol_str input, char got[ROW_BYTES_MAX])
{
    static const char *const ends[] = {
        [P2_OK] = "ok",           [P2_EXIT] = "exit",
        [P2_TRAP] = "trap",       [P2_OUT_OF_FUEL] = "out-of-fuel",
        [P2_INIT_LIMIT] = "init", [P2_MEMORY] = "memory",
        [P2_OUTPUT] = "output",   [P2_LOAD] = "load",
    };
    guest *g = guest_open(name, NULL, 0);
    olw_job job = guest_job("");
    job.input = (olw_str){(const uint8_t *)input.data, input.len};
    job.fuel = limit;
    const guest_result *r = guest_run(g, &job);
    (void)snprintf(got, ROW_BYTES_MAX, "%s %llu %s", ends[r->class],
                   (unsigned long long)r->instructions,
                   r->instructions_exact ? "exact" : "inexact");
    guest_close(g);
}

static unsigned rows_check(ol_str kind)
{
    ol_err err = {0};
    ol_buf vectors = ol_buf_new(VECTORS_BYTES_MAX);
    unsigned rows = 0;
    row r;
    CHECK_OK(ol_file_load("tests/metering/vectors.txt", &vectors, &err));
    ol_str text = ol_buf_str(&vectors);
    while (row_next(&text, &r)) {
        char got[ROW_BYTES_MAX], path[ROW_BYTES_MAX], label[ROW_BYTES_MAX];
        uint64_t limit;
        if (!ol_str_eq(r.kind, kind))
            continue;
        CHECK(ol_u64_parse(r.limit, &limit));
        bool module = ol_str_eq(kind, OL_STR("module"));
        (void)snprintf(label, sizeof label, "%.*s %.*s %.*s", OL_FMT(r.module), OL_FMT(r.limit),
                       OL_FMT(r.input));
        (void)snprintf(path, sizeof path, module ? "tests/data/metering/%.*s.wasm" : "%.*s.p2.wasm",
                       OL_FMT(r.module));
        if (module)
            module_cost(path, limit, got);
        else
            component_cost(path, limit, r.input, got);
        CHECK_STR_ROW(ol_str_of(got), r.want, label);
        rows++;
    }
    ol_buf_deinit(&vectors);
    return rows;
}

TEST("ol-fuel-1: small modules cost exactly what is written down")
{
    CHECK(rows_check(OL_STR("module")) >= 40);
}

TEST("ol-fuel-1: real programs cost exactly what is written down")
{
    CHECK(rows_check(OL_STR("component")) >= 5);
}
