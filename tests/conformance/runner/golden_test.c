/* What the reference's guests saw and cost (tests/data/reference/guest.json), on our runner: every
 * preview-1 run that does not depend on time, chance or the coordinator. Instructions must be equal
 * and so must the output; what the specification wants otherwise stands in the tables here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_print.h"
#include "lib/codec/json_read.h"
#include "tests/conformance/runner/lab.h"

enum { FILE_BYTES_MAX = 4 << 20, TEXT_BYTES_MAX = 4 << 20 };

static ol_str file_text(void)
{
    static ol_buf text;
    ol_err err = {0};
    if (text.len == 0) {
        text = ol_buf_new(FILE_BYTES_MAX);
        CHECK_OK(ol_file_load("tests/data/reference/guest.json", &text, &err));
    }
    return ol_buf_str(&text);
}

typedef struct record {
    ol_arena arena;
    ol_str id, note, module, target, input; /* input: what stdin holds */
    bool has_response;
    ol_json response;      /* parsed from its text */
    uint64_t instructions; /* 0: not reported */
    uint64_t limit, memory_mb;
} record;

static ol_str text_member(const ol_json *object, const char *name, ol_arena *arena)
{
    ol_json value;
    ol_str text = OL_STR("");
    if (ol_json_find(object, ol_str_of(name), &value) && ol_json_kind_of(&value) == OL_JSON_STRING)
        (void)ol_json_text(&value, arena, &text, NULL);
    return text;
}

static uint64_t number_member(const ol_json *object, const char *name, uint64_t otherwise)
{
    ol_json value;
    uint64_t number = otherwise;
    if (ol_json_find(object, ol_str_of(name), &value) && ol_json_kind_of(&value) == OL_JSON_NUMBER)
        (void)ol_json_u64(&value, &number, NULL);
    return number;
}

/* Compact, keys as given: what the worker hands to a guest, and how answers are compared. */
static ol_str printed(const ol_json *value, ol_json_order order, ol_arena *arena)
{
    ol_err err = {0};
    ol_str text = OL_STR("");
    ol_buf into = ol_buf_new(TEXT_BYTES_MAX);
    CHECK_OK(ol_json_print(value, order, &into, &err));
    CHECK(ol_arena_copy(arena, ol_buf_str(&into), &text));
    ol_buf_deinit(&into);
    return text;
}

/* Volatile members stand as <n> in the recording: not JSON. */
static ol_str without_placeholders(ol_str text, ol_arena *arena)
{
    ol_str copy;
    CHECK(ol_arena_copy(arena, text, &copy));
    size_t at;
    for (ol_str rest = copy; ol_str_find(rest, OL_STR(":<n>"), &at);
         rest = ol_str_slice(rest, at + 4, rest.len)) {
        char *place = (char *)(uintptr_t)rest.data + at;
        memcpy(place, ":0  ", 4);
    }
    return copy;
}

static bool record_read(const ol_json *entry, record *r)
{
    ol_err err = {0};
    ol_json limits, body, input;
    *r = (record){
        .arena = ol_arena_new(OL_MIB(16)), .limit = UINT64_C(10000000000), .memory_mb = 128};
    r->id = text_member(entry, "id", &r->arena);
    r->note = text_member(entry, "note", &r->arena);
    r->module = text_member(entry, "module", &r->arena);
    r->target = text_member(entry, "target", &r->arena);
    r->instructions = number_member(entry, "instructions", 0);
    if (ol_json_find(entry, OL_STR("limits"), &limits)) {
        r->limit = number_member(&limits, "max_instructions", r->limit);
        r->memory_mb = number_member(&limits, "max_memory_mb", r->memory_mb);
    }
    ol_str request = text_member(entry, "request_body", &r->arena);
    if (request.len == 0 || ol_json_parse(request, &body, &err) != OL_OK ||
        !ol_json_find(&body, OL_STR("input"), &input))
        return false;
    r->input = printed(&input, OL_JSON_KEYS_AS_GIVEN, &r->arena);
    ol_str response = without_placeholders(text_member(entry, "response", &r->arena), &r->arena);
    r->has_response = response.len > 0 && ol_json_parse(response, &r->response, &err) == OL_OK;
    return true;
}

static bool is_of(const record *r, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ol_str_eq(r->id, ol_str_of(ids[i])))
            return true;
    }
    return false;
}

static ol_run_result record_run(const record *r)
{
    char name[64];
    ol_str stem = r->module;
    if (ol_str_ends(stem, OL_STR(".wasm")))
        stem.len -= 5;
    (void)snprintf(name, sizeof name, "@%.*s", OL_FMT(stem));
    ol_err err = {0};
    const lab_guest *guest = lab_guest_try(name, &err);
    if (guest == NULL) /* refused before it runs */
        return (ol_run_result){.class = OL_RUN_LOAD_ERROR};
    ol_run_job job = lab_job(guest, "");
    job.frame.input = ol_str_bytes(r->input);
    job.frame.instructions = r->limit;
    job.frame.memory_bytes = r->memory_mb << 20;
    job.seconds = 60;
    return lab_run(&job, NULL);
}

