/* A game whose coin is flipped off the chain. `flip` asks OutLayer for a run of the program and
 * pays for it, `on_flip` is called with what the program said, `score` remembers.
 *
 *   new    {"outlayer":"outlayer.test.near","project":"dev.test.near/@NAME@"}
 *   flip   {"choice":"heads"}   payable: what the run may cost; what it does not use goes back to
 * the player. Answers what the program printed, or null. score  {"account_id":"…"}   view:
 * {"won":1,"lost":2} */
#include "contracts/host/near.h"

#include "lib/codec/borsh.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"

enum { ARENA_BYTES = 1 << 20, ANSWER_BYTES = 4096 };

/* Gas: the request takes about 2 Tgas, and hands what is left to the contract's own callback, which
 * runs when the worker has answered. Ours needs little. */
#define GAS_REQUEST NEAR_TGAS(100)
#define GAS_CALLBACK NEAR_TGAS(10)

/* Reads the arguments into a struct, or ends the call with the reader's own words. */
static void arguments(const ol_json_table *table, void *into)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    ol_err err;
    if (ol_json_bind(ol_bytes_str(near_input()), table, into, &arena, &err) != OL_OK)
        near_panic(ol_err_text(&err));
}

/* --- State: one record for the settings, one for each player --- */

typedef struct settings {
    ol_str outlayer;
    ol_str project;
} settings;

static const ol_json_field SETTINGS_FIELDS[] = {
    {"outlayer", OL_BIND_TEXT, OL_REQUIRED, offsetof(settings, outlayer)},
    {"project", OL_BIND_TEXT, OL_REQUIRED, offsetof(settings, project)},
};
static const ol_json_table SETTINGS = {"new", SETTINGS_FIELDS, OL_COUNT(SETTINGS_FIELDS)};

#define SETTINGS_KEY ol_str_bytes(OL_STR("s"))

static settings settings_read(void)
{
    ol_bytes stored;
    if (!near_storage_read(SETTINGS_KEY, &stored))
        near_panic(OL_STR("The contract is not initialized"));
    ol_borsh cursor = ol_borsh_over(stored);
    ol_str outlayer = ol_borsh_str(&cursor);
    return (settings){outlayer, ol_borsh_str(&cursor)};
}

typedef struct score {
    uint32_t won;
    uint32_t lost;
} score;

static ol_bytes score_key(ol_str player)
{
    ol_buf key = ol_buf_new(1 + NEAR_ACCOUNT_BYTES_MAX);
    ol_buf_add_char(&key, 'p');
    ol_buf_add_str(&key, player);
    return ol_buf_bytes(&key);
}

static score score_read(ol_str player)
{
    ol_bytes stored;
    if (!near_storage_read(score_key(player), &stored))
        return (score){0, 0};
    ol_borsh cursor = ol_borsh_over(stored);
    uint32_t won = ol_borsh_u32(&cursor);
    return (score){won, ol_borsh_u32(&cursor)};
}

static void score_write(ol_str player, score now)
{
    ol_buf record = ol_buf_new(sizeof now);
    ol_borsh_add_u32(&record, now.won);
    ol_borsh_add_u32(&record, now.lost);
    near_storage_write(score_key(player), ol_buf_bytes(&record));
}

/* --- Methods --- */

NEAR_METHOD(new)
{
    settings given = {0};
    if (near_storage_has(SETTINGS_KEY))
        near_panic(OL_STR("The contract has already been initialized"));
    arguments(&SETTINGS, &given);
    ol_buf record = ol_buf_new(ANSWER_BYTES);
    ol_borsh_add_str(&record, given.outlayer);
    ol_borsh_add_str(&record, given.project);
    near_storage_write(SETTINGS_KEY, ol_buf_bytes(&record));
}

/* What is asked for: the program's project, its input, its limits, and who gets back what is left.
 */
