/* Payment keys filled with NEAR (Contract 6): the contract wraps it, sends it to a swap it lists,
 * and asks for the run that swaps it; what comes out is transferred to the key as USD. */
#ifndef CLI_KEY_NEAR_H
#define CLI_KEY_NEAR_H

#include "cli/chain_key.h"

typedef struct key_near {
    uint32_t nonce;
    ol_yocto amount; /* attached: 0.01 NEAR of it pays for the swap's run, the rest is swapped */
    ol_str swap;     /* --swap; empty: the one the contract lists first */
    ol_str args_json;
} key_near;

/* `0.5near`: NEAR was meant. */
bool key_near_meant(ol_str amount);
/* At least 0.02 NEAR (Contract 2). OL_ERR_USAGE. */
ol_rc key_near_amount(ol_str text, ol_yocto *ret, ol_err *err);

/* To whom the contract would send it: --swap, or the first it lists. OL_ERR_CONTRACT. */
ol_rc key_near_plan(const cli *it, chain_client *c, const cli_args *args, uint32_t nonce,
                    ol_yocto amount, key_near *ret, cli_failure *failure);
int key_near_dry_run(const cli *it, const key_near *plan);

/* Sends it and waits until the key is credited: *ret_credited, 10^-6 USD. OL_ERR_CONTRACT with
 * where the NEAR is when it was not swapped; OL_ERR_PENDING when the credit is still to come. */
ol_rc key_near_top_up(const cli *it, chain_client *c, const signer *from, const key_near *plan,
                      chain_outcome *ret, ol_u128 *ret_credited, cli_failure *failure);

#endif
