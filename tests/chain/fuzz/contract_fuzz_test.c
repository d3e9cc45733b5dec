/* Random histories of the contract in the real VM, and what must hold in all of them.
 *
 * CONTRACT_FUZZ_STEPS (default 100,000) and CONTRACT_FUZZ_SEED (default: the clock) choose them; a
 * failure prints its seed, and the same seed and steps give the same history. CONTRACT_FUZZ_TABLE=1
 * shows how often each kind of call succeeded. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/codec/json_read.h"
#include "tests/chain/fuzz/steps.h"

enum {
#ifdef OL_SANITIZED
    STEPS_DEFAULT = 20000,
#else
    STEPS_DEFAULT = 100000,
#endif
    EPISODE_STEPS = 5000,
    CHECK_EVERY = 250,
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
    STALE_SECONDS = 700, /* Contract 4: a request is stale after 600 */
};

#define START_BALANCE ((ol_u128)1000 * 1000000000000 * 1000000000000)

static const char *const HOLDERS[] = {"alice.near", "bob.near",  "carol.near",   "owner.near",
                                      "op.near",    "dave.near", "outlayer.near"};

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number = otherwise;

    if (text)
        CHECK(ol_u64_parse(ol_str_of(text), &number));
    return number;
}

static void must(world *w, const char *caller, ol_u128 deposit, const char *method, ol_str args)
{
    world_call call = {.caller = ol_str_of(caller),
                       .deposit = deposit,
                       .method = ol_str_of(method),
                       .args = ol_str_bytes(args)};

    if (!world_play(w, &call))
        ol_test_fail(__FILE__, __LINE__, "seed %" PRIu64 " step %" PRIu64 ": %s %.*s fails",
                     w->seed, w->steps, method, OL_FMT(args));
}

static void begin(world *w)
{
    must(w, "owner.near", 0, "new",
         OL_STR("{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}"));
    must(w, "owner.near", 0, "set_payment_token_contract",
         OL_STR("{\"token_contract\":\"usdt.near\"}"));
    must(w, "owner.near", 0, "set_payment_token_contract",
         OL_STR("{\"token_contract\":\"usdc.near\"}"));
}

/* An offer is soon outdated: whoever it was made to tries at once, often enough. */
static void accept_offer(world *w, const world_call *offer)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_json args, name;
    ol_err err = {0};

    CHECK_OK(ol_json_parse(ol_bytes_str(offer->args), &args, &err));
    CHECK(ol_json_find(&args, OL_STR("project_name"), &name));
    world_call call = {
        .caller = ol_str_of(USERS[world_random(w, USER_COUNT)]),
        .deposit = START_BALANCE / 1000,
        .method = OL_STR("accept_project"),
        .args = ol_str_bytes(ol_arena_printf(&arena, "{\"project_id\":\"%.*s/%.*s\"}",
                                             OL_FMT(offer->caller), (int)(name.raw.len - 2),
                                             name.raw.data + 1)),
    };
    w->accepted += world_play(w, &call);
    ol_arena_deinit(&arena);
}

static void one_step(world *w)
{
    uint64_t kind = world_random(w, 100);

    if (kind < 10 && w->yield_count > 0) {
        size_t index = (size_t)world_random(w, w->yield_count);
        w->steps++;
        if (w->yields[index].resumed || world_random(w, 4) == 0)
            world_fire_yield(w, index);
    } else if (kind < 22 && w->group_count > 0) {
        w->steps++;
        (void)world_run_receipts(w);
    } else {
        const step *s = step_pick(w);
        world_call call = step_call(w, s);
        if (world_random(w, 40) == 0)
            w->now_ns += STALE_SECONDS * UINT64_C(1000000000);
        bool ok = world_play(w, &call);
        w->tried[s - STEPS]++;
        w->succeeded[s - STEPS] += ok;
        if (ok && ol_str_eq(call.method, OL_STR("transfer_project")))
            accept_offer(w, &call);
    }
    world_check_storage(w);
}

/* A row that never succeeds tests refusals alone. */
static void print_table(const world *w)
{
    for (size_t i = 0; i < STEP_COUNT; i++)
        fprintf(stderr, "%6u of %6u %s\n", w->succeeded[i], w->tried[i], STEPS[i].method);
    fprintf(stderr, "%6u projects accepted\n", w->accepted);
}

/* ── Money ── */

/* A number in a view's answer: bare, or in a string. */
static ol_u128 number_of(const ol_json *value)
{
    ol_u128 number = 0;

    if (ol_json_u128_text(value, &number, NULL) != OL_OK)
        CHECK(ol_json_u128(value, &number, NULL) == OL_OK);
    return number;
}

static ol_u128 viewed(world *w, const char *method, ol_str args, ol_arena *arena)
{
    ol_json root;
    ol_err err = {0};

    CHECK_OK(ol_json_parse(world_view(w, method, args, arena), &root, &err));
    return number_of(&root);
}

