/* metered_geomean: what counting instructions costs. The same kernels, compiled with and without
 * fuel and otherwise alike, run in turn in one process (Engine 6: items 3 to 9). */
#include <string.h>
#include <wasm.h>
#include <wasmtime.h>

#include "bench/figure.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "olw.h"

enum { ROUNDS = 7, KERNEL_BYTES_MAX = 1 << 20 };
static const double GOAL = 1.30; /* Engine 6 */

static const char *const KERNELS[] = {"sha256", "interpreter", "sort", "fnv", "matmul", "sum"};

/* As olw_engine_new configures, without consume_fuel. */
static wasm_engine_t *unmetered_engine(void)
{
    static const char *const cpu[] = {"has_sse3",   "has_ssse3", "has_sse41", "has_sse42",
                                      "has_popcnt", "has_avx",   "has_avx2",  "has_fma",
                                      "has_bmi1",   "has_bmi2",  "has_lzcnt"};
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_cranelift_nan_canonicalization_set(config, true);
    wasmtime_config_wasm_relaxed_simd_set(config, false);
    wasmtime_config_max_wasm_stack_set(config, 1 << 20);
    wasmtime_config_memory_may_move_set(config, false);
    wasmtime_error_t *error = wasmtime_config_target_set(config, "x86_64-unknown-linux-gnu");
    OL_ASSERT(error == NULL);
    for (size_t i = 0; i < OL_COUNT(cpu); i++)
        wasmtime_config_cranelift_flag_enable(config, cpu[i]);
    return wasm_engine_new_with_config(config);
}

typedef struct kernel {
    wasmtime_store_t *store;
    wasmtime_func_t run;
    bool metered;
} kernel;

static void ready(wasm_engine_t *engine, ol_bytes wasm, bool metered, kernel *ret)
{
    wasmtime_module_t *module = NULL;
    wasmtime_error_t *error = wasmtime_module_new(engine, wasm.data, wasm.len, &module);
    OL_ASSERT(error == NULL);
    ret->store = wasmtime_store_new(engine, NULL, NULL);
    ret->metered = metered;
    wasmtime_context_t *context = wasmtime_store_context(ret->store);
    if (metered)
        OL_ASSERT(wasmtime_context_set_fuel(context, UINT64_MAX) == NULL);
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    error = wasmtime_instance_new(context, module, NULL, 0, &instance, &trap);
    OL_ASSERT(error == NULL && trap == NULL);
    wasmtime_extern_t item;
    OL_ASSERT(wasmtime_instance_export_get(context, &instance, "run", 3, &item));
    ret->run = item.of.func;
    wasmtime_module_delete(module);
}

static double run_ms(kernel *k, uint32_t *ret_result)
{
    wasmtime_context_t *context = wasmtime_store_context(k->store);
    if (k->metered)
        OL_ASSERT(wasmtime_context_set_fuel(context, UINT64_MAX) == NULL);
    wasmtime_val_t result;
    wasm_trap_t *trap = NULL;
    int64_t start = ol_mono_ns(ol_clock_real());
    wasmtime_error_t *error = wasmtime_func_call(context, &k->run, NULL, 0, &result, 1, &trap);
    int64_t end = ol_mono_ns(ol_clock_real());
    OL_ASSERT(error == NULL && trap == NULL);
    *ret_result = (uint32_t)result.of.i32;
    return (double)(end - start) / 1e6;
}

static double kernel_ratio(wasm_engine_t *metered, wasm_engine_t *plain, const char *folder,
                           const char *name)
{
    char path[512];
    ol_err err;
    (void)snprintf(path, sizeof path, "%s/kernel_%s.wasm", folder, name);
    ol_buf wasm = ol_buf_new(KERNEL_BYTES_MAX);
    if (ol_file_load(path, &wasm, &err) != OL_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(7);
    }
    kernel with = {0};
    kernel without = {0};
    ready(metered, ol_buf_bytes(&wasm), true, &with);
    ready(plain, ol_buf_bytes(&wasm), false, &without);
    double with_ms[ROUNDS];
    double without_ms[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t a;
        uint32_t b;
        with_ms[i] = run_ms(&with, &a);
        without_ms[i] = run_ms(&without, &b);
        OL_ASSERT(a == b || i > 0);
    }
    double ratio = figure_quantile(with_ms, ROUNDS, 0.5) / figure_quantile(without_ms, ROUNDS, 0.5);
    (void)fprintf(stderr, "metering: %-12s %7.1f ms metered, %7.1f ms plain, ratio %.2f\n", name,
                  with_ms[ROUNDS / 2], without_ms[ROUNDS / 2], ratio);
    wasmtime_store_delete(with.store);
    wasmtime_store_delete(without.store);
    ol_buf_deinit(&wasm);
    return ratio;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: metering_bench FOLDER_OF_KERNELS\n");
        return 3;
    }
    olw_error error;
    wasm_engine_t *metered = olw_engine_new(1, &error);
    wasm_engine_t *plain = unmetered_engine();
    OL_ASSERT(metered != NULL && plain != NULL);
    double product = 1;
    for (size_t i = 0; i < OL_COUNT(KERNELS); i++)
        product *= kernel_ratio(metered, plain, argv[1], KERNELS[i]);
    figure_print("metered_geomean", pow(product, 1.0 / (double)OL_COUNT(KERNELS)), "ratio", 1.0,
                 FIGURE_AT_MOST, GOAL);
    wasm_engine_delete(metered);
    wasm_engine_delete(plain);
    return 0;
}
