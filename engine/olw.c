/* The engine as olw.h offers it: configuration, loading, failures and runs, on wasmtime's C API
 * where it reaches and on the shim in Rust where not. */
#include "olw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

struct olw_world {
    const wasm_engine_t *engine;
    wasmtime_component_linker_t *linker;
};

struct olw_component {
    const wasm_engine_t *engine;
    wasmtime_component_t *component;
    wasmtime_component_type_t *type;
};

struct olw_prelinked {
    wasm_engine_t *engine;
    olw__pre *pre;
    wasmtime_component_export_index_t *entry;
};

enum { PATH_BYTES = 32 };

/* ---- failures ---------------------------------------------------------------------------------
 */

/* The innermost cause stands last: "outer\n\nCaused by:\n    0: middle\n    1: inner". */
static olw_str innermost(olw_str text)
{
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    size_t from = text.len;
    while (from > 0 && text.data[from - 1] != '\n')
        from--;
    if (from == 0)
        return text;
    while (from < text.len &&
           (text.data[from] == ' ' || (text.data[from] >= '0' && text.data[from] <= '9') ||
            text.data[from] == ':'))
        from++;
    return (olw_str){text.data + from, text.len - from};
}

/* Cuts to fit, at a character boundary. */
static void text_set(olw_error *ret, olw_str text)
{
    size_t len = text.len < sizeof ret->text ? text.len : sizeof ret->text - 1;
    while (len < text.len && len > 0 && (text.data[len] & 0xc0) == 0x80)
        len--;
    memcpy(ret->text, text.data, len);
    ret->text[len] = '\0';
    ret->text_len = (uint32_t)len;
}

void olw_error_read(const wasmtime_error_t *error, const wasm_trap_t *trap, olw_error *ret)
{
    static const char exited[] = "Exited with i32 exit status ";
    uint8_t code;
    wasm_byte_vec_t message;
    /* Both handles hold the same thing (asserted in src/lib.rs); each function reads either. */
    const void *either = error != NULL ? (const void *)error : trap;
    wasmtime_error_message(either, &message);
    olw_str text = {(const uint8_t *)message.data, message.size};
    olw_str inner = innermost(text);
    ret->trap = wasmtime_trap_code(either, &code) ? code : OLW_TRAP_NONE;
    ret->exit_status = -1;
    if (inner.len > sizeof exited - 1 && memcmp(inner.data, exited, sizeof exited - 1) == 0)
        ret->exit_status = inner.data[sizeof exited - 1] == '0' ? 0 : 1; /* components know two */
    text_set(ret, ret->trap != OLW_TRAP_NONE || ret->exit_status >= 0 ? inner : text);
    wasm_byte_vec_delete(&message);
}

bool olw__good(wasmtime_error_t *error, olw_error *ret)
{
    if (error == NULL)
        return true;
    olw_error_read(error, NULL, ret);
    wasmtime_error_delete(error);
    return false;
}

/* ---- engine -----------------------------------------------------------------------------------
 */

#ifdef WASMTIME_FEATURE_COMPILER
/* x86-64-v3, whatever the machine at hand can do beyond it (Engine 1). */
static const char *const CPU_FLAGS[] = {
    "has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_avx",
    "has_avx2", "has_fma",   "has_bmi1",  "has_bmi2",  "has_lzcnt",  "has_cmpxchg16b",
};

static wasmtime_error_t *compiler_configure(wasm_config_t *c, uint32_t compile_threads)
{
    wasmtime_config_strategy_set(c, WASMTIME_STRATEGY_CRANELIFT);
    wasmtime_config_parallel_compilation_set(c, compile_threads > 1);
    wasmtime_config_cranelift_debug_verifier_set(c, false);
    wasmtime_config_wasm_stack_switching_set(c, false);
    wasmtime_config_cranelift_nan_canonicalization_set(c, true);
    wasmtime_error_t *error = wasmtime_config_target_set(c, "x86_64-unknown-linux-gnu");
    for (size_t i = 0; error == NULL && i < sizeof CPU_FLAGS / sizeof CPU_FLAGS[0]; i++)
        wasmtime_config_cranelift_flag_enable(c, CPU_FLAGS[i]);
    return error;
}
#endif

