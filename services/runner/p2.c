#include "services/runner/p2.h"

#include <inttypes.h>
#include <stdlib.h>

#include "services/runner/p2_answers.h"
#include "services/runner/stderr_text.h"

struct p2_world {
    const struct wasm_engine_t *engine;
    olw_world *world;
};

struct p2_guest {
    olw_component *component;
    olw_prelinked *prelinked;
};

static olw_error no_error(void)
{
    return (olw_error){.trap = OLW_TRAP_NONE, .exit_status = -1};
}

ol_rc p2_world_open(const struct wasm_engine_t *engine, const olw_host_fn *functions,
                    size_t functions_len, p2_world **ret, ol_err *err)
{
    olw_error why = no_error();
    p2_world *world = calloc(1, sizeof *world);
    if (world == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    world->engine = engine;
    world->world =
        olw_world_new(engine, P2_ANSWERS, P2_ANSWERS_LEN, functions, functions_len, &why);
    if (world->world == NULL) {
        free(world);
        return ol_fail(err, OL_ERR_INTERNAL, "world: %s", why.text);
    }
    *ret = world;
    return OL_OK;
}

ol_rc p2_load(const p2_world *world, int artifact_fd, p2_guest **ret, ol_err *err)
{
    olw_error why = no_error();
    p2_guest *guest = calloc(1, sizeof *guest);
    if (guest == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    guest->component = olw_component_load(world->engine, artifact_fd, &why);
    if (guest->component == NULL) {
        free(guest);
        (void)ol_fail(err, OL_ERR_RUNNER, "Failed to load compiled component");
        return ol_note(err, "%s", why.text);
    }
    guest->prelinked = olw_prelink(world->world, guest->component, &why);
    if (guest->prelinked == NULL) {
        olw_component_delete(guest->component);
        free(guest);
        (void)ol_fail(err, OL_ERR_WASM, "Failed to instantiate component");
        return ol_note(err, "%s", why.text);
    }
    *ret = guest;
    return OL_OK;
}

void p2_guest_free(p2_guest *guest)
{
    olw_prelinked_delete(guest->prelinked);
    olw_component_delete(guest->component);
    free(guest);
}

void p2_world_free(p2_world *world)
{
    olw_world_delete(world->world);
    free(world);
}

bool p2_imports(const p2_guest *guest, ol_str interface)
{
    olw_str name;
    for (size_t i = 0; olw_component_import(guest->component, i, &name); i++) {
        ol_str import = {(const char *)name.data, name.len}, head, version;
        if (!ol_str_cut(import, '@', &head, &version))
            head = import;
        if (ol_str_eq(head, interface))
            return true;
    }
    return false;
}

static p2_class classify(const olw_outcome *o)
{
    bool out_of_fuel = o->error.trap == OLW_TRAP_OUT_OF_FUEL;
    bool refused = o->usage.memory_refused;
    switch (o->end) {
    case OLW_END_OK:
        return P2_OK;
    case OLW_END_RUN_ERR:
    case OLW_END_EXIT_ERR:
        return P2_EXIT;
    case OLW_END_OUTPUT:
        return P2_OUTPUT;
    case OLW_END_TRAP:
        return out_of_fuel ? P2_OUT_OF_FUEL : refused ? P2_MEMORY : P2_TRAP;
    case OLW_END_INIT:
        return out_of_fuel ? P2_INIT_LIMIT : refused ? P2_MEMORY : P2_LOAD;
    }
    OL_UNREACHABLE();
}

/* Host interfaces 2, the P2 rows. */
static void guest_failure_text(const olw_outcome *o, ol_buf *text)
{
    bool silent = o->err.len == 0;
    stderr_text_add((ol_bytes){o->err.data, o->err.len}, text);
    if (o->end == OLW_END_RUN_ERR && silent)
        ol_buf_add_str(text, OL_STR("Component exited with error (no details in stderr)"));
    if (o->end == OLW_END_RUN_ERR)
        return;
    ol_buf_add_str(text, silent ? OL_STR("Component execution failed: ") : OL_STR("\nTrap: "));
    ol_buf_add_str(text, (ol_str){o->error.text, o->error.text_len});
}

static void failure_text(p2_class class, const olw_job *job, const olw_outcome *o, ol_buf *text)
{
    switch (class) {
    case P2_OK:
        return;
    case P2_EXIT:
    case P2_TRAP:
        guest_failure_text(o, text);
        return;
    case P2_OUT_OF_FUEL: /* Worker 7.2 */
        ol_buf_addf(text,
                    "Instruction limit exceeded (consumed %" PRIu64
                    " instructions): all fuel consumed by WebAssembly",
                    o->fuel_used);
        return;
    case P2_MEMORY: /* Worker 7.2 */
        ol_buf_addf(text, "Memory limit exceeded: %" PRIu64 " MB", job->limits.memory_bytes >> 20);
        return;
    case P2_OUTPUT: /* Host interfaces 2; the limit is the one number that does not depend on how
                       the guest cuts its writes */
        ol_buf_addf(text, "Output limit exceeded: %" PRIu64 " bytes", job->stdout_bytes_max);
        return;
    case P2_INIT_LIMIT:
    case P2_LOAD:
        ol_buf_add_str(text, OL_STR("Failed to instantiate component"));
        return;
    }
    OL_UNREACHABLE();
}

void p2_run(const p2_guest *guest, const olw_job *job, p2_result *ret, ol_buf *text)
{
    olw_job with_defaults = *job;
    olw_outcome o = {.error = no_error()};
    if (with_defaults.init_fuel == 0)
        with_defaults.init_fuel = P2_INIT_FUEL;
    olw_run(guest->prelinked, &with_defaults, &o);

    p2_class class = classify(&o);
    *ret = (p2_result){
        .class = class,
        .trap = o.error.trap,
        .instructions = o.fuel_used,
        .instructions_exact = olw_trap_exact(o.error.trap),
        .memory_bytes_peak = o.usage.memory_bytes_peak,
        .out = {o.out.data, o.out.len},
        .err = {o.err.data, o.err.len},
    };
    failure_text(class, job, &o, text);
}