static ol_bytes request_write(const settings *set, ol_str choice, ol_str player)
{
    ol_buf input = ol_buf_new(ANSWER_BYTES), args = ol_buf_new(2 * ANSWER_BYTES);
    ol_json_writer in = ol_json_writer_over(&input), w = ol_json_writer_over(&args);
    ol_json_object_begin(&in);
    ol_json_put_str(&in, "choice", choice);
    ol_json_object_end(&in);

    ol_json_object_begin(&w);
    ol_json_key(&w, "source");
    ol_json_object_begin(&w);
    ol_json_key(&w, "Project");
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", set->project);
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    ol_json_put_str(&w, "input_data", ol_buf_str(&input));
    ol_json_key(&w, "resource_limits"); /* without limits nothing would be run */
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "max_instructions", 1000000000);
    ol_json_put_u64(&w, "max_memory_mb", 128);
    ol_json_put_u64(&w, "max_execution_seconds", 10);
    ol_json_object_end(&w);
    ol_json_put_cstr(&w, "response_format", "Json");
    ol_json_put_str(&w, "payer_account_id", player);
    ol_json_object_end(&w);
    if (!ol_buf_ok(&args))
        near_panic(OL_STR("The choice is too long"));
    return ol_buf_bytes(&args);
}

static ol_bytes callback_write(ol_str player, ol_u128 deposit)
{
    ol_buf args = ol_buf_new(ANSWER_BYTES);
    ol_json_writer w = ol_json_writer_over(&args);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "player", player);
    ol_json_put_dec(&w, "deposit", deposit);
    ol_json_object_end(&w);
    return ol_buf_bytes(&args);
}

NEAR_METHOD(flip)
{
    static const ol_json_field FIELDS[] = {{"choice", OL_BIND_TEXT, OL_REQUIRED, 0}};
    static const ol_json_table ARGUMENTS = {"flip", FIELDS, OL_COUNT(FIELDS)};
    ol_str choice;
    arguments(&ARGUMENTS, &choice);
    settings set = settings_read();
    ol_str player = near_predecessor();
    ol_u128 deposit = near_attached_deposit();

    near_promise asked = near_promise_create(set.outlayer);
    near_promise_call(asked, OL_STR("request_execution"), request_write(&set, choice, player),
                      deposit, GAS_REQUEST, 0);
    near_promise told = near_promise_then(asked, near_self());
    near_promise_call(told, OL_STR("on_flip"), callback_write(player, deposit), 0, GAS_CALLBACK, 0);
    near_promise_return(told);
}

typedef struct flipped {
    ol_str player;
    ol_u128 deposit;
} flipped;

/* The program's answer, which it vouches for and we do not: anything else than won or lost counts
 * for nothing. */
static void score_add(ol_str player, ol_bytes output)
{
    ol_json answer, won;
    bool yes;
    if (ol_json_parse(ol_bytes_str(output), &answer, NULL) != OL_OK ||
        !ol_json_find(&answer, OL_STR("won"), &won) || ol_json_bool(&won, &yes, NULL) != OL_OK)
        return;
    score now = score_read(player);
    score_write(player, (score){now.won + (yes ? 1 : 0), now.lost + (yes ? 0 : 1)});
}

NEAR_METHOD(on_flip)
{
    static const ol_json_field FIELDS[] = {
        {"player", OL_BIND_TEXT, OL_REQUIRED, offsetof(flipped, player)},
        {"deposit", OL_BIND_DEC, OL_REQUIRED, offsetof(flipped, deposit)},
    };
    static const ol_json_table ARGUMENTS = {"on_flip", FIELDS, OL_COUNT(FIELDS)};
    flipped it = {0};
    ol_bytes output;
    if (!ol_str_eq(near_predecessor(), near_self()))
        near_panic(OL_STR("Method on_flip is private"));
    arguments(&ARGUMENTS, &it);
    if (near_promise_result(0, &output) != NEAR_SUCCESS) {
        /* The request was refused, and the chain has given the deposit back to us: it is not ours.
         */
        near_promise_transfer(near_promise_create(it.player), it.deposit);
        near_log(OL_STR("OutLayer refused the request"));
        near_return_str(OL_STR("null"));
        return;
    }
    score_add(it.player, output);
    near_return(output); /* null when the run failed */
}

NEAR_METHOD(score)
{
    static const ol_json_field FIELDS[] = {{"account_id", OL_BIND_TEXT, OL_REQUIRED, 0}};
    static const ol_json_table ARGUMENTS = {"score", FIELDS, OL_COUNT(FIELDS)};
    ol_str player;
    ol_buf answer = ol_buf_new(ANSWER_BYTES);
    ol_json_writer w = ol_json_writer_over(&answer);
    arguments(&ARGUMENTS, &player);
    score now = score_read(player);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "won", now.won);
    ol_json_put_u64(&w, "lost", now.lost);
    ol_json_object_end(&w);
    near_return(ol_buf_bytes(&answer));
}