static ol_json listed(world *w, const char *method, ol_str args, ol_arena *arena)
{
    ol_json root;
    ol_err err = {0};

    CHECK_OK(ol_json_parse(world_view(w, method, args, arena), &root, &err));
    CHECK_EQ_ROW(ol_json_kind_of(&root), OL_JSON_ARRAY, method);
    return root;
}

static ol_u128 owed_tokens(world *w, const char *token, ol_arena *arena)
{
    ol_u128 sum =
        viewed(w, "get_revenue", ol_arena_printf(arena, "{\"token\":\"%s\"}", token), arena);

    for (size_t i = 0; i < sizeof HOLDERS / sizeof *HOLDERS; i++) {
        ol_str args =
            ol_arena_printf(arena, "{\"account_id\":\"%s\",\"token\":\"%s\"}", HOLDERS[i], token);
        sum += viewed(w, "get_user_stablecoin_balance", args, arena);
        sum += viewed(w, "get_developer_earnings", args, arena);
    }
    return sum;
}

/* Of requests under way: stablecoin taken from their senders; NEAR of their payers. */
static void pending_money(world *w, ol_arena *arena, ol_u128 *ret_tokens, ol_u128 *ret_yocto)
{
    ol_json ids =
        listed(w, "get_pending_request_ids", OL_STR("{\"from_index\":0,\"limit\":1000}"), arena);
    ol_json_iter it = ol_json_iterate(&ids);
    ol_json id, request, value;
    ol_err err = {0};

    *ret_tokens = *ret_yocto = 0;
    while (ol_json_next_item(&it, &id)) {
        ol_str args = ol_arena_printf(arena, "{\"request_id\":%.*s}", OL_FMT(id.raw));
        CHECK_OK(ol_json_parse(world_view(w, "get_request", args, arena), &request, &err));
        CHECK(ol_json_find(&request, OL_STR("attached_usd"), &value));
        *ret_tokens += number_of(&value);
        CHECK(ol_json_find(&request, OL_STR("payment"), &value));
        *ret_yocto += number_of(&value);
    }
}

static ol_u128 fees(world *w, ol_arena *arena)
{
    ol_json stats = listed(w, "get_stats", OL_STR("{}"), arena), item;
    ol_json_iter it = ol_json_iterate(&stats);

    CHECK(ol_json_next_item(&it, &item) && ol_json_next_item(&it, &item));
    return number_of(&item);
}

static void check_money(world *w)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_u128 tokens, yocto, owed, held = w->tokens[0] + w->tokens[1];

    while (world_run_receipts(w)) {
    }
    pending_money(w, &arena, &tokens, &yocto);
    owed = owed_tokens(w, "usdc.near", &arena) + owed_tokens(w, "usdt.near", &arena) + tokens;
    for (size_t i = 0; i < w->yield_count; i++)
        owed += w->yields[i].tokens; /* top-ups under way */
    held = w->tokens[0] + w->tokens[1];
    if (owed != held)
        ol_test_fail(__FILE__, __LINE__,
                     "seed %" PRIu64 " step %" PRIu64 ": owes %s tokens, holds %s", w->seed,
                     w->steps, ol_u128_format(owed).data, ol_u128_format(held).data);
    owed = START_BALANCE + fees(w, &arena) - w->given_fees + yocto;
    if (w->balance < owed)
        ol_test_fail(__FILE__, __LINE__,
                     "seed %" PRIu64 " step %" PRIu64 ": owes %s yocto, holds %s", w->seed,
                     w->steps, ol_u128_format(owed).data, ol_u128_format(w->balance).data);
    ol_arena_deinit(&arena);
}

/* ── The end of a history: everything is taken back ── */

static ol_str member(const ol_json *object, const char *name)
{
    ol_json value;

    CHECK(ol_json_find(object, ol_str_of(name), &value));
    return value.raw;
}

static void drain(world *w)
{
    do {
        while (w->yield_count > 0)
            world_fire_yield(w, 0);
    } while (world_run_receipts(w) || w->yield_count > 0);
}

static void delete_secret(world *w, const char *user, const ol_json *secret, ol_arena *arena)
{
    ol_str accessor = member(secret, "accessor"), profile = member(secret, "profile");

    if (!ol_str_eq(accessor, OL_STR("{\"System\":\"PaymentKey\"}"))) {
        must(w, user, 0, "delete_secrets",
             ol_arena_printf(arena, "{\"accessor\":%.*s,\"profile\":%.*s}", OL_FMT(accessor),
                             OL_FMT(profile)));
        return;
    }
    must(w, user, 1, "delete_payment_key",
         ol_arena_printf(arena, "{\"nonce\":%.*s}", (int)(profile.len - 2), profile.data + 1));
    CHECK_EQ(w->yield_count, 1);
    ol_sha256_hex id = ol_sha256_format(&w->yields[0].data_id);
    must(w, "op.near", 0, "resume_delete_payment_key",
         ol_arena_printf(arena, "{\"data_id\":\"%s\",\"result\":\"Success\"}", id.data));
    drain(w);
}