/* Engine 1; multi-memory by Host interfaces 17. */
wasm_engine_t *olw_engine_new(uint32_t compile_threads, olw_error *error)
{
    wasm_engine_t *engine = NULL;
    wasm_config_t *c = wasm_config_new();
    wasmtime_config_consume_fuel_set(c, true);
    wasmtime_config_epoch_interruption_set(c, false);
    wasmtime_config_concurrency_support_set(c, false);
    wasmtime_config_wasm_component_model_set(c, true);
    wasmtime_config_gc_support_set(c, false);
    wasmtime_config_wasm_bulk_memory_set(c, true);
    wasmtime_config_wasm_multi_memory_set(c, true);
    wasmtime_config_wasm_simd_set(c, true);
    wasmtime_config_wasm_tail_call_set(c, true);
    wasmtime_config_wasm_relaxed_simd_set(c, false);
    wasmtime_config_wasm_memory64_set(c, false);
    wasmtime_config_wasm_custom_page_sizes_set(c, false);
    wasmtime_config_wasm_wide_arithmetic_set(c, false);
    wasmtime_config_shared_memory_set(c, false);
    wasmtime_config_memory_may_move_set(c, false);
    wasmtime_config_memory_reservation_set(c, UINT64_C(4) << 30);
    wasmtime_config_memory_guard_size_set(c, UINT64_C(32) << 20);
    wasmtime_config_memory_init_cow_set(c, true);
    wasmtime_config_native_unwind_info_set(c, false);
    wasmtime_config_max_wasm_stack_set(c, 1 << 20);
    wasmtime_config_async_stack_size_set(c, 2 << 20);
#ifdef WASMTIME_FEATURE_COMPILER
    if (!olw__good(compiler_configure(c, compile_threads), error)) {
        wasm_config_delete(c);
        return NULL;
    }
#else
    (void)compile_threads;
#endif
    return olw__good(olw__engine_new(c, &engine), error) ? engine : NULL;
}

#ifdef WASMTIME_FEATURE_COMPILER
bool olw_compile(const wasm_engine_t *engine, olw_str wasm, bool component, olw_sink sink,
                 void *env, olw_error *error)
{
    wasm_byte_vec_t artifact;
    if (!olw__good(olw__compile(engine, wasm, component, &artifact), error))
        return false;
    bool stored = sink(env, (const uint8_t *)artifact.data, artifact.size);
    wasm_byte_vec_delete(&artifact);
    if (!stored)
        *error = (olw_error){.trap = OLW_TRAP_NONE, .text = "the artifact could not be stored"};
    return stored;
}

/* An olw_sink. */
static bool digest(void *env, const uint8_t *data, size_t len)
{
    uint64_t *sum = env; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        *sum = (*sum ^ data[i]) * UINT64_C(0x100000001b3);
    return true;
}

/* The artifact of an empty module is all settings: version, target, flags, costs, features. */
size_t olw_engine_fingerprint(const wasm_engine_t *engine, char *ret, size_t capacity)
{
    static const uint8_t empty[] = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
    olw_error error;
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    if (!olw_compile(engine, (olw_str){empty, sizeof empty}, false, digest, &sum, &error))
        return 0;
    int n = snprintf(ret, capacity, "%s/%s/x86-64-v3/%016llx", OLW_ENGINE_NAME,
                     OLW_METERING_PROFILE, (unsigned long long)sum);
    return n > 0 && (size_t)n < capacity ? (size_t)n : 0;
}
#endif

wasmtime_module_t *olw_module_load(const wasm_engine_t *engine, int fd, olw_error *error)
{
    wasmtime_module_t *module = NULL;
    return olw__good(olw__module_load(engine, fd, &module), error) ? module : NULL;
}

/* ---- components -------------------------------------------------------------------------------
 */

static olw_str str(const char *text)
{
    return (olw_str){(const uint8_t *)text, strlen(text)};
}

static wasmtime_error_t *world_link(wasmtime_component_linker_t *linker, const olw_answer *answers,
                                    size_t answers_len, const olw_host_fn *functions,
                                    size_t functions_len)
{
    wasmtime_error_t *error = olw__link_wasi(linker);
    if (error == NULL)
        error = olw__answers_link(linker, answers, answers_len);
    for (size_t i = 0; i < functions_len && error == NULL; i++) {
        const olw_host_fn *f = &functions[i];
        error =
            olw__link_fn(linker, str(f->interface), str(f->name), str(f->signature), (uint32_t)i);
    }
    return error;
}

olw_world *olw_world_new(const wasm_engine_t *engine, const olw_answer *answers, size_t answers_len,
                         const olw_host_fn *functions, size_t functions_len, olw_error *error)
{
    olw_world *world = calloc(1, sizeof *world);
    if (world == NULL)
        return NULL;
    world->engine = engine;
    world->linker = wasmtime_component_linker_new(engine);
    if (olw__good(world_link(world->linker, answers, answers_len, functions, functions_len), error))
        return world;
    olw_world_delete(world);
    return NULL;
}

void olw_world_delete(olw_world *world)
{
    wasmtime_component_linker_delete(world->linker);
    free(world);
}

