/* How calls fail, in the network's words (NEAR 1.7, 1.8), and what may be imported (NEAR 1.2). */
#include <string.h>

#include "tests/chain/vm/lab.h"

typedef struct near_import {
    const char *name;
    const char *params;
    char result;
    bool not_in_view;
} near_import;

static const near_import IMPORTS[] = {
#define NEAR_IMPORT(name, params, result, not_in_view) {#name, params, result, not_in_view},
#include "tests/chain/vm/near_imports.def"
#undef NEAR_IMPORT
};

enum { IMPORT_COUNT = sizeof IMPORTS / sizeof *IMPORTS };

static ol_str failure_json(lab *l)
{
    ol_str json;

    CHECK(l->result.failure != OL_CALL_OK);
    CHECK(ol_call_failure_json(&l->result, l->call.account_id, &l->arena, &json));
    return json;
}

static void call_with_zeros(wasm_maker *m, const near_import *import, unsigned index)
{
    for (const char *p = import->params; *p; p++) {
        if (*p == 'w')
            wasm_i32(m, 0);
        else
            wasm_i64(m, 0);
    }
    wasm_call(m, index);
    if (import->result)
        wasm_op(m, WASM_DROP);
}

TEST("NI1: a contract links all 89 imports")
{
    wasm_maker m = wasm_maker_new();
    lab l;

    CHECK_EQ(IMPORT_COUNT, 89);
    for (size_t i = 0; i < IMPORT_COUNT; i++)
        (void)wasm_import(&m, IMPORTS[i].name, IMPORTS[i].params, IMPORTS[i].result);
    wasm_method(&m, "run");
    wasm_end(&m);
    lab_open(&l);
    CHECK_STR(lab_run(&l, wasm_made(&m))->failure_text, OL_STR(""));
    lab_close(&l);
    wasm_maker_deinit(&m);
}

TEST("NI2: a view may not call what changes things or asks who calls")
{
    size_t allowed = 0;

    for (size_t i = 0; i < IMPORT_COUNT; i++) {
        wasm_maker m = wasm_maker_new();
        unsigned index = wasm_import(&m, IMPORTS[i].name, IMPORTS[i].params, IMPORTS[i].result);
        lab l;
        wasm_method(&m, "run");
        call_with_zeros(&m, &IMPORTS[i], index);
        wasm_end(&m);
        lab_open(&l);
        l.call.view = true;
        l.call.gas = 0;
        ol_str text = lab_run(&l, wasm_made(&m))->failure_text;
        if (IMPORTS[i].not_in_view) {
            /* The short forms are refused under the name of what they are made of. */
            CHECK_ENDS(text, OL_STR(" is not allowed in view calls"), IMPORTS[i].name);
            CHECK_STR_ROW(l.result.failure_name, OL_STR("ProhibitedInView"), IMPORTS[i].name);
        } else {
            CHECK_ROW(!ol_str_ends(text, OL_STR("view calls")), IMPORTS[i].name);
            allowed++;
        }
        lab_close(&l);
        wasm_maker_deinit(&m);
    }
    CHECK_EQ(IMPORT_COUNT - allowed, 41);
}

TEST("NI3: the old iterators still link and say that they are gone")
{
    static const char *names[] = {"storage_iter_prefix", "storage_iter_range", "storage_iter_next"};

    for (size_t n = 0; n < 3; n++) {
        wasm_maker m = wasm_maker_new();
        lab l;
        for (size_t i = 0; i < IMPORT_COUNT; i++) {
            if (strcmp(IMPORTS[i].name, names[n]) != 0)
                continue;
            unsigned index = wasm_import(&m, IMPORTS[i].name, IMPORTS[i].params, IMPORTS[i].result);
            wasm_method(&m, "run");
            call_with_zeros(&m, &IMPORTS[i], index);
            wasm_end(&m);
        }
        lab_open(&l);
        CHECK_STARTS(lab_run(&l, wasm_made(&m))->failure_text,
                     OL_STR("Attempted to call deprecated host function storage_iter_"), names[n]);
        lab_close(&l);
        wasm_maker_deinit(&m);
    }
}

/* ── Ways to fail ── */

static void unreachable(wasm_maker *m)
{
    wasm_method(m, "run");
    wasm_op(m, WASM_UNREACHABLE);
    wasm_end(m);
}

