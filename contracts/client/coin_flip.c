/* A game that buys its luck from OutLayer: the example of a contract that asks for a run, waits for
 * the answer and pays by it. Copy it, and change what is asked and what the answer means.
 *
 *   new   {"outlayer":"outlayer.near","project":"alice.near/coin-flip"}
 *   flip  {"choice":"heads"}   payable: 0.02 NEAR for the run, the rest is the stake
 *   pot   {}                   view: yoctoNEAR that stakes lost so far
 *
 * A win pays the stake and as much again, if the pot holds it; a lost stake goes into the pot. When
 * the program does not answer, for whatever reason, the stake comes back. */
#include <stddef.h>

#include "contracts/host/near.h"
#include "lib/codec/borsh.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/near/account_id.h"

/* What the run may cost at most. OutLayer asks for base fee and limits beforehand, charges what was
 * used, and sends the rest to payer_account_id. */
#define RUN_PAYMENT ((ol_u128)20000000000000000u * 1000000) /* 0.02 NEAR */

/* The request burns about 2 Tgas and hands the rest on to OutLayer's own callback, which runs with
 * at least 50 Tgas when the worker has answered. */
#define REQUEST_GAS NEAR_TGAS(100)
#define CALLBACK_GAS NEAR_TGAS(10)

enum { ARENA_BYTES = 1 << 20, TEXT_BYTES = 4096 };

#define KEY_GAME ol_str_bytes(OL_STR("g"))
#define KEY_POT ol_str_bytes(OL_STR("p"))

typedef struct game {
    ol_str outlayer;
    ol_str project;
} game;

typedef struct bet {
    ol_str player;
    ol_u128 stake;
} bet;

/* Reads arguments into a struct, or ends the call with the reader's own words. */
static void arguments(const ol_json_table *table, void *into)
{
    ol_arena arena = ol_arena_new(ARENA_BYTES);
    ol_err err;
    if (ol_json_bind(ol_bytes_str(near_input()), table, into, &arena, &err) != OL_OK)
        near_panic(ol_err_text(&err));
}

static game game_read(void)
{
    ol_bytes stored;
    if (!near_storage_read(KEY_GAME, &stored))
        near_panic(OL_STR("The contract is not initialized"));
    ol_borsh cursor = ol_borsh_over(stored);
    ol_str outlayer = ol_borsh_str(&cursor);
    return (game){outlayer, ol_borsh_str(&cursor)};
}

static ol_u128 pot_read(void)
{
    ol_bytes stored;
    if (!near_storage_read(KEY_POT, &stored))
        return 0;
    ol_borsh cursor = ol_borsh_over(stored);
    return ol_borsh_u128(&cursor);
}

static void pot_write(ol_u128 pot)
{
    ol_buf record = ol_buf_new(sizeof pot);
    ol_borsh_add_u128(&record, pot);
    near_storage_write(KEY_POT, ol_buf_bytes(&record));
}

static void pay(ol_str to, ol_u128 amount)
{
    if (amount > 0)
        near_promise_transfer(near_promise_create(to), amount);
}

NEAR_METHOD(new)
{
    static const ol_json_field FIELDS[] = {
        {"outlayer", OL_BIND_TEXT, OL_REQUIRED, offsetof(game, outlayer),
         .check = ol_account_id_valid},
        {"project", OL_BIND_TEXT, OL_REQUIRED, offsetof(game, project),
         .check = ol_project_id_valid},
    };
    static const ol_json_table ARGUMENTS = {"new", FIELDS, OL_COUNT(FIELDS)};
    game given;
    if (near_storage_has(KEY_GAME))
        near_panic(OL_STR("The contract has already been initialized"));
    arguments(&ARGUMENTS, &given);
    ol_buf record = ol_buf_new(TEXT_BYTES);
    ol_borsh_add_str(&record, given.outlayer);
    ol_borsh_add_str(&record, given.project);
    near_storage_write(KEY_GAME, ol_buf_bytes(&record));
}

/* The arguments of request_execution. With resource_limits it asks for a run, without them only for
 * a compilation. The input is a document of its own, which travels as a string. */
