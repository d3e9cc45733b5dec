/* What the recorded calls may cost (tests/data/near/gas_goals.json). */
#ifndef OL_TESTS_CHAIN_ANCHORS_GOALS_H
#define OL_TESTS_CHAIN_ANCHORS_GOALS_H

#include "tests/chain/anchors/replay.h"

enum { OL_REFERENCE_WASM_BYTES = 729351 };

typedef struct gas_goal {
    uint64_t seq;
    ol_str name; /* of the case */
    uint64_t gas;
    ol_str miss; /* why it cannot be met; empty: it is met */
} gas_goal;

typedef struct gas_goals {
    const gas_goal *items;
    size_t count;
    uint64_t wasm_bytes;
    ol_str wasm_miss;
    uint64_t pending_seq; /* the call whose storage is that of a pending request */
    uint64_t pending_bytes;
    ol_str pending_miss;
} gas_goals;

/* Replays outlayer-head with $OL_WASM/contracts/outlayer.wasm (OL_WASM: build/dev/wasm when unset);
 * run from the top of the source tree. The goals lie in the replay's arena. */
ol_rc gas_replay(replay *ret, gas_goals *ret_goals, ol_err *err);

const gas_goal *gas_goals_find(const gas_goals *goals, uint64_t seq); /* NULL: no goal */
/* A call that fails where the reference's does not meets nothing. */
bool gas_goal_met(const gas_goal *goal, const replay_call *call);

#endif
