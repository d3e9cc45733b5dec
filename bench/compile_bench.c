/* compile_mb_per_s_1, compile_mb_per_s_2: wasm to native code with metering, on one core and two.
 * The input is the whole C library of the guest toolchain: half a megabyte of real functions. */
#include "bench/figure.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "olw.h"

enum { ROUNDS = 3, WASM_BYTES_MAX = 32 << 20 };

static bool count(void *env, const uint8_t *data, size_t len)
{
    (void)data;
    *(size_t *)env = len;
    return true;
}

static double mb_per_s(uint32_t threads, ol_bytes wasm)
{
    olw_error error;
    struct wasm_engine_t *engine = olw_engine_new(threads, &error);
    OL_ASSERT(engine != NULL);
    double speed[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        size_t artifact_bytes = 0;
        int64_t start = ol_mono_ns(ol_clock_real());
        bool done = olw_compile(engine, (olw_str){wasm.data, wasm.len}, false, count,
                                &artifact_bytes, &error);
        int64_t end = ol_mono_ns(ol_clock_real());
        OL_ASSERT(done && artifact_bytes > 0);
        speed[i] = (double)wasm.len / 1e6 / ((double)(end - start) / 1e9);
    }
    return figure_quantile(speed, ROUNDS, 0.5);
}

int main(int argc, char **argv)
{
    (void)setenv("RAYON_NUM_THREADS", "2", 1); /* as outlayer-aot does for two threads */
    ol_err err;
    ol_buf wasm = ol_buf_new(WASM_BYTES_MAX);
    if (argc != 2 || ol_file_load(argv[1], &wasm, &err) != OL_OK) {
        (void)fprintf(stderr, "usage: compile_bench MODULE.wasm\n");
        return 3;
    }
    /* Goals: Engine 6. */
    figure_print("compile_mb_per_s_1", mb_per_s(1, ol_buf_bytes(&wasm)), "MB/s", (double)NAN,
                 FIGURE_AT_LEAST, 0.65);
    figure_print("compile_mb_per_s_2", mb_per_s(2, ol_buf_bytes(&wasm)), "MB/s", (double)NAN,
                 FIGURE_AT_LEAST, 1.2);
    ol_buf_deinit(&wasm);
    return 0;
}