static ol_bytes request_of(const game *g, ol_str choice, ol_str player)
{
    ol_buf text = ol_buf_new(TEXT_BYTES);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_object_begin(&w);
    ol_json_key(&w, "source");
    ol_json_object_begin(&w);
    ol_json_key(&w, "Project");
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "project_id", g->project);
    ol_json_object_end(&w);
    ol_json_object_end(&w);
    ol_json_key(&w, "resource_limits");
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "max_instructions", 1000000000);
    ol_json_put_u64(&w, "max_memory_mb", 128);
    ol_json_put_u64(&w, "max_execution_seconds", 10);
    ol_json_object_end(&w);
    ol_json_key(&w, "input_data");
    ol_json_text_begin(&w);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "choice", choice);
    ol_json_object_end(&w);
    ol_json_text_end(&w);
    ol_json_put_cstr(&w, "response_format", "Json");
    ol_json_put_str(&w, "payer_account_id", player);
    ol_json_object_end(&w);
    return ol_buf_bytes(&text);
}

NEAR_METHOD(flip)
{
    static const ol_json_field FIELDS[] = {{"choice", OL_BIND_TEXT, OL_REQUIRED, 0}};
    static const ol_json_table ARGUMENTS = {"flip", FIELDS, OL_COUNT(FIELDS)};
    ol_str choice;
    arguments(&ARGUMENTS, &choice);
    if (!ol_str_eq(choice, OL_STR("heads")) && !ol_str_eq(choice, OL_STR("tails")))
        near_panic(OL_STR("choice must be heads or tails"));
    ol_u128 deposit = near_attached_deposit();
    if (deposit < RUN_PAYMENT)
        near_panic(OL_STR("Attach at least 0.02 NEAR, which pay for the run"));
    game g = game_read();
    ol_str player = near_predecessor();

    near_promise asked = near_promise_create(g.outlayer);
    near_promise_call(asked, OL_STR("request_execution"), request_of(&g, choice, player),
                      RUN_PAYMENT, REQUEST_GAS, 0);

    /* The bet travels with the callback: until it runs, nothing of it is in the state. */
    ol_buf callback = ol_buf_new(TEXT_BYTES);
    ol_borsh_add_str(&callback, player);
    ol_borsh_add_u128(&callback, deposit - RUN_PAYMENT);
    near_promise told = near_promise_then(asked, near_self());
    near_promise_call(told, OL_STR("on_flip"), ol_buf_bytes(&callback), 0, CALLBACK_GAS, 0);
    near_promise_return(told);
}

/* Whether the program said `won`; false when it said nothing that we understand. */
static bool verdict_read(ol_bytes answer, bool *ret_won)
{
    ol_json root;
    ol_json won;
    return ol_json_parse(ol_bytes_str(answer), &root, NULL) == OL_OK &&
           ol_json_find(&root, OL_STR("won"), &won) && ol_json_bool(&won, ret_won, NULL) == OL_OK;
}

static void settle(const bet *b, bool won)
{
    ol_u128 pot = pot_read();
    if (!won) {
        pot_write(pot + b->stake); /* below all NEAR there is: it cannot wrap */
        return;
    }
    ol_u128 prize = b->stake < pot ? b->stake : pot;
    pot_write(pot - prize);
    pay(b->player, b->stake + prize);
}

/* Private: called when OutLayer has answered. A callback that fails loses the stake of its player,
 * so that whatever cannot be understood ends in a refund. */
NEAR_METHOD(on_flip)
{
    if (!ol_str_eq(near_predecessor(), near_self()))
        near_panic(OL_STR("Method on_flip is private"));
    ol_borsh cursor = ol_borsh_over(near_input());
    ol_str player = ol_borsh_str(&cursor);
    bet b = {player, ol_borsh_u128(&cursor)};
    ol_bytes answer;
    bool won;
    if (near_promise_result(0, &answer) != NEAR_SUCCESS) {
        /* Refused at once (paused, say): the payment of the run came back to us. */
        pay(b.player, b.stake + RUN_PAYMENT);
        near_return_str(OL_STR("null"));
    } else if (!verdict_read(answer, &won)) {
        /* `null`: the run failed or nobody answered in time. OutLayer sent the player what was left
         * of the run's payment; the stake is with us. */
        pay(b.player, b.stake);
        near_return_str(OL_STR("null"));
    } else {
        settle(&b, won);
        near_return(answer);
    }
}

NEAR_METHOD(pot)
{
    ol_buf text = ol_buf_new(TEXT_BYTES);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_add_dec(&w, pot_read());
    near_return(ol_buf_bytes(&text));
}
