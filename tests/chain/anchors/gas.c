/* outlayer-gas: what the recorded calls cost with our contract.
 *
 *   outlayer-gas            one JSON line for each call that has a goal (`make gas`)
 *   outlayer-gas --all      for each recorded call
 *   outlayer-gas SEQ        the call in detail: results side by side where they differ, and the gas
 *                           of every host function, ours and the reference's
 *   outlayer-gas --diff     one line for each difference in results */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec/json_write.h"
#include "tests/chain/anchors/goals.h"

typedef struct options {
    bool all;
    bool differences;
    bool detail;
    uint64_t seq;
} options;

static void print(ol_buf *line)
{
    (void)fwrite(line->data, 1, line->len, stdout);
    (void)fputc('\n', stdout);
    ol_buf_clear(line);
}

/* Tgas with four digits behind the point. */
static void put_tgas(ol_json_writer *w, const char *key, uint64_t gas)
{
    char text[32];
    uint64_t rounded = (gas + 50000000) / 100000000; /* 10^-4 Tgas */

    (void)snprintf(text, sizeof text, "%lu.%04lu", (unsigned long)(rounded / 10000),
                   (unsigned long)(rounded % 10000));
    ol_json_key(w, key);
    ol_json_add_raw(w, ol_str_of(text));
}

static void gas_line(const replay_call *call, const gas_goal *goal, ol_buf *line)
{
    ol_json_writer w = ol_json_writer_over(line);

    ol_json_object_begin(&w);
    ol_json_put_str(&w, "method", call->method);
    ol_json_put_str(&w, "case", goal && goal->name.len ? goal->name : call->note);
    put_tgas(&w, "reference_tgas", call->reference.gas);
    put_tgas(&w, "ours_tgas", call->ours.gas);
    if (goal) {
        put_tgas(&w, "goal_tgas", goal->gas);
        ol_json_put_bool(&w, "met", gas_goal_met(goal, call));
        if (goal->miss.len > 0)
            ol_json_put_str(&w, "why", goal->miss);
    }
    ol_json_put_u64(&w, "seq", call->seq);
    ol_json_object_end(&w);
    print(line);
}

static void size_line(const char *name, const char *what, uint64_t reference, uint64_t ours,
                      uint64_t goal, ol_str miss, ol_buf *line)
{
    ol_json_writer w = ol_json_writer_over(line);

    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "method", name);
    ol_json_put_cstr(&w, "case", what);
    ol_json_put_u64(&w, "reference_bytes", reference);
    ol_json_put_u64(&w, "ours_bytes", ours);
    ol_json_put_u64(&w, "goal_bytes", goal);
    ol_json_put_bool(&w, "met", ours <= goal);
    if (miss.len > 0)
        ol_json_put_str(&w, "why", miss);
    ol_json_object_end(&w);
    print(line);
}

static void table(const replay *r, const gas_goals *goals, bool all, ol_buf *line)
{
    const replay_call *pending = replay_find(r, goals->pending_seq);

    size_line("wasm", "size", OL_REFERENCE_WASM_BYTES, r->wasm_bytes, goals->wasm_bytes,
              goals->wasm_miss, line);
    if (pending)
        size_line("request_execution", "state of a pending request",
                  (uint64_t)pending->reference.storage_delta, (uint64_t)pending->ours.storage_delta,
                  goals->pending_bytes, goals->pending_miss, line);
    for (size_t i = 0; i < r->count; i++) {
        const gas_goal *goal = gas_goals_find(goals, r->calls[i].seq);
        if (all || goal)
            gas_line(&r->calls[i], goal, line);
    }
}

