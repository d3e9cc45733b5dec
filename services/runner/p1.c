#include "services/runner/p1.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/runner/outcome.h"
#include "services/runner/p1_guest.h"
#include "services/runner/p1_packages.h"

#define WASI_MODULE "wasi_snapshot_preview1"

/* One resolved import. Exactly one of the two is meant. */
typedef struct binding {
    p1_guest *guest;
    const p1_function *wasi; /* NULL: a function of a package */
    ol_host_fn package;
} binding;

struct p1_module {
    struct wasm_engine_t *engine;
    wasmtime_module_t *module;
    wasmtime_instance_pre_t *linked;
    uint32_t interfaces;
    p1_guest guest; /* filled in by the run */
};

/* ---- calls --------------------------------------------------------------------------------- */

/* Every import enters here. Guest code that a host function calls may enter again. */
static wasm_trap_t *enter(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *raw,
                          size_t raw_count)
{
    const binding *b = env;
    p1_guest *guest = b->guest;
    wasmtime_caller_t *outer = guest->caller;
    (void)raw_count; /* the linker has checked the type */
    guest->caller = caller;
    p1_errno answer =
        b->wasi != NULL ? b->wasi->call(guest, raw) : p1_package_call(guest, b->package, raw);
    guest->caller = outer;
    if (answer == P1_STOP) {
        wasm_trap_t *trap = guest->nested;
        guest->nested = NULL;
        return trap != NULL ? trap : wasmtime_trap_new(guest->trap, strlen(guest->trap));
    }
    if (b->wasi != NULL && b->wasi->answers)
        raw[0].i32 = answer;
    return NULL;
}

/* ---- linking ------------------------------------------------------------------------------- */

static wasm_functype_t *type_of(const char *parameters, bool answers)
{
    wasm_valtype_t *list[P1_FLAT_MAX];
    wasm_valtype_t *result = wasm_valtype_new(WASM_I32);
    wasm_valtype_vec_t in, out;
    size_t count = strlen(parameters);
    OL_ASSERT(count <= OL_COUNT(list));
    for (size_t i = 0; i < count; i++)
        list[i] = wasm_valtype_new(parameters[i] == 'I' ? WASM_I64 : WASM_I32);
    wasm_valtype_vec_new(&in, count, list);
    wasm_valtype_vec_new(&out, answers ? 1 : 0, &result);
    if (!answers)
        wasm_valtype_delete(result);
    return wasm_functype_new(&in, &out);
}

static ol_rc refuse(ol_err *err, const char *why, ol_str module, ol_str name)
{
    /* Host interfaces 17, H13 */
    (void)ol_fail(err, OL_ERR_WASM, "Failed to instantiate WASI P1 module");
    return ol_note(err, "%s: %.*s %.*s", why, OL_FMT(module), OL_FMT(name));
}

