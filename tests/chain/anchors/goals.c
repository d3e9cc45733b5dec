#include "tests/chain/anchors/goals.h"

#include <stdlib.h>

#define DATA "tests/data/near/"

static uint64_t number_of(const ol_json *object, const char *name)
{
    ol_json value;
    uint64_t number = 0;

    if (ol_json_find(object, ol_str_of(name), &value))
        (void)ol_json_u64(&value, &number, NULL);
    return number;
}

static ol_rc text_of(const ol_json *object, const char *name, ol_arena *arena, ol_str *ret,
                     ol_err *err)
{
    ol_json value;

    *ret = (ol_str){"", 0};
    return ol_json_find(object, ol_str_of(name), &value) ? ol_json_text(&value, arena, ret, err)
                                                         : OL_OK;
}

static ol_rc goals_read(ol_arena *arena, gas_goals *ret, ol_err *err)
{
    ol_bytes text;
    ol_json root, list, item;
    ol_json_iter it;
    gas_goal *goals;

    OL_TRY(replay_file(DATA "gas_goals.json", arena, &text, err));
    OL_TRY(ol_json_parse(ol_bytes_str(text), &root, err));
    ret->wasm_bytes = number_of(&root, "wasm_bytes");
    if (!ol_json_find(&root, OL_STR("pending_request_bytes"), &item) ||
        !ol_json_find(&root, OL_STR("calls"), &list))
        return ol_fail(err, OL_ERR_SHAPE, "gas_goals.json lacks a member");
    ret->pending_seq = number_of(&item, "seq");
    ret->pending_bytes = number_of(&item, "goal_bytes");
    OL_TRY(text_of(&item, "miss", arena, &ret->pending_miss, err));
    OL_TRY(text_of(&root, "wasm_miss", arena, &ret->wasm_miss, err));
    goals = ol_arena_array(arena, ol_json_count(&list), sizeof *goals);
    if (!goals)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    it = ol_json_iterate(&list);
    while (ol_json_next_item(&it, &item)) {
        gas_goal *goal = &goals[ret->count++];
        goal->seq = number_of(&item, "seq");
        goal->gas = number_of(&item, "goal_gas");
        OL_TRY(text_of(&item, "case", arena, &goal->name, err));
        OL_TRY(text_of(&item, "miss", arena, &goal->miss, err));
    }
    ret->items = goals;
    return OL_OK;
}

ol_rc gas_replay(replay *ret, gas_goals *ret_goals, ol_err *err)
{
    const char *folder = getenv("OL_WASM");
    ol_arena path = ol_arena_new(OL_KIB(8));
    ol_str wasm =
        ol_arena_printf(&path, "%s/contracts/outlayer.wasm", folder ? folder : "build/dev/wasm");
    ol_rc rc = replay_run(DATA "anchors.json", OL_STR("outlayer-head"), wasm.data, ret, err);

    ol_arena_deinit(&path);
    *ret_goals = (gas_goals){0};
    return rc == OL_OK ? goals_read(&ret->arena, ret_goals, err) : rc;
}

const gas_goal *gas_goals_find(const gas_goals *goals, uint64_t seq)
{
    for (size_t i = 0; i < goals->count; i++) {
        if (goals->items[i].seq == seq)
            return &goals->items[i];
    }
    return NULL;
}

bool gas_goal_met(const gas_goal *goal, const replay_call *call)
{
    return call->ours.ok == call->reference.ok && call->ours.gas <= goal->gas;
}