static void differences(const replay *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const char *parts[REPLAY_PARTS];
        size_t count = replay_differences(&r->calls[i], parts);
        for (size_t p = 0; p < count; p++) {
            ol_str theirs = replay_part(&r->calls[i].reference, parts[p]);
            ol_str ours = replay_part(&r->calls[i].ours, parts[p]);
            printf("%lu %.*s: %s\n  reference: %.*s\n  ours:      %.*s\n",
                   (unsigned long)r->calls[i].seq, OL_FMT(r->calls[i].method), parts[p],
                   OL_FMT(theirs), OL_FMT(ours));
        }
    }
}

static uint64_t recorded_cost(const replay_call *call, ol_str name)
{
    ol_json profile, value;
    uint64_t gas = 0;

    if (ol_json_find(&call->recorded, OL_STR("gas_profile"), &profile) &&
        ol_json_find(&profile, name, &value))
        (void)ol_json_u64(&value, &gas, NULL);
    return gas;
}

static int by_gas(const void *a, const void *b)
{
    uint64_t x = ((const ol_call_cost *)a)->gas, y = ((const ol_call_cost *)b)->gas;

    return x < y ? 1 : x > y ? -1 : 0;
}

static void detail(const replay_call *call)
{
    static const char *parts[] = {"ok", "error", "returned", "logs", "receipts"};
    size_t count = call->result.cost_count;
    ol_call_cost *costs = calloc(count + 1, sizeof *costs);

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ol_str theirs = replay_part(&call->reference, parts[i]);
        ol_str ours = replay_part(&call->ours, parts[i]);
        if (ol_str_eq(theirs, ours))
            printf("%-9s %.*s\n", parts[i], OL_FMT(ours));
        else
            printf("%-9s DIFFERS\n  reference: %.*s\n  ours:      %.*s\n", parts[i], OL_FMT(theirs),
                   OL_FMT(ours));
    }
    printf("storage   %+ld (reference %+ld)\n", (long)call->ours.storage_delta,
           (long)call->reference.storage_delta);
    printf("\n%-32s %16s %16s\n", "gas", "ours", "reference");
    if (costs) {
        memcpy(costs, call->result.costs, count * sizeof *costs);
        qsort(costs, count, sizeof *costs, by_gas);
    }
    for (size_t i = 0; costs && i < count; i++)
        printf("%-32.*s %16lu %16lu\n", OL_FMT(costs[i].name), (unsigned long)costs[i].gas,
               (unsigned long)recorded_cost(call, costs[i].name));
    printf("%-32s %16lu %16lu\n", "burnt", (unsigned long)call->ours.gas,
           (unsigned long)call->reference.gas);
    free(costs);
}

static ol_rc run(const options *o, ol_err *err)
{
    ol_buf line = ol_buf_new(OL_MIB(1));
    gas_goals goals;
    replay r;
    ol_rc rc = gas_replay(&r, &goals, err);

    if (rc == OL_OK && o->detail) {
        const replay_call *call = replay_find(&r, o->seq);
        if (call)
            detail(call);
        else
            rc = ol_fail(err, OL_ERR_NOT_FOUND, "No call of that number was recorded");
    } else if (rc == OL_OK && o->differences) {
        differences(&r);
    } else if (rc == OL_OK) {
        table(&r, &goals, o->all, &line);
    }
    replay_deinit(&r);
    ol_buf_deinit(&line);
    return rc;
}

int main(int argc, char **argv)
{
    options o = {0};
    ol_err err = {0};

    for (int i = 1; i < argc; i++) {
        ol_str argument = ol_str_of(argv[i]);
        if (ol_str_eq(argument, OL_STR("--all")))
            o.all = true;
        else if (ol_str_eq(argument, OL_STR("--diff")))
            o.differences = true;
        else if (ol_u64_parse(argument, &o.seq))
            o.detail = true;
        else
            return fprintf(stderr, "usage: outlayer-gas [--all | --diff | NUMBER]\n"), 3;
    }
    if (run(&o, &err) == OL_OK)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    for (unsigned i = 0; i < err.notes; i++)
        fprintf(stderr, "  %s\n", err.note[i]);
    return 1;
}
