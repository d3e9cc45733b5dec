/* Stablecoin ledgers (Contract 6): balances of users and earnings of developers, each kept for the
 * token it was paid in, so that another payment token never re-denominates what is owed (Contract
 * 16, 14). Tokens are numbered in the order they were first configured; records carry the number.
 */
#ifndef OL_CONTRACTS_OUTLAYER_LEDGER_H
#define OL_CONTRACTS_OUTLAYER_LEDGER_H

#include "lib/base/num.h"
#include "lib/base/str.h"

/* 0: no token. */
typedef uint16_t token_number;

/* Finds the token, or gives it the next number: for set_payment_token_contract. */
token_number token_register(ol_str token);
bool token_find(ol_str token, token_number *ret);
ol_str token_name(token_number token); /* empty for 0 */

/* The configured one again, in a record of its own: for views, which read less that way. */
token_number token_current(void);
void token_set_current(token_number token);

typedef enum ledger {
    LEDGER_BALANCE = 'b',  /* users: deposit_balance and refunds in, attached_usd out */
    LEDGER_EARNINGS = 'e', /* developers: settlement in, withdraw_developer_earnings out */
    LEDGER_REVENUE = 'h',  /* the contract's owner: top-ups and subscriptions; account is empty */
} ledger;

ol_u128 ledger_get(ledger which, token_number token, ol_str account);
/* Adds and returns the new sum; saturates at 2^128 - 1, so that it never aborts a callback. 0
 * writes nothing. */
ol_u128 ledger_credit(ledger which, token_number token, ol_str account, ol_u128 amount);
/* Takes `amount` off; false, and nothing changed, when there is less. *ret_before (may be NULL) is
 * what was there. An entry that reaches 0 is removed. */
bool ledger_debit(ledger which, token_number token, ol_str account, ol_u128 amount,
                  ol_u128 *ret_before);

#endif
