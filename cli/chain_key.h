/* Payment keys on the chain: a secret of the owner's that the contract and workers keep a balance
 * in, funded by transfers of the payment token (Contract 6, Payment keys). */
#ifndef CLI_CHAIN_KEY_H
#define CLI_CHAIN_KEY_H

#include "cli/secret_command.h"

/* What the coordinator knows of a key; decimal, 10^-6 USD. A key it does not know holds nothing. */
typedef struct key_balance {
    ol_str owner, nonce;
    ol_str initial, spent, reserved, available;
    ol_str projects_json; /* what it is for, []: everything; empty when it was not told */
    ol_str max_per_call;  /* empty: no limit, or not told */
} key_balance;

/* By the whole key: what it is for is told as well. */
ol_rc key_balance_fetch(const cli *it, const ol_secret *key, key_balance *ret,
                        cli_failure *failure);

/* By owner and nonce, as everybody may. */
ol_rc key_balance_look(const cli *it, ol_str owner, uint32_t nonce, key_balance *ret,
                       cli_failure *failure);
/* What a body of the coordinator says. */
ol_rc key_balance_read(const cli *it, ol_str json, key_balance *ret, ol_err *err);
void key_balance_put(ol_json_writer *w, const key_balance *b); /* an object */
void key_balance_line(ol_buf *text, const key_balance *b);
/* What it is for, on a line of its own; nothing when that was not told. */
void key_terms_line(const cli *it, ol_buf *text, const key_balance *b);

/* The next nonce that neither the contract nor the coordinator has seen. */
ol_rc chain_key_nonce(const cli *it, chain_client *c, ol_str owner, uint32_t *ret,
                      cli_failure *failure);

/* Nonces of the account's keys, ascending; at most CHAIN_KEYS_MAX. */
enum { CHAIN_KEYS_MAX = 256 };
ol_rc chain_keys_find(const cli *it, chain_client *c, ol_str owner, uint32_t ret[CHAIN_KEYS_MAX],
                      size_t *ret_count, ol_err *err);

/* Does the account have so much of the payment token? OL_ERR_BALANCE says what it has. */
ol_rc chain_key_afford(const cli *it, chain_client *c, ol_str owner, ol_usd amount,
                       cli_failure *failure);
/* ft_transfer_call of the contract's payment token; waits until a worker has credited it.
 * OL_ERR_CONTRACT when the payment came back. */
ol_rc chain_key_top_up(const cli *it, chain_client *c, const signer *from, ol_str owner,
                       uint32_t nonce, ol_usd amount, chain_outcome *ret, cli_failure *failure);
/* All that was ever credited to a key, 10^-6 USD; and the wait until that is `wanted` at least,
 * which the worker that answered the chain tells the coordinator a moment later: OL_ERR_PENDING. */
ol_rc chain_key_credited(const cli *it, ol_str owner, uint32_t nonce, ol_u128 *ret,
                         cli_failure *failure);
ol_rc chain_key_await(const cli *it, ol_str owner, uint32_t nonce, ol_u128 wanted,
                      cli_failure *failure);
/* The transfer as a transaction, for --dry-run. */
int chain_key_top_up_dry_run(const cli *it, chain_client *c, ol_str owner, uint32_t nonce,
                             ol_usd amount);

/* AMOUNT of the commands: `0.25usd`, or whole 10^-6 USD. */
ol_rc chain_key_amount(ol_str text, ol_usd *ret, ol_err *err);

/* keys create without --grant (cmd_keys_chain.c). */
int keys_create_on_chain(cli *it, const cli_args *args);

enum { CHAIN_KEY_TOP_UP_MIN = 10000 }; /* 10^-6 USD (Contract 6) */

#endif