static ol_rc define(p1_module *m, wasmtime_linker_t *linker, ol_str module, ol_str name,
                    ol_err *err)
{
    binding *b = calloc(1, sizeof *b);
    if (b == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    b->guest = &m->guest;
    p1_lowered lowered = {0};
    const char *parameters;
    bool answers;
    if (ol_str_eq(module, OL_STR(WASI_MODULE))) {
        b->wasi = p1_function_find(name);
        if (b->wasi == NULL)
            return refuse(err, "unknown import", module, name);
        parameters = b->wasi->parameters;
        answers = b->wasi->answers;
    } else {
        if (!p1_package_find(module, name, &b->package))
            return refuse(err, "unknown import", module, name);
        m->interfaces |= 1u << OL_HOST_FUNCTION[b->package].interface;
        lowered = p1_package_lower(b->package);
        parameters = lowered.parameters;
        answers = lowered.answers;
    }
    wasm_functype_t *type = type_of(parameters, answers);
    wasmtime_error_t *error = wasmtime_linker_define_func_unchecked(
        linker, module.data, module.len, name.data, name.len, type, enter, b, NULL);
    wasm_functype_delete(type);
    if (error != NULL) /* imported twice: the first definition serves both */
        wasmtime_error_delete(error);
    return OL_OK;
}

static ol_str name_of(const wasm_name_t *name)
{
    return (ol_str){name->data, name->size};
}

static ol_rc link_imports(p1_module *m, ol_err *err)
{
    wasm_importtype_vec_t imports;
    wasmtime_linker_t *linker = wasmtime_linker_new(m->engine);
    ol_rc rc = OL_OK;
    wasmtime_module_imports(m->module, &imports);
    for (size_t i = 0; i < imports.size && rc == OL_OK; i++)
        rc = define(m, linker, name_of(wasm_importtype_module(imports.data[i])),
                    name_of(wasm_importtype_name(imports.data[i])), err);
    wasm_importtype_vec_delete(&imports);
    if (rc == OL_OK) {
        olw_error why = {.trap = OLW_TRAP_NONE};
        wasmtime_error_t *error = wasmtime_linker_instantiate_pre(linker, m->module, &m->linked);
        if (error != NULL) {
            olw_error_read(error, NULL, &why);
            rc = refuse(err, why.text, OL_STR(""), OL_STR(""));
            wasmtime_error_delete(error);
        }
    }
    wasmtime_linker_delete(linker);
    return rc;
}

static bool is_start(const wasm_exporttype_t *export)
{
    const wasm_functype_t *type = wasm_externtype_as_functype_const(wasm_exporttype_type(export));
    return ol_str_eq(name_of(wasm_exporttype_name(export)), OL_STR("_start")) && type != NULL &&
           wasm_functype_params(type)->size == 0 && wasm_functype_results(type)->size == 0;
}

/* Host interfaces 1: the export `_start`, () -> (). */
static ol_rc check_start(const p1_module *m, ol_err *err)
{
    wasm_exporttype_vec_t exports;
    bool found = false;
    wasmtime_module_exports(m->module, &exports);
    for (size_t i = 0; i < exports.size; i++)
        found |= is_start(exports.data[i]);
    wasm_exporttype_vec_delete(&exports);
    if (found)
        return OL_OK;
    return ol_fail(err, OL_ERR_WASM,
                   "Failed to find _start function. Make sure you're using [[bin]] format with fn "
                   "main(), not [lib] with cdylib");
}

ol_rc p1_load(struct wasm_engine_t *engine, int artifact_fd, p1_module **ret, ol_err *err)
{
    olw_error why = {.trap = OLW_TRAP_NONE};
    p1_module *m = calloc(1, sizeof *m);
    if (m == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    m->engine = engine;
    m->module = olw_module_load(engine, artifact_fd, &why);
    if (m->module == NULL) {
        (void)ol_fail(err, OL_ERR_RUNNER, "Failed to load compiled module");
        return ol_note(err, "%s", why.text);
    }
    OL_TRY(link_imports(m, err));
    OL_TRY(check_start(m, err));
    *ret = m;
    return OL_OK;
}

uint32_t p1_imports(const p1_module *module)
{
    return module->interfaces;
}

/* ---- running ------------------------------------------------------------------------------- */

static void guest_init(p1_guest *guest, const ol_frame_job *job, job_link *link)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    *guest = (p1_guest){
        .job = job,
        .link = link,
        .fd = {P1_STDIN, P1_STDOUT, P1_STDERR},
        .out = ol_buf_new(job->stdout_bytes_max),
        .err = ol_buf_new(job->stderr_bytes_max),
        .started_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec,
    };
}

/* Reads and drops a failure of the C API; true when there was one. */
static bool failure_take(wasmtime_error_t *error, wasm_trap_t *trap, olw_error *ret)
{
    if (error == NULL && trap == NULL)
        return false;
    olw_error_read(error, trap, ret);
    return true; /* not deleted: the process ends soon */
}

static bool instantiate(p1_module *m, wasmtime_context_t *context, wasmtime_instance_t *instance,
                        olw_error *ret)
{
    wasm_trap_t *trap = NULL;
    if (failure_take(wasmtime_context_set_fuel(context, OUTCOME_INIT_FUEL), NULL, ret))
        return false;
    wasmtime_error_t *error =
        wasmtime_instance_pre_instantiate(m->linked, context, instance, &trap);
    return !failure_take(error, trap, ret);
}

static bool call_start(wasmtime_context_t *context, const wasmtime_instance_t *instance,
                       uint64_t fuel, olw_error *ret)
{
    wasmtime_extern_t start;
    wasm_trap_t *trap = NULL;
    bool found = wasmtime_instance_export_get(context, instance, "_start", 6, &start);
    OL_ASSERT(found && start.kind == WASMTIME_EXTERN_FUNC); /* checked when loading */
    if (failure_take(wasmtime_context_set_fuel(context, fuel), NULL, ret))
        return false;
    wasmtime_error_t *error = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
    return !failure_take(error, trap, ret);
}

static outcome_end end_of(const p1_guest *guest, bool started, bool good)
{
    if (guest->end == P1_EXITED)
        return guest->exit_code == 0 ? OUTCOME_OK : OUTCOME_EXIT;
    if (guest->end == P1_OUTPUT_FULL)
        return OUTCOME_OUTPUT;
    if (!started)
        return OUTCOME_INIT;
    return good ? OUTCOME_OK : OUTCOME_TRAP;
}

void p1_run(p1_module *module, const ol_frame_job *job, job_link *link, ol_frame_result *ret,
            ol_buf *text)
{
    const olw_limits limits = outcome_limits(job);
    olw_error why = {.trap = OLW_TRAP_NONE};
    wasmtime_instance_t instance;
    p1_guest *guest = &module->guest;
    uint64_t left = job->instructions;

    guest_init(guest, job, link);
    wasmtime_store_t *store = wasmtime_store_new(module->engine, NULL, NULL);
    olw_store_limits(store, &limits);
    wasmtime_context_t *context = wasmtime_store_context(store);
    bool started = instantiate(module, context, &instance, &why);
    bool good = started && call_start(context, &instance, job->instructions, &why);
    if (started)
        (void)wasmtime_context_get_fuel(context, &left);

    outcome o = {
        .end = end_of(guest, started, good),
        .trap = why.trap,
        .trap_text = {why.text, why.text_len},
        .exit_code = (int32_t)guest->exit_code,
        .instructions = job->instructions - left,
        .out = ol_buf_bytes(&guest->out),
        .err = ol_buf_bytes(&guest->err),
        .out_bytes = guest->out_bytes,
        .err_bytes = guest->err_bytes,
    };
    outcome_classify(&o, job, ret, text);
}
