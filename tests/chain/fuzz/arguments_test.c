/* Odd arguments for every method: bytes, depth, size, repeated keys, wrong types. The contract
 * answers or says what is wrong; it never traps, runs out of bounds or out of gas. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/chain/fuzz/steps.h"

enum {
    ROUNDS_DEFAULT = 150, /* for each row of the steps */
    DEPTH_MAX = 5000,
    LONG_BYTES = 300 * 1024,
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
};

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number = otherwise;

    if (text)
        CHECK(ol_u64_parse(ol_str_of(text), &number));
    return number;
}

static void add_many(ol_buf *into, const char *what, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        ol_buf_add_str(into, ol_str_of(what));
}

/* Replaces one value behind a colon with something else. */
static void replace_value(world *w, ol_str from, ol_buf *into)
{
    static const char *const values[] = {
        "null",
        "[]",
        "{}",
        "\"\"",
        "-1",
        "1e400",
        "18446744073709551616",
        "0.5",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "tru",
        "\"\xff\xfe\"",
        "[[[]]]",
        "00",
        "340282366920938463463374607431768211456",
        "\"340282366920938463463374607431768211456\"",
    };
    size_t colon = from.len ? (size_t)world_random(w, from.len) : 0;

    while (colon < from.len && from.data[colon] != ':')
        colon++;
    ol_buf_add_str(into, ol_str_slice(from, 0, colon + 1));
    ol_buf_add_str(into, ol_str_of(values[world_random(w, sizeof values / sizeof *values)]));
    while (colon < from.len && from.data[colon] != ',' && from.data[colon] != '}')
        colon++;
    ol_buf_add_str(into, ol_str_slice(from, colon, from.len));
}

/* The first member once more, in front. */
static void repeat_member(ol_str from, ol_buf *into)
{
    size_t end = 1;

    while (end < from.len && from.data[end] != ',' && from.data[end] != '}')
        end++;
    ol_buf_add_char(into, '{');
    ol_buf_add_str(into, ol_str_slice(from, 1, end));
    ol_buf_add_char(into, ',');
    ol_buf_add_str(into, ol_str_slice(from, 1, from.len));
}

static void nest(world *w, ol_buf *into)
{
    static const uint64_t depths[] = {10, 100, 126, 127, 128, 129, 1000, DEPTH_MAX};
    uint64_t depth = depths[world_random(w, sizeof depths / sizeof *depths)];
    bool objects = world_random(w, 2);

    add_many(into, objects ? "{\"a\":" : "[", depth);
    if (world_random(w, 2))
        add_many(into, objects ? "}" : "]", depth);
}

static void flip_bytes(world *w, ol_str from, ol_buf *into)
{
    ol_buf_add_str(into, from);
    for (uint64_t i = 0, n = 1 + world_random(w, 6); i < n && into->len > 0; i++)
        into->data[world_random(w, into->len)] = (uint8_t)world_random(w, 256);
}

static void lengthen(world *w, ol_str from, ol_buf *into)
{
    size_t quote = 0;
    uint64_t skip = world_random(w, 6);

    for (; quote < from.len && (from.data[quote] != '"' || skip-- > 0); quote++) {
    }
    ol_buf_add_str(into, ol_str_slice(from, 0, quote + 1));
    add_many(into, world_random(w, 2) ? "\\\"" : "x", 1 + world_random(w, LONG_BYTES / 2));
    ol_buf_add_str(into, ol_str_slice(from, quote + 1, from.len));
}

static void mutate(world *w, ol_str from, ol_buf *into)
{
    switch (world_random(w, 10)) {
    case 0:
        ol_buf_add_str(into, ol_str_slice(from, 0, from.len ? world_random(w, from.len) : 0));
        return;
    case 1:
        nest(w, into);
        return;
    case 2:
        repeat_member(from, into);
        return;
    case 3:
        lengthen(w, from, into);
        return;
    case 4:
        ol_buf_add_str(into, from);
        ol_buf_add_str(into, world_random(w, 2) ? from : OL_STR("\0\xff trailing"));
        return;
    case 5:
        ol_buf_addf(into, "  \n\t%.*s \r\n", OL_FMT(from));
        return;
    case 6:
    case 7:
        flip_bytes(w, from, into);
        return;
    default:
        replace_value(w, from, into);
    }
}

static void one_round(world *w, const step *s, ol_buf *odd)
{
    world_call call = step_call(w, s);
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);

    ol_buf_clear(odd);
    mutate(w, ol_bytes_str(call.args), odd);
    CHECK(ol_buf_ok(odd));
    call.args = ol_buf_bytes(odd);
    if (call.view)
        (void)world_run(w, &call, &arena);
    else
        (void)world_play(w, &call);
    ol_arena_deinit(&arena);
}

TEST("NZ2: every method answers odd arguments in words")
{
    uint64_t rounds = setting("CONTRACT_FUZZ_ROUNDS", ROUNDS_DEFAULT);
    uint64_t seed = setting("CONTRACT_FUZZ_SEED", (uint64_t)time(NULL));
    world *w = world_open(seed);
    ol_buf odd = ol_buf_new(OL_MIB(4));
    world_call new = {
        .caller = OL_STR("owner.near"),
        .method = OL_STR("new"),
        .args = ol_str_bytes(OL_STR("{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}"))};

    printf("      CONTRACT_FUZZ_SEED=%" PRIu64 " CONTRACT_FUZZ_ROUNDS=%" PRIu64 "\n", seed, rounds);
    CHECK(world_play(w, &new));
    for (uint64_t i = 0; i < rounds; i++) {
        for (size_t row = 0; row < STEP_COUNT; row++) {
            one_round(w, &STEPS[row], &odd);
            if (w->yield_count > WORLD_YIELDS_MAX / 2)
                world_fire_yield(w, 0);
        }
        world_check_storage(w);
    }
    ol_buf_deinit(&odd);
    world_close(w);
}

TEST("NZ3: no arguments at all, and 1.5 MB of them")
{
    world *w = world_open(3);
    ol_arena arena = ol_arena_new(ARENA_BYTES_MAX);
    ol_buf big = ol_buf_new(OL_MIB(2));

    add_many(&big, "{\"a\":\"", 1);
    add_many(&big, "0123456789abcdef", 1500000 / 16);
    add_many(&big, "\"}", 1);
    for (size_t row = 0; row < STEP_COUNT; row++) {
        world_call call = step_call(w, &STEPS[row]);
        call.args = (ol_bytes){0};
        (void)world_run(w, &call, &arena);
        call.args = ol_buf_bytes(&big);
        (void)world_run(w, &call, &arena);
        ol_arena_deinit(&arena);
        arena = ol_arena_new(ARENA_BYTES_MAX);
    }
    ol_arena_deinit(&arena);
    ol_buf_deinit(&big);
    world_close(w);
}

TEST("NZ4: the steps know every method, and no other")
{
    static const char *const methods[] = {
#define METHOD(name, ...) #name,
#include "contracts/outlayer/methods.def"
#undef METHOD
    };
    size_t count = sizeof methods / sizeof *methods;

    for (size_t m = 0; m < count; m++) {
        size_t row = 0;
        while (row < STEP_COUNT && strcmp(STEPS[row].method, methods[m]) != 0)
            row++;
        CHECK_ROW(row < STEP_COUNT, methods[m]);
    }
    for (size_t row = 0; row < STEP_COUNT; row++) {
        size_t m = 0;
        while (m < count && strcmp(STEPS[row].method, methods[m]) != 0)
            m++;
        CHECK_ROW(m < count, STEPS[row].method);
    }
}
