/* outlayer-aot: wasm → native code, one sandboxed process per compilation (Engine 5).
 *
 *   outlayer-aot --fingerprint
 *   outlayer-aot p1|p2 INPUT_FD OUTPUT_FD [THREADS]
 *
 * INPUT_FD is a file or memfd with the wasm, OUTPUT_FD an empty memfd for the artifact; sealing it
 * is up to the caller, after our death. On stdout the engine's fingerprint; or why not, for the
 * requester, and further lines for the operator.
 * Exit status: 0 done, 1 the wasm is not valid, 2 anything else. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/base/num.h"
#include "services/aot/compile.h"
#include "services/aot/fence.h"

enum {
    EXIT_WASM = 1,
    EXIT_OTHER = 2,
    THREADS_MAX = 64,
    ARTIFACT_BYTES_MAX = 1 << 30,
};

typedef struct order {
    aot_target target;
    int input_fd, output_fd;
    uint32_t threads;
} order;

static bool fd_parse(const char *text, int *ret)
{
    uint32_t n;
    if (!ol_u32_parse(ol_str_of(text), &n) || n > INT32_MAX)
        return false;
    *ret = (int)n;
    return true;
}

static bool order_parse(int argc, char **argv, order *ret)
{
    order o = {.threads = 2};
    if (argc < 4 || argc > 5)
        return false;
    if (ol_str_eq(ol_str_of(argv[1]), OL_STR("p1")))
        o.target = AOT_P1;
    else if (ol_str_eq(ol_str_of(argv[1]), OL_STR("p2")))
        o.target = AOT_P2;
    else
        return false;
    if (!fd_parse(argv[2], &o.input_fd) || !fd_parse(argv[3], &o.output_fd))
        return false;
    if (argc == 5 && (!ol_u32_parse(ol_str_of(argv[4]), &o.threads) || o.threads == 0 ||
                      o.threads > THREADS_MAX))
        return false;
    *ret = o;
    return true;
}

/* Maps the input; it is never copied. */
static ol_rc input_map(int fd, ol_bytes *ret, ol_err *err)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return ol_fail_errno(err, OL_ERR_IO, "input");
    if (about.st_size > AOT_WASM_BYTES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "WASM too large: %lld bytes (max %d)",
                       (long long)about.st_size, AOT_WASM_BYTES_MAX);
    if (about.st_size <= 0) {
        *ret = (ol_bytes){NULL, 0};
        return OL_OK;
    }
    void *data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return ol_fail_errno(err, OL_ERR_IO, "map input");
    *ret = (ol_bytes){data, (size_t)about.st_size};
    return OL_OK;
}

static ol_rc engine_open(uint32_t threads, struct wasm_engine_t **ret, ol_err *err)
{
    char count[16];
    olw_error why = {.trap = OLW_TRAP_NONE};
    (void)snprintf(count, sizeof count, "%u", threads);
    /* The compiler's thread pool reads it once; the filter hides the files it would ask instead. */
    (void)setenv("RAYON_NUM_THREADS", count, 1);
    struct wasm_engine_t *engine = olw_engine_new(threads, &why);
    if (engine == NULL)
        return ol_fail(err, OL_ERR_INTERNAL, "engine: %s", why.text);
    *ret = engine;
    return OL_OK;
}

static ol_rc carry_out(const order *o, struct wasm_engine_t *engine, ol_err *err)
{
    ol_bytes wasm;
    OL_TRY(input_map(o->input_fd, &wasm, err));
    OL_TRY(compile_header_check(wasm, o->target, err));
    OL_TRY(fence_close(wasm.len, ARTIFACT_BYTES_MAX, err));
    return compile_run(engine, wasm, o->target, o->output_fd, err);
}

static int answer(const struct wasm_engine_t *engine, ol_rc rc, const ol_err *err)
{
    char fingerprint[OLW_FINGERPRINT_BYTES];
    if (rc != OL_OK) {
        (void)printf("%s\n", err->text);
        for (unsigned i = 0; i < err->notes; i++)
            (void)printf("%s\n", err->note[i]);
        (void)fflush(stdout);
        return rc == OL_ERR_WASM ? EXIT_WASM : EXIT_OTHER;
    }
    (void)olw_engine_fingerprint(engine, fingerprint, sizeof fingerprint);
    (void)printf("%s\n", fingerprint);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_OTHER;
}

int main(int argc, char **argv)
{
    ol_err err = {0};
    order o = {0};
    struct wasm_engine_t *engine = NULL;
    bool only_fingerprint = argc == 2 && ol_str_eq(ol_str_of(argv[1]), OL_STR("--fingerprint"));

    if (!only_fingerprint && !order_parse(argc, argv, &o)) {
        (void)fputs("usage: outlayer-aot --fingerprint | p1|p2 INPUT_FD OUTPUT_FD [THREADS]\n",
                    stderr);
        return EXIT_OTHER;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    ol_rc rc = engine_open(o.threads, &engine, &err);
    if (rc == OL_OK && !only_fingerprint)
        rc = carry_out(&o, engine, &err);
    return answer(engine, rc, &err);
}
