/* A little world around one contract: accounts that call it, a token, promises under way, yields
 * waiting. It plays random steps and knows what must hold after each (contract_fuzz_test.c). */
#ifndef OL_TESTS_CHAIN_FUZZ_WORLD_H
#define OL_TESTS_CHAIN_FUZZ_WORLD_H

#include "emulator/call.h"
#include "emulator/state.h"
#include "tests/harness/test.h"

#define WORLD_CONTRACT OL_STR("outlayer.near")
#define WORLD_TOKEN OL_STR("usdc.near")
#define WORLD_OTHER_TOKEN OL_STR("usdt.near")

enum {
    WORLD_YIELDS_MAX = 4096,
    WORLD_GROUPS_MAX = 256,
    WORLD_ROWS_MAX = 128,
    WORLD_TEXT_BYTES_MAX = 512 * 1024
};

typedef struct world_yield {
    ol_sha256 data_id;
    ol_str method; /* of the callback */
    ol_bytes args;
    uint64_t gas;
    ol_str signer;
    ol_u128 tokens; /* that came with the call that yielded */
    ol_str token;
    bool resumed;
    ol_bytes payload;
    ol_arena arena; /* of all of it */
} world_yield;

/* What one call left behind: receipts that have not run yet. */
typedef struct world_group {
    ol_arena arena;
    ol_call_result result;
    ol_str signer;
} world_group;

typedef struct world {
    uint64_t seed; /* printed with every failure */
    uint64_t random;
    uint64_t steps;
    uint64_t data_ids;
    ol_vm *vm;
    ol_bytes code;
    ol_sha256 code_hash;
    ol_arena code_arena;
    ol_state state;
    uint64_t state_bytes; /* by the protocol's count: key + value + 40 each */
    uint64_t storage_usage;
    uint64_t requests; /* made so far */
    uint64_t now_ns;
    ol_u128 balance;    /* of the contract, yocto */
    ol_u128 given_fees; /* withdrawn by its owner */
    ol_u128 tokens[2];  /* what the contract really holds of either token */
    ol_u128 wrapped;    /* NEAR it holds in wrapped form */
    world_yield yields[WORLD_YIELDS_MAX];
    size_t yield_count;
    world_group groups[WORLD_GROUPS_MAX];
    size_t group_count;
    ol_buf text;                    /* arguments being written */
    unsigned tried[WORLD_ROWS_MAX]; /* by row of the steps */
    unsigned succeeded[WORLD_ROWS_MAX];
    unsigned accepted; /* projects that changed hands */
} world;

/* One of `below` numbers. */
uint64_t world_random(world *w, uint64_t below);

world *world_open(uint64_t seed);
void world_close(world *w);

typedef struct world_call {
    ol_str caller;
    ol_u128 deposit;
    ol_str method;
    ol_bytes args;
    bool view;
    uint64_t gas; /* 0: 300 Tgas */
} world_call;

/* Runs and applies. What came of it lies in `arena`. Ends the test for a failure that is not the
 * contract's own words: a trap, memory out of bounds, gas. */
const ol_call_result *world_run(world *w, const world_call *call, ol_arena *arena);
/* The same, and its receipts wait for world_run_receipts; tokens and withdrawn fees are counted.
 * True when it succeeded. */
bool world_play(world *w, const world_call *call);
/* A view's answer; ends the test when it fails. */
ol_str world_view(world *w, const char *method, ol_str args, ol_arena *arena);

/* Runs the receipts of the oldest call that left some; false when there are none. */
bool world_run_receipts(world *w);
/* Runs the callback of a waiting yield: what resumed it, or the timeout. */
void world_fire_yield(world *w, size_t index);

/* Storage usage is what lies in the state. */
void world_check_storage(const world *w);

#endif