static void divides(wasm_maker *m)
{
    wasm_method(m, "run");
    wasm_i32(m, 1);
    wasm_i32(m, 0);
    wasm_op(m, WASM_I32_DIV_U);
    wasm_op(m, WASM_DROP);
    wasm_end(m);
}

static void loops(wasm_maker *m)
{
    wasm_method(m, "run");
    wasm_op(m, WASM_LOOP);
    wasm_op(m, WASM_EMPTY);
    wasm_op(m, WASM_BR);
    wasm_op(m, 0);
    wasm_op(m, WASM_END);
    wasm_end(m);
}

static void recurses(wasm_maker *m)
{
    wasm_method(m, "run");
    wasm_call(m, 0);
    wasm_end(m);
}

static void one_call(wasm_maker *m, const char *name, const char *params, const uint64_t *arguments)
{
    unsigned index = wasm_import(m, name, params, 0);

    wasm_method(m, "run");
    for (size_t i = 0; params[i]; i++)
        wasm_i64(m, arguments[i]);
    wasm_call(m, index);
    wasm_end(m);
    wasm_data(m, 64, ol_str_bytes(OL_STR("it broke")));
}

static void panics(wasm_maker *m)
{
    one_call(m, "panic_utf8", "ii", (const uint64_t[]){8, 64});
}

static void panics_without_words(wasm_maker *m)
{
    one_call(m, "panic", "", NULL);
}

static void reads_beyond(wasm_maker *m)
{
    one_call(m, "log_utf8", "ii", (const uint64_t[]){8, UINT64_C(1) << 40});
}

static void reads_unset_register(wasm_maker *m)
{
    one_call(m, "read_register", "ii", (const uint64_t[]){7, 0});
}

static void imports_unknown(wasm_maker *m)
{
    one_call(m, "nothing_of_this_name", "", NULL);
}

static void imports_wrong_type(wasm_maker *m)
{
    one_call(m, "panic", "ii", (const uint64_t[]){0, 0});
}

static void imports_elsewhere(wasm_maker *m)
{
    (void)wasm_import_from(m, "wasi_snapshot_preview1", "fd_write", "", 0);
    wasm_method(m, "run");
    wasm_end(m);
}

static void other_method(wasm_maker *m)
{
    wasm_method(m, "walk");
    wasm_end(m);
}

static void takes_arguments(wasm_maker *m)
{
    wasm_function(m, "run", "i", 0);
    wasm_end(m);
}

static void loads_beyond(wasm_maker *m)
{
    wasm_method(m, "run");
    wasm_i32(m, UINT32_C(0x7ffffff0));
    wasm_op(m, WASM_I64_LOAD);
    wasm_op(m, 3);
    wasm_op(m, 0);
    wasm_op(m, WASM_DROP);
    wasm_end(m);
}

typedef enum burnt { NOTHING, LOADING, SOME, ALL } burnt;

typedef struct failing {
    const char *json;
    void (*make)(wasm_maker *m);
    burnt burnt;
} failing;

static const failing FAILING[] = {
    {"{\"ExecutionError\":\"Smart contract panicked: it broke\"}", panics, SOME},
    {"{\"ExecutionError\":\"Smart contract panicked: explicit guest panic\"}", panics_without_words,
     SOME},
    {"{\"ExecutionError\":\"Exceeded the prepaid gas.\"}", loops, ALL},
    {"{\"ExecutionError\":\"Accessed memory outside the bounds.\"}", reads_beyond, SOME},
    {"{\"ExecutionError\":\"Accessed memory outside the bounds.\"}", recurses, SOME},
    {"{\"ExecutionError\":\"Accessed invalid register id: 7\"}", reads_unset_register, SOME},
    {"{\"ExecutionError\":\"WebAssembly trap: An `unreachable` opcode was executed.\"}",
     unreachable, SOME},
    {"{\"ExecutionError\":\"WebAssembly trap: An arithmetic exception, e.g. divided by zero.\"}",
     divides, SOME},
    {"{\"ExecutionError\":\"WebAssembly trap: Memory out of bounds trap.\"}", loads_beyond, SOME},
    {"{\"ExecutionError\":\"Link Error: unknown or invalid import\"}", imports_unknown, LOADING},
    {"{\"CompilationError\":{\"PrepareError\":\"Instantiate\"}}", imports_elsewhere, NOTHING},
    {"{\"MethodResolveError\":\"MethodNotFound\"}", other_method, NOTHING},
    {"{\"MethodResolveError\":\"MethodInvalidSignature\"}", takes_arguments, NOTHING},
};

