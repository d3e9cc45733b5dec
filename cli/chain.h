/* The NEAR network as the command line uses it: views of the contract, signed transactions, and how
 * they ended. The same code for a network on this machine and for the public ones. */
#ifndef CLI_CHAIN_H
#define CLI_CHAIN_H

#include "cli/credentials.h"
#include "lib/codec/json_read.h"
#include "lib/near/action.h"
#include "lib/near/rpc_chain.h"

enum {
    CHAIN_VIEW_MS = 15000,
    CHAIN_SECONDS_STANDARD = 330, /* a transaction: past the 200 blocks of a yield (Contract 2) */
};
#define CHAIN_TGAS UINT64_C(1000000000000)

typedef struct chain_client chain_client;

/* OL_ERR_USAGE when no node or no contract is known for the network. */
ol_rc chain_open(const cli *it, chain_client **ret, ol_err *err);
void chain_close(chain_client *c); /* NULL is fine */

const ol_rpc *chain_rpc(const chain_client *c);

/* ---- views */

/* From now on all views and balances are of the block that is final now, not of the newest. */
ol_rc chain_pin_final(chain_client *c, ol_err *err);

/* A view of the contract: what it returned, as JSON in the arena. OL_ERR_CONTRACT with the
 * contract's words when it refused. */
ol_rc chain_view(chain_client *c, const char *method, const ol_buf *args, ol_json *ret,
                 ol_err *err);
/* A view of another contract; what it returned, in the arena. */
ol_rc chain_view_of(chain_client *c, ol_str contract, ol_str method, ol_str args_json,
                    ol_bytes *ret, ol_err *err);
/* A view that returns an amount as a decimal string. */
ol_rc chain_view_amount(chain_client *c, const char *method, const ol_buf *args, ol_u128 *ret,
                        ol_err *err);
/* The balance of an account. OL_ERR_NOT_FOUND when there is none. */
ol_rc chain_balance(chain_client *c, ol_str account_id, ol_yocto *ret, ol_err *err);

/* Base58 of the hash of an account's code; all `1` without code. */
ol_rc chain_code_hash(chain_client *c, ol_str account_id, char ret[OL_HASH_TEXT_BYTES],
                      ol_err *err);

/* ---- transactions */

typedef struct chain_outcome {
    char hash[OL_HASH_TEXT_BYTES]; /* of the transaction; empty when none was sent */
    ol_tx_outcome tx;
    ol_str value; /* what the last receipt returned, decoded */
} chain_outcome;

/* Signs, sends, and waits until everything but refunds is executed. `seconds` 0: the standard.
 * OL_ERR_PENDING past it and OL_ERR_INTERRUPTED leave ret->hash behind. A transaction that the node
 * refused or whose receipts failed is an error: OL_ERR_CONTRACT with the contract's words,
 * OL_ERR_BALANCE, OL_ERR_NO_ACCOUNT_KEY, … */
ol_rc chain_send(chain_client *c, const signer *from, ol_str receiver_id, const ol_action *action,
                 size_t actions, uint64_t seconds, chain_outcome *ret, ol_err *err);
/* Signs and sends without waiting: ret->hash names what was sent. */
ol_rc chain_submit(chain_client *c, const signer *from, ol_str receiver_id, const ol_action *action,
                   size_t actions, chain_outcome *ret, ol_err *err);
/* One call of the OutLayer contract. */
ol_rc chain_call(chain_client *c, const signer *from, const char *method, const ol_buf *args,
                 uint64_t tgas, ol_yocto deposit, chain_outcome *ret, ol_err *err);

/* --dry-run: what would be sent, as the result. Whoever sends asks first; chain_send refuses to be
 * called then. */
int chain_dry_run(const cli *it, ol_str receiver_id, const ol_action *action, size_t actions);
/* The same for one call of the OutLayer contract. */
int chain_call_dry_run(const cli *it, const char *method, const ol_buf *args, uint64_t tgas,
                       ol_yocto deposit);

/* Waits for a transaction that was sent; errors as chain_send. `wait_until` of NEAR 5.2; with
 * `INCLUDED` the outcome may be under way still. */
ol_rc chain_await(chain_client *c, const char *hash, ol_str sender_id, ol_str wait_until,
                  uint64_t seconds, chain_outcome *ret, ol_err *err);

/* The first event of that name in the logs, its first data element. */
bool chain_event(const chain_client *c, const chain_outcome *outcome, const char *name,
                 ol_json *ret);

/* Ctrl-C ends the exchange under way (OL_ERR_INTERRUPTED) instead of the program. */
ol_rc chain_catch_interrupts(chain_client *c, ol_err *err);

/* Tells the failure, and how to wait for a transaction that goes on without us; the exit code. */
int chain_fail(const cli *it, const chain_outcome *outcome, ol_str account, const ol_err *err);

/* A failed transaction: the words people read, and which reason it is. `{"ActionError":…}` or
 * `{"InvalidTxError":…}` (NEAR 5.3). */
ol_rc chain_failure(ol_str failure_json, ol_arena *arena, ol_err *err);

#endif
