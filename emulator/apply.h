/* What is shared while one block is made. ol_apply is the block's, ol_run one receipt's. Private to
 * this library. */
#ifndef OL_EMULATOR_APPLY_H
#define OL_EMULATOR_APPLY_H

#include "emulator/block.h"
#include "emulator/call.h"
#include "emulator/fees.h"
#include "emulator/list.h"

typedef struct ol_apply {
    const ol_vm *vm;
    const ol_params *params;
    ol_str chain_id;
    ol_arena *arena; /* the block's */
    uint64_t height;
    uint64_t timestamp_ns;
    uint64_t epoch_height;
    ol_yocto gas_price;
    ol_sha256 random_value;

    ol_state state;     /* now */
    ol_state committed; /* before the transaction or receipt that is running */

    ol_list outcomes; /* ol_outcome */
    ol_list changes;  /* ol_change */
    ol_list local;    /* const ol_receipt *: run in this block, sent to oneself by transactions */
    ol_list instant;  /* const ol_receipt *: run right behind the one that made them */
    ol_list outgoing; /* const ol_receipt *: for the next block */
    ol_list made;     /* const ol_receipt *: all three, as they came */
    ol_yocto burnt;
    ol_yocto minted;
    uint64_t gas_used;
    uint64_t timeouts; /* resumes without data made so far */
} ol_apply;

/* What changed since the last commit becomes part of the block, with its cause. */
void ol_apply_commit(ol_apply *apply, ol_cause cause, const ol_sha256 *hash);
/* What changed since the last commit never happened. */
void ol_apply_rollback(ol_apply *apply);

void ol_apply_burn(ol_apply *apply, ol_yocto amount);

/* transactions.c: checks a transaction, charges for it and sends its receipt; adds its outcome. */
void ol_apply_transaction(ol_apply *apply, const ol_signed_transaction *transaction, bool expired);
/* receipts.c: delivers a receipt: runs it, keeps it waiting, or lets it wake another. Receipts that
 * it makes and that run at once are run, too. */
ol_rc ol_apply_receipt(ol_apply *apply, const ol_receipt *receipt, ol_err *err);
/* receipts.c: hands on a receipt that a receipt made: to this block's instants or to the next
 * block. */
void ol_apply_send(ol_apply *apply, const ol_receipt *receipt);
/* yields.c: resumes without data for the yields whose time is over. */
void ol_apply_timeouts(ol_apply *apply);

/* ── One receipt ── */

typedef enum ol_returns { OL_RETURNS_NOTHING, OL_RETURNS_VALUE, OL_RETURNS_RECEIPT } ol_returns;

typedef struct ol_run {
    ol_apply *apply;
    const ol_receipt *receipt;
    size_t action_index;         /* of the action that runs */
    const ol_call_input *inputs; /* what the receipt waited for */

    /* The receiver, as the actions before left it; written when all have succeeded. */
    bool existed;
    bool exists;
    ol_account account;
    ol_str actor; /* in whose name actions run: the predecessor, or an account just created */

    uint64_t gas_burnt;
    uint64_t gas_used; /* burnt, and what new receipts took along */
    uint64_t gas_burnt_by_calls;
    ol_yocto burnt;   /* besides gas */
    ol_yocto minted;  /* by the one-yocto rule (NEAR 1.2) */
    ol_list logs;     /* ol_str */
    ol_list receipts; /* ol_receipt *: new ones; ids come last */
    ol_list costs;    /* ol_gas_cost */
    ol_returns returns;
    ol_bytes value;
    size_t return_receipt; /* index into receipts */
    ol_failure failure;    /* kind NONE: all went well so far */
} ol_run;

/* run.c: an action receipt whose inputs are all there. */
ol_rc ol_run_receipt(ol_apply *apply, const ol_receipt *receipt, ol_err *err);

/* Ends the action: always false. The failure's texts must live as long as the block. */
bool ol_run_fail(ol_run *run, ol_failure failure);
/* A failure that names the receiver alone. */
bool ol_run_fail_account(ol_run *run, ol_failure_kind kind);
/* A new receipt from the receiver, to be filled; the return value stays where it is. */
ol_receipt *ol_run_send(ol_run *run, ol_receipt_kind kind, ol_str receiver_id);
/* NEAR that goes back: from `system`, free of charge (NEAR 4.3). */
void ol_run_send_refund(ol_run *run, ol_str receiver_id, ol_yocto amount);
/* One row of the gas profile; rows of one name add up. */
void ol_run_cost(ol_run *run, const char *category, ol_str cost, uint64_t gas);

/* Actions: false with run->failure set. */
bool ol_act_create_account(ol_run *run);
bool ol_act_delete_account(ol_run *run, ol_str beneficiary);
bool ol_act_transfer(ol_run *run, ol_yocto amount);
bool ol_act_stake(ol_run *run, ol_yocto amount);
bool ol_act_add_key(ol_run *run, const ol_public_key *key, const ol_access_key *access);
bool ol_act_delete_key(ol_run *run, const ol_public_key *key);
bool ol_act_deploy(ol_run *run, ol_bytes code);
bool ol_act_deploy_global(ol_run *run, ol_bytes code, bool by_account);
bool ol_act_use_global(ol_run *run, const ol_global_id *id);
bool ol_act_state_init(ol_run *run, const ol_state_init *init, ol_yocto deposit);
bool ol_act_delegate(ol_run *run, const ol_delegate *delegate, bool v2);
/* Fails for our own troubles in *err alone. */
ol_rc ol_act_call(ol_run *run, const ol_action *action, ol_err *err);

/* refund.c: what is left of deposits and gas goes back; what was burnt in all. */
ol_yocto ol_run_settle(ol_run *run);

/* yields.c */
void ol_yield_begin(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id,
                    const ol_sha256 *yield_id);
bool ol_yield_is_pending(const ol_state *state, ol_str account_id, const ol_sha256 *data_id);
bool ol_yield_by_id(const ol_state *state, ol_str account_id, const ol_sha256 *yield_id,
                    ol_sha256 *ret_data_id);
bool ol_yield_is_resumed(const ol_state *state, ol_str account_id, const ol_sha256 *data_id);
void ol_yield_resume(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id);
void ol_yield_end(ol_apply *apply, ol_str account_id, const ol_sha256 *data_id);
/* Does one expire at or before that height? */
bool ol_yield_is_due(const ol_state *state, uint64_t height);

#endif
