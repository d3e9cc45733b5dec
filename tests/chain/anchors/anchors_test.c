/* Our contract beside the reference's, call by call: results, events, gas. */
#include "tests/chain/anchors/goals.h"
#include "tests/harness/test.h"

/* tests/data/near/differences.json: one row for each part of a call that differs. */
static bool difference_listed(const ol_json *list, uint64_t seq, const char *part)
{
    ol_json_iter it = ol_json_iterate(list);
    ol_json row, value;

    while (ol_json_next_item(&it, &row)) {
        uint64_t number;
        if (ol_json_find(&row, OL_STR("seq"), &value) &&
            ol_json_u64(&value, &number, NULL) == OL_OK && number == seq &&
            ol_json_find(&row, OL_STR("part"), &value) &&
            ol_json_text_is(&value, ol_str_of(part)) &&
            ol_json_find(&row, OL_STR("reason"), &value))
            return true;
    }
    return false;
}

static void replayed(replay *r, gas_goals *goals)
{
    ol_err err = {0};

    CHECK_OK(gas_replay(r, goals, &err));
}

TEST("NR1: recorded calls give what was recorded, but for the listed differences")
{
    replay r;
    gas_goals goals;
    ol_err err = {0};
    ol_bytes text;
    ol_json list;
    size_t found = 0;

    replayed(&r, &goals);
    CHECK_EQ(r.count, 90);
    CHECK_OK(replay_file("tests/data/near/differences.json", &r.arena, &text, &err));
    CHECK_OK(ol_json_parse(ol_bytes_str(text), &list, &err));
    for (size_t i = 0; i < r.count; i++) {
        const replay_call *call = &r.calls[i];
        const char *parts[REPLAY_PARTS];
        size_t count = replay_differences(call, parts);
        for (size_t p = 0; p < count; p++) {
            ol_str row = ol_arena_printf(&r.arena, "%lu %.*s: %s", (unsigned long)call->seq,
                                         OL_FMT(call->method), parts[p]);
            if (!difference_listed(&list, call->seq, parts[p]))
                CHECK_STR_ROW(replay_part(&call->ours, parts[p]),
                              replay_part(&call->reference, parts[p]), row.data);
            found++;
        }
    }
    CHECK_EQ(ol_json_count(&list), found); /* no row outlives its difference */
    replay_deinit(&r);
}

/* A goal is met, or gas_goals.json says why not; and no reason outlives its miss. */
static void goal_check(uint64_t ours, uint64_t goal, ol_str miss, const char *row)
{
    if (miss.len == 0 && ours > goal)
        CHECK_EQ_ROW(ours, goal, row);
    if (miss.len > 0)
        CHECK_ROW(ours > goal, row);
}

TEST("NR2: every call stays within its gas goal, or it is said why not")
{
    replay r;
    gas_goals goals;

    replayed(&r, &goals);
    CHECK(goals.count > 20);
    for (size_t i = 0; i < goals.count; i++) {
        const gas_goal *goal = &goals.items[i];
        const replay_call *call = replay_find(&r, goal->seq);
        ol_str row;
        CHECK(call != NULL);
        row = ol_arena_printf(&r.arena, "%lu %.*s", (unsigned long)call->seq, OL_FMT(call->method));
        CHECK_ROW(call->ours.ok == call->reference.ok, row.data);
        goal_check(call->ours.gas, goal->gas, goal->miss, row.data);
    }
    replay_deinit(&r);
}

TEST("KF24, NR3: the contract and a pending request are small, or it is said why not")
{
    replay r;
    gas_goals goals;

    replayed(&r, &goals);
    const replay_call *pending = replay_find(&r, goals.pending_seq);
    CHECK(pending && pending->ours.ok);
    CHECK(pending->ours.storage_delta > 0);
    goal_check((uint64_t)pending->ours.storage_delta, goals.pending_bytes, goals.pending_miss,
               "pending request");
    goal_check(r.wasm_bytes, goals.wasm_bytes, goals.wasm_miss, "wasm");
    replay_deinit(&r);
}
