/* Components in the recorded runs of the reference (tests/data/reference/guest.json): what
 * completed there completes here with the same output. Left out: programs whose output is time,
 * chance or the caller's environment, and limits the reference did not keep (Host interfaces 17).
 */
#include <string.h>

#include "lib/base/fd.h"
#include "lib/codec/json_read.h"
#include "tests/harness/test.h"
#include "tests/unit/engine/guest_run.h"

enum { GUEST_JSON_BYTES_MAX = 1 << 20 };

static const char *const MODULES[] = {"act.p2.wasm", "deep.p2.wasm", "fdseq.p2.wasm"};

static ol_str member(const ol_json *run, const char *name, ol_arena *arena)
{
    ol_err err = {0};
    ol_json value;
    ol_str text = OL_STR("");
    if (ol_json_find(run, ol_str_of(name), &value) && ol_json_kind_of(&value) == OL_JSON_STRING)
        CHECK_OK(ol_json_text(&value, arena, &text, &err));
    return text;
}

/* `…"output":OUTPUT,"compute_cost":…`; the rest holds placeholders and is no JSON. */
static bool output_of(ol_str response, ol_str *ret)
{
    size_t from, to;
    if (!ol_str_find(response, OL_STR("\"output\":"), &from) ||
        !ol_str_find(response, OL_STR(",\"compute_cost\""), &to))
        return false;
    *ret = ol_str_slice(response, from + strlen("\"output\":"), to);
    return true;
}

/* Does the run belong here, and with which input and output? */
static bool run_read(const ol_json *run, ol_str module, ol_arena *arena, ol_str *ret_input,
                     ol_str *ret_output)
{
    ol_err err = {0};
    ol_json body, input, limits;
    if (!ol_str_eq(member(run, "module", arena), module) ||
        !ol_str_eq(member(run, "status", arena), OL_STR("completed")))
        return false;
    CHECK_OK(ol_json_parse(member(run, "request_body", arena), &body, &err));
    if (ol_json_find(&body, OL_STR("resource_limits"), &limits) ||
        !ol_json_find(&body, OL_STR("input"), &input))
        return false;
    *ret_input = input.raw;
    return output_of(member(run, "response", arena), ret_output);
}

static unsigned runs_check(const ol_json *runs, const char *module, ol_arena *arena)
{
    unsigned checked = 0;
    ol_json run;
    guest *g = guest_open(module, NULL, 0);
    ol_json_iter it = ol_json_iterate(runs);
    while (ol_json_next_item(&it, &run)) {
        ol_str input, output;
        if (!run_read(&run, ol_str_of(module), arena, &input, &output))
            continue;
        olw_job job = guest_job("");
        job.input = (olw_str){(const uint8_t *)input.data, input.len};
        const guest_result *r = guest_run(g, &job);
        CHECK_STR_ROW(guest_text(r), OL_STR(""), module);
        CHECK_STR_ROW(guest_out(r), output, module);
        checked++;
    }
    guest_close(g);
    return checked;
}

TEST("a recorded component run that completed completes with the same output")
{
    ol_err err = {0};
    ol_json root, runs;
    ol_buf text = ol_buf_new(GUEST_JSON_BYTES_MAX);
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_MIB(16));
    unsigned checked = 0;
    CHECK_OK(ol_file_load("tests/data/reference/guest.json", &text, &err));
    CHECK_OK(ol_json_parse(ol_buf_str(&text), &root, &err));
    CHECK(ol_json_find(&root, OL_STR("runs"), &runs));
    OL_EACH (module, MODULES)
        checked += runs_check(&runs, *module, &arena);
    CHECK(checked >= 20);
    ol_buf_deinit(&text);
}
