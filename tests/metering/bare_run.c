#include "tests/metering/bare_run.h"

#include <string.h>
#include <wasmtime.h>

#include "lib/base/assert.h"

static const uint64_t INIT_FUEL = 10000000; /* Engine 2 rule 1 */

static void failed(bare_result *ret, bare_end end, const wasmtime_error_t *error,
                   const wasm_trap_t *trap)
{
    ret->end = end;
    olw_error_read(error, trap, &ret->error);
}

static void fuel_set(wasmtime_context_t *context, uint64_t fuel)
{
    wasmtime_error_t *error = wasmtime_context_set_fuel(context, fuel);
    OL_ASSERT(error == NULL);
}

static void call_start(wasmtime_context_t *context, const wasmtime_func_t *start, uint64_t fuel,
                       bare_result *ret)
{
    wasm_trap_t *trap = NULL;
    uint64_t left = 0;
    fuel_set(context, fuel);
    wasmtime_error_t *error = wasmtime_func_call(context, start, NULL, 0, NULL, 0, &trap);
    if (error != NULL || trap != NULL)
        failed(ret, BARE_TRAP, error, trap);
    else
        ret->end = BARE_OK;
    OL_ASSERT(wasmtime_context_get_fuel(context, &left) == NULL);
    ret->instructions = fuel - left;
}

void bare_run(int artifact_fd, uint64_t fuel, bare_result *ret)
{
    static const olw_limits limits = {.memory_bytes = 128 << 20,
                                      .table_elements = 100000,
                                      .instances = 64,
                                      .tables = 64,
                                      .memories = 10};
    wasm_trap_t *trap = NULL;
    wasmtime_instance_t instance;
    wasmtime_extern_t start;
    *ret = (bare_result){.error = {.trap = OLW_TRAP_NONE}};

    wasm_engine_t *engine = olw_engine_new(0, &ret->error);
    OL_ASSERT(engine != NULL);
    wasmtime_module_t *module = olw_module_load(engine, artifact_fd, &ret->error);
    OL_ASSERT(module != NULL);
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    olw_store_limits(store, &limits);
    fuel_set(context, INIT_FUEL);
    wasmtime_error_t *error =
        wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
    if (error != NULL || trap != NULL)
        failed(ret, BARE_INIT, error, trap);
    else if (!wasmtime_instance_export_get(context, &instance, "_start", strlen("_start"),
                                           &start) ||
             start.kind != WASMTIME_EXTERN_FUNC)
        ret->end = BARE_NO_START;
    else
        call_start(context, &start.of.func, fuel, ret);
    olw_usage_read(&ret->usage);
}