static void take_back(world *w, const char *user)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_str args = ol_arena_printf(&arena, "{\"account_id\":\"%s\"}", user);
    ol_json list = listed(w, "list_user_projects", args, &arena), item;
    ol_json_iter it = ol_json_iterate(&list);

    while (ol_json_next_item(&it, &item))
        must(w, user, 0, "delete_project",
             ol_arena_printf(&arena, "{\"project_name\":%.*s}", OL_FMT(member(&item, "name"))));
    list = listed(w, "list_user_secrets", args, &arena);
    it = ol_json_iterate(&list);
    while (ol_json_next_item(&it, &item))
        delete_secret(w, user, &item, &arena);
    list = listed(w, "get_wallet_policies_by_owner",
                  ol_arena_printf(&arena, "{\"owner\":\"%s\"}", user), &arena);
    it = ol_json_iterate(&list);
    while (ol_json_next_item(&it, &item))
        must(w, user, 0, "delete_wallet_policy",
             ol_arena_printf(&arena, "{\"wallet_pubkey\":%.*s}",
                             OL_FMT(member(&item, "wallet_pubkey"))));
    ol_arena_deinit(&arena);
}

/* No request stranded, no yield left, and all NEAR back but for fees and single yoctos that calls
 * must attach. */
static void end(world *w)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_u128 expected;

    must(w, "owner.near", 0, "set_paused", OL_STR("{\"paused\":false}"));
    drain(w);
    CHECK_STR(
        world_view(w, "get_pending_request_ids", OL_STR("{\"from_index\":0,\"limit\":10}"), &arena),
        OL_STR("[]"));
    for (size_t i = 0; i < USER_COUNT; i++)
        take_back(w, USERS[i]);
    drain(w);
    check_money(w);
    world_check_storage(w);
    expected = START_BALANCE + fees(w, &arena) - w->given_fees;
    if (w->balance < expected || w->balance - expected > w->steps)
        ol_test_fail(__FILE__, __LINE__, "seed %" PRIu64 ": %s yocto left of %s", w->seed,
                     ol_u128_format(w->balance).data, ol_u128_format(expected).data);
    ol_arena_deinit(&arena);
}

TEST("NZ1: random histories of all methods keep money, storage and yields in order")
{
    uint64_t steps = setting("CONTRACT_FUZZ_STEPS", STEPS_DEFAULT);
    uint64_t seed = setting("CONTRACT_FUZZ_SEED", (uint64_t)time(NULL));

    printf("      CONTRACT_FUZZ_SEED=%" PRIu64 " CONTRACT_FUZZ_STEPS=%" PRIu64 "\n", seed, steps);
    for (uint64_t done = 0; done < steps; done += EPISODE_STEPS, seed++) {
        world *w = world_open(seed);
        begin(w);
        for (uint64_t i = 0; i < EPISODE_STEPS && done + i < steps; i++) {
            one_step(w);
            if (i % CHECK_EVERY == 0)
                check_money(w);
        }
        end(w);
        if (getenv("CONTRACT_FUZZ_TABLE"))
            print_table(w);
        world_close(w);
    }
}

TEST("NZ5: 600 requests pending at once, each ends in its own way")
{
    world *w = world_open(600);
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);

    begin(w);
    for (unsigned i = 0; i < 600; i++)
        must(
            w, USERS[i % USER_COUNT], START_BALANCE / 10000, "request_execution",
            OL_STR("{\"source\":{\"GitHub\":{\"repo\":\"r\",\"commit\":\"c\"}},\"resource_limits\":"
                   "{},\"input_data\":\"i\"}"));
    check_money(w);
    for (unsigned i = 0; i < 600; i++) { /* every fourth one is left to its timeout */
        ol_str answer = ol_arena_printf(
            &arena,
            "{\"request_id\":%u,\"response\":{\"success\":%s,\"output\":{\"Text\":\"t\"},"
            "\"error\":\"no\",\"resources_used\":{\"instructions\":1,\"time_ms\":1}}}",
            i, i % 8 ? "true" : "false");
        if (i % 4 == 1)
            must(w, "owner.near", 0, "emergency_cancel_execution",
                 ol_arena_printf(&arena, "{\"request_id\":%u}", i));
        else if (i % 4 != 3)
            must(w, "op.near", 0, "resolve_execution", answer);
    }
    CHECK_EQ(w->yield_count, 600);
    while (w->yield_count > 0)
        world_fire_yield(w, (size_t)world_random(w, w->yield_count));
    end(w);
    ol_arena_deinit(&arena);
    world_close(w);
}
