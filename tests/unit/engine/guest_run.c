#include "tests/unit/engine/guest_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wasm.h>

#include "lib/base/fd.h"
#include "lib/run/aot.h"
#include "tests/harness/test.h"

struct guest {
    wasm_engine_t *engine;
    p2_world *world;
    p2_guest *loaded;
    int artifact_fd;
    guest_result *result; /* shared with the children */
};

olw_job guest_job(const char *input)
{
    return (olw_job){
        .input = {(const uint8_t *)input, strlen(input)},
        .stdout_bytes_max = OL_MIB(64),
        .stderr_bytes_max = OL_MIB(1),
        .fuel = UINT64_C(10000000000),
        .limits = {.memory_bytes = OL_MIB(128),
                   .table_elements = 100000,
                   .instances = 64,
                   .tables = 64,
                   .memories = 10},
        .http = {.fd = -1},
    };
}

ol_rc guest_try_compile(const char *path, bool component, int *ret_fd, ol_err *error)
{
    ol_err err = {0};
    char program[4096];
    ol_buf wasm = ol_buf_new(OL_AOT_WASM_BYTES_MAX);
    ol_aot_artifact made = {.memfd = OL_FD_NONE};
    const char *bin = getenv("OL_BIN");
    (void)snprintf(program, sizeof program, "%s/outlayer-aot", bin == NULL ? "." : bin);
    CHECK_OK(ol_file_load(path, &wasm, &err));
    const ol_aot_plan plan = {
        .program = program,
        .wasm = ol_buf_bytes(&wasm),
        .target = component ? OL_AOT_P2 : OL_AOT_P1,
        .deadline_ns = ol_mono_ns(ol_clock_real()) + INT64_C(60000000000),
        .clock = ol_clock_real(),
    };
    ol_rc rc = ol_aot_compile(&plan, &made, error);
    ol_buf_deinit(&wasm);
    if (rc == OL_OK)
        *ret_fd = ol_fd_take(&made.memfd).n;
    return rc;
}

int guest_compile(const char *path, bool component)
{
    ol_err err = {0};
    int fd = -1;
    CHECK_OK(guest_try_compile(path, component, &fd, &err));
    return fd;
}

guest *guest_open(const char *name, const olw_host_fn *functions, size_t functions_len)
{
    ol_err err = {0};
    olw_error why = {.trap = OLW_TRAP_NONE};
    char path[4096];
    guest *g = calloc(1, sizeof *g);
    CHECK(g != NULL);
    (void)snprintf(path, sizeof path, "tests/data/%s/%s",
                   name[0] == '@' ? "engine" : "reference/guests", name + (name[0] == '@'));
    g->artifact_fd = guest_compile(path, true);
    g->engine = olw_engine_new(0, &why);
    CHECK(g->engine != NULL);
    CHECK_OK(p2_world_open(g->engine, functions, functions_len, &g->world, &err));
    CHECK_OK(p2_load(g->world, g->artifact_fd, &g->loaded, &err));
    g->result =
        mmap(NULL, sizeof *g->result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(g->result != MAP_FAILED);
    return g;
}

const p2_guest *guest_loaded(const guest *g)
{
    return g->loaded;
}

static size_t keep(char *to, size_t to_bytes, ol_bytes from)
{
    size_t len = from.len < to_bytes ? from.len : to_bytes;
    if (len > 0)
        memcpy(to, from.data, len);
    return len;
}

static void run_in_child(guest *g, const olw_job *job)
{
    p2_result r = {0};
    guest_result *ret = g->result;
    ol_buf text = ol_buf_new(P2_TEXT_BYTES_MAX);
    p2_run(g->loaded, job, &r, &text);
    ret->class = r.class;
    ret->trap = r.trap;
    ret->instructions = r.instructions;
    ret->instructions_exact = r.instructions_exact;
    ret->memory_bytes_peak = r.memory_bytes_peak;
    ret->out_len = keep(ret->out, sizeof ret->out, r.out);
    ret->err_len = keep(ret->err, sizeof ret->err, r.err);
    ret->text_len = keep(ret->text, sizeof ret->text, ol_buf_bytes(&text));
    ret->finished = true;
    _exit(0);
}

const guest_result *guest_run(guest *g, const olw_job *job)
{
    int status = 0;
    g->result->finished = false;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        run_in_child(g, job);
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(g->result->finished);
    return g->result;
}

void guest_close(guest *g)
{
    (void)munmap(g->result, sizeof *g->result);
    (void)close(g->artifact_fd);
    p2_guest_free(g->loaded);
    p2_world_free(g->world);
    wasm_engine_delete(g->engine);
    free(g);
}

ol_str guest_out(const guest_result *r)
{
    return (ol_str){r->out, r->out_len};
}

ol_str guest_err(const guest_result *r)
{
    return (ol_str){r->err, r->err_len};
}

ol_str guest_text(const guest_result *r)
{
    return (ol_str){r->text, r->text_len};
}