olw_component *olw_component_load(const wasm_engine_t *engine, int fd, olw_error *error)
{
    /* The engine opens components by name only; the kernel has one for every descriptor. */
    char path[PATH_BYTES];
    olw_component *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    c->engine = engine;
    if (!olw__good(wasmtime_component_deserialize_file(engine, path, &c->component), error)) {
        free(c);
        return NULL;
    }
    c->type = wasmtime_component_type(c->component);
    return c;
}

void olw_component_delete(olw_component *c)
{
    wasmtime_component_type_delete(c->type);
    wasmtime_component_delete(c->component);
    free(c);
}

bool olw_component_import(const olw_component *c, size_t nth, olw_str *ret)
{
    const char *name;
    size_t len;
    wasmtime_component_item_t item;
    if (!wasmtime_component_type_import_nth(c->type, c->engine, nth, &name, &len, &item))
        return false;
    wasmtime_component_item_delete(&item);
    *ret = (olw_str){(const uint8_t *)name, len};
    return true;
}

/* Any patch of 0.2 (Host interfaces 1). */
static wasmtime_component_export_index_t *entry_find(const olw_component *c)
{
    static const char prefix[] = "wasi:cli/run@0.2.";
    const char *name;
    size_t len;
    wasmtime_component_item_t item;
    for (size_t i = 0;
         wasmtime_component_type_export_nth(c->type, c->engine, i, &name, &len, &item); i++) {
        wasmtime_component_item_delete(&item);
        if (len < sizeof prefix || memcmp(name, prefix, sizeof prefix - 1) != 0)
            continue;
        wasmtime_component_export_index_t *interface =
            wasmtime_component_get_export_index(c->component, NULL, name, len);
        if (interface == NULL)
            continue;
        wasmtime_component_export_index_t *run =
            wasmtime_component_get_export_index(c->component, interface, "run", strlen("run"));
        wasmtime_component_export_index_delete(interface);
        return run;
    }
    return NULL;
}

olw_prelinked *olw_prelink(const olw_world *world, const olw_component *component, olw_error *error)
{
    olw_prelinked *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->engine = wasmtime_engine_clone(world->engine); /* a handle, not an engine */
    if (olw__good(olw__prelink(world->linker, component->component, &p->pre), error)) {
        p->entry = entry_find(component);
        if (p->entry != NULL)
            return p;
        *error = (olw_error){.trap = OLW_TRAP_NONE, .exit_status = -1};
        text_set(error, str("no export wasi:cli/run@0.2.x"));
    }
    olw_prelinked_delete(p);
    return NULL;
}

void olw_prelinked_delete(olw_prelinked *p)
{
    if (p->entry != NULL)
        wasmtime_component_export_index_delete(p->entry);
    olw__pre_delete(p->pre);
    wasm_engine_delete(p->engine);
    free(p);
}

static olw_end end_of(const olw__outcome *o, const olw_job *job, bool good, const olw_error *error)
{
    if (good)
        return o->run_failed ? OLW_END_RUN_ERR : OLW_END_OK;
    if (!o->started)
        return OLW_END_INIT;
    if (o->out.bytes_asked > job->stdout_bytes_max)
        return OLW_END_OUTPUT;
    if (error->exit_status == 0)
        return OLW_END_OK;
    return error->exit_status > 0 ? OLW_END_EXIT_ERR : OLW_END_TRAP;
}

void olw_run(const olw_prelinked *prelinked, const olw_job *job, olw_outcome *ret)
{
    olw__outcome o = {0};
    /* On the heap, because streams may call it as long as the process lives. */
    olw__adapter *adapter = calloc(1, sizeof *adapter);
    wasmtime_store_t *store = wasmtime_store_new(prelinked->engine, NULL, NULL);
    *ret = (olw_outcome){.end = OLW_END_INIT, .error = {.trap = OLW_TRAP_NONE}};
    if (adapter == NULL)
        return;
    adapter->user = job->http;
    const olw__job inner = {
        .input = job->input,
        .environ = job->environ,
        .environ_len = job->environ_len,
        .stdout_bytes_max = job->stdout_bytes_max,
        .stderr_bytes_max = job->stderr_bytes_max,
        .init_fuel = job->init_fuel,
        .fuel = job->fuel,
        .host_env = job->host_env,
        .host_call = job->host_call,
        .http = olw__http_adapt(adapter),
    };
    olw_store_limits(store, &job->limits);
    bool good =
        olw__good(olw__run(store, prelinked->pre, prelinked->entry, &inner, &o), &ret->error);
    ret->end = end_of(&o, job, good, &ret->error);
    ret->fuel_used = o.fuel_used;
    ret->out = o.out.bytes;
    ret->err = o.err.bytes;
    ret->out_bytes_asked = o.out.bytes_asked;
    ret->err_bytes_asked = o.err.bytes_asked;
    olw_usage_read(&ret->usage);
}