/* ---- runs that agree ----------------------------------------------------------------------- */

static const char *const COMPARED[] = {"stdin",
                                       "stdout-json",
                                       "stdout-notjson",
                                       "stdout-badutf8",
                                       "stdout-depth",
                                       "fuel",
                                       "fuel-edge",
                                       "features",
                                       "errno-one",
                                       "errno-seq",
                                       "stack",
                                       "memory",
                                       "fs-p1",
                                       "p1-misc",
                                       "W40",
                                       "trap-p1",
                                       "trap-wat",
                                       "H8",
                                       "H13",
                                       "exit-p1",
                                       "stdout-limit"};

/* Intended differences: what we do instead is another test's matter. */
static const struct {
    const char *id, *module, *note; /* prefix of the note; NULL: any */
    const char *why;
} DIFFERENT[] = {
    {"memory", "grow.wasm", NULL, "the reference did not enforce the limit"},
    {"memory", "touch.wasm", "touch 64 MiB, limit 16", "the same"},
    {"memory", "act.wasm", NULL, "limits of 0 and 1 MB gave stdout its size"},
    {"exit-p1", "act.wasm", "proc_exit(0)", "an exit with 0 is success"},
    {"stdout-limit", "act.wasm", "1024 KiB", "our capacity is inclusive"},
    {"stdout-limit", "act.wasm", NULL, "other texts"},
    {"features", "w_sharedmem.wasm", NULL, "threads and shared memory are off"},
    {"features", "w_atomics_unshared.wasm", NULL, "the same"},
    {"features", "w_memory64.wasm", NULL, "refused while compiling"},
    {"features", "w_exceptions.wasm", NULL, "refused while compiling"},
    {"features", "w_bigmem.wasm", NULL, "the limit is enforced"},
    {"features", "w_bigtable.wasm", NULL, "the limit is enforced"},
    {"stdin", "hexin.wasm", "stdin bytes of 9007199254740993.0", "we round correctly"},
    {"stdin", "hexin.wasm", "stdin bytes of 12345678901234567.0", "the same"},
    {"stdin", "hexin.wasm", "stdin bytes of 2.2250738585072011e-308", "the same"},
    {"stdout-json", "act.wasm", "stdout '9007199254740993.0'", "the same"},
    {"features", "w_tables.wasm", NULL, "externref wants a collector, which is off (Engine 1)"},
    {"fuel", "w_tables.wasm", NULL, "the same"},
    {"fuel", "w_startfn.wasm", NULL, "instantiation is not billed"},
};

/* Our stack is twice the reference's (Engine 1): what overflowed there may pass here. */
static bool deeper(const record *r)
{
    return ol_str_eq(r->id, OL_STR("stack")) && r->instructions == 0;
}

static bool differs(const record *r)
{
    if (deeper(r))
        return true;
    OL_EACH (d, DIFFERENT) {
        if (ol_str_eq(r->id, ol_str_of(d->id)) && ol_str_eq(r->module, ol_str_of(d->module)) &&
            (d->note == NULL || ol_str_starts(r->note, ol_str_of(d->note))))
            return true;
    }
    return false;
}

/* Bulk operations cost by the byte since the reference's engine (Engine 2). */
static bool counts_otherwise(const record *r)
{
    static const char *const modules[] = {"w_memfill.wasm", "w_memcopy.wasm",     "w_meminit.wasm",
                                          "w_tables.wasm",  "fuel_mix_bulk.wasm", "touch.wasm"};
    OL_EACH (m, modules) {
        if (ol_str_eq(r->module, ol_str_of(*m)))
            return true;
    }
    return false;
}

static bool same_output(const record *r, const ol_run_result *result)
{
    ol_err err = {0};
    ol_json want, got;
    record *scratch = (record *)(uintptr_t)r;
    if (!r->has_response || !ol_json_find(&r->response, OL_STR("output"), &want))
        return true;
    if (ol_json_parse(lab_output(result), &got, &err) != OL_OK)
        return false;
    return ol_str_eq(printed(&want, OL_JSON_KEYS_SORTED, &scratch->arena),
                     printed(&got, OL_JSON_KEYS_SORTED, &scratch->arena));
}

static unsigned compare(const record *r, const ol_run_result *result)
{
    unsigned wrong = 0;
    bool ran = r->instructions > 0;
    if (ran != (result->class == OL_RUN_OK))
        wrong |= 1;
    if (ran && !counts_otherwise(r) && result->instructions != r->instructions)
        wrong |= 2;
    if (ran && result->class == OL_RUN_OK && !same_output(r, result))
        wrong |= 4;
    if (wrong != 0)
        (void)fprintf(
            stderr,
            "    %.*s | %.*s | %.*s: class %s, instructions %llu, recorded %llu, fault %u "
            "%.*s\n",
            OL_FMT(r->id), OL_FMT(r->note), OL_FMT(r->module), ol_run_class_name(result->class),
            (unsigned long long)result->instructions, (unsigned long long)r->instructions, wrong,
            OL_FMT(result->text));
    return wrong;
}