TEST("NE1: failures in the network's words, with the gas it takes for them")
{
    for (size_t i = 0; i < sizeof FAILING / sizeof *FAILING; i++) {
        const failing *f = &FAILING[i];
        wasm_maker m = wasm_maker_new();
        lab l;
        f->make(&m);
        lab_open(&l);
        l.call.gas = 5 * OL_TGAS;
        const ol_call_result *result = lab_run(&l, wasm_made(&m));
        uint64_t loading = 35445963 + UINT64_C(1089295) * l.call.code.len;
        CHECK_STR_ROW(failure_json(&l), ol_str_of(f->json), f->json);
        if (f->burnt == NOTHING || f->burnt == ALL)
            CHECK_EQ_ROW(result->gas_burnt, f->burnt == ALL ? 5 * OL_TGAS : 0, f->json);
        else if (f->burnt == LOADING)
            CHECK_EQ_ROW(result->gas_burnt, loading, f->json);
        else
            CHECK_ROW(result->gas_burnt > loading && result->gas_burnt < 5 * OL_TGAS, f->json);
        CHECK_EQ_ROW(result->change_count + result->receipt_count, 0, f->json);
        lab_close(&l);
        wasm_maker_deinit(&m);
    }
}

TEST("NE2: an import of another type says which")
{
    wasm_maker m = wasm_maker_new();
    lab l;

    imports_wrong_type(&m);
    lab_open(&l);
    (void)lab_run(&l, wasm_made(&m));
    CHECK_STARTS(failure_json(&l), OL_STR("{\"ExecutionError\":\"Link Error: types incompatible: "),
                 "import");
    lab_close(&l);
    wasm_maker_deinit(&m);
}

TEST("NE3: bytes that are no module, and no bytes at all")
{
    lab l;

    lab_open(&l);
    CHECK_EQ(lab_run(&l, ol_str_bytes(OL_STR("no module")))->gas_burnt, 0);
    CHECK_STR(failure_json(&l),
              OL_STR("{\"CompilationError\":{\"PrepareError\":\"Deserialization\"}}"));
    CHECK_EQ(lab_run(&l, (ol_bytes){0})->gas_burnt, 0);
    CHECK_STR(
        failure_json(&l),
        OL_STR("{\"CompilationError\":{\"CodeDoesNotExist\":{\"account_id\":\"app.near\"}}}"));
    CHECK_STR(l.result.failure_debug,
              OL_STR("CompilationError(CodeDoesNotExist { account_id: \"app.near\" })"));
    lab_close(&l);
}

TEST("NE4: a view has a limit of its own, and 1 Pgas without one")
{
    wasm_maker m = wasm_maker_new();
    lab l;

    loops(&m);
    lab_open(&l);
    l.call.view = true;
    l.call.gas = 5 * OL_TGAS;
    CHECK_EQ(lab_run(&l, wasm_made(&m))->gas_burnt, 5 * OL_TGAS);
    CHECK_STR(failure_json(&l), OL_STR("{\"ExecutionError\":\"Exceeded the maximum amount of gas "
                                       "allowed to burn per contract.\"}"));
    l.call.gas = 0;
    CHECK_EQ(lab_run(&l, wasm_made(&m))->gas_burnt, 1000 * OL_TGAS);
    lab_close(&l);
    wasm_maker_deinit(&m);
}

TEST("NE5: logs of a failed call stay")
{
    wasm_maker m = wasm_maker_new();
    unsigned log = wasm_import(&m, "log_utf8", "ii", 0);
    lab l;

    wasm_method(&m, "run");
    wasm_i64(&m, 5);
    wasm_i64(&m, 64);
    wasm_call(&m, log);
    wasm_op(&m, WASM_UNREACHABLE);
    wasm_end(&m);
    wasm_data(&m, 64, ol_str_bytes(OL_STR("hello")));
    lab_open(&l);
    const ol_call_result *result = lab_run(&l, wasm_made(&m));
    CHECK_STR(result->failure_debug, OL_STR("WasmTrap(Unreachable)"));
    CHECK_EQ(result->log_count, 1);
    CHECK_STR(result->logs[0], OL_STR("hello"));
    lab_close(&l);
    wasm_maker_deinit(&m);
}