static void records_walk(void (*visit)(record *, void *), void *env)
{
    ol_err err = {0};
    ol_json root, runs, entry;
    CHECK_OK(ol_json_parse(file_text(), &root, &err));
    CHECK(ol_json_find(&root, OL_STR("runs"), &runs));
    for (ol_json_iter it = ol_json_iterate(&runs); ol_json_next_item(&it, &entry);) {
        record r;
        if (record_read(&entry, &r) && ol_str_starts(r.target, OL_STR("wasm32-wasi")) &&
            !ol_str_eq(r.target, OL_STR("wasm32-wasip2")) &&
            !ol_str_ends(r.module, OL_STR(".p2.wasm")) && !ol_str_starts(r.module, OL_STR("bad_")))
            visit(&r, env);
        ol_arena_deinit(&r.arena);
    }
}

typedef struct tally {
    unsigned compared, wrong;
} tally;

static void visit_compared(record *r, void *env)
{
    tally *t = env;
    if (!is_of(r, COMPARED, OL_COUNT(COMPARED)) || differs(r))
        return;
    ol_run_result result = record_run(r);
    t->compared++;
    t->wrong += compare(r, &result) != 0;
    ol_run_result_deinit(&result);
}

TEST("recorded preview-1 runs give the same output for the same instructions")
{
    tally t = {0};
    records_walk(visit_compared, &t);
    CHECK(t.compared > 150);
    CHECK_EQ(t.wrong, 0);
}

/* ---- the table of errnos ------------------------------------------------------------------- */

/* Answers that depend on the moment, and one that the specification wants otherwise. */
static const char *const NOT_COMPARED[] = {"time 0", "time 1", "fd_read(0,0 iovs)"};

static void visit_errno(record *r, void *env)
{
    tally *t = env;
    ol_err err = {0};
    ol_json want, got, key, value, ours;
    if (!ol_str_eq(r->id, OL_STR("errno")) || !ol_str_eq(r->module, OL_STR("errno.wasm")) ||
        !r->has_response || t->compared > 0 || !ol_json_find(&r->response, OL_STR("output"), &want))
        return;
    ol_run_result result = record_run(r);
    CHECK_STR(result.text, OL_STR(""));
    CHECK_OK(ol_json_parse(lab_output(&result), &got, &err));
    for (ol_json_iter it = ol_json_iterate(&want); ol_json_next_member(&it, &key, &value);) {
        ol_str name;
        bool skip = false;
        CHECK_OK(ol_json_text(&key, &r->arena, &name, &err));
        OL_EACH (other, NOT_COMPARED)
            skip |= ol_str_eq(name, ol_str_of(*other));
        if (skip)
            continue;
        t->compared++;
        if (!ol_json_find(&got, name, &ours) || !ol_str_eq(ours.raw, value.raw)) {
            t->wrong++;
            (void)fprintf(stderr, "    %.*s: %.*s, recorded %.*s\n", OL_FMT(name), OL_FMT(ours.raw),
                          OL_FMT(value.raw));
        }
    }
    ol_json reads;
    CHECK(ol_json_find(&got, OL_STR("fd_read(0,0 iovs)"), &reads));
    CHECK_STR(reads.raw, OL_STR("0"));
    ol_run_result_deinit(&result);
}

TEST("the table of preview-1 errnos is the recorded one")
{
    tally t = {0};
    records_walk(visit_errno, &t);
    CHECK(t.compared > 200);
    CHECK_EQ(t.wrong, 0);
}

TEST("proc_raise is not supported")
{
    ol_run_job job = lab_job(lab_guest_of("@raise"), "1");
    ol_run_result r = lab_run(&job, NULL);
    CHECK_STR(lab_output(&r), OL_STR("{\"proc_raise\":58}"));
    ol_run_result_deinit(&r);
}

TEST("wall clock and monotonic clock run, randomness differs within a run")
{
    ol_err err = {0};
    ol_json root;
    ol_arena arena = ol_arena_new(OL_KIB(16));
    ol_run_job job = lab_job(lab_guest_of("@clockrand"), "1");
    ol_run_result r = lab_run(&job, NULL);
    uint64_t real = 0, first = 0, second = 0;
    CHECK_OK(ol_json_parse(lab_output(&r), &root, &err));
    CHECK(ol_u64_parse(text_member(&root, "real", &arena), &real));
    CHECK(ol_u64_parse(text_member(&root, "mono1", &arena), &first));
    CHECK(ol_u64_parse(text_member(&root, "mono2", &arena), &second));
    int64_t now_s = ol_wall_ms(ol_clock_real()) / 1000;
    CHECK(real / 1000000000 > (uint64_t)now_s - 60 && real / 1000000000 < (uint64_t)now_s + 60);
    CHECK(first < second && second < UINT64_C(60000000000)); /* from its own start */
    CHECK(!ol_str_eq(text_member(&root, "r", &arena), text_member(&root, "q", &arena)));
    ol_run_result_deinit(&r);
    ol_arena_deinit(&arena);
}
