/* State, arguments and events of the token. */
#ifndef OL_CONTRACTS_TOKEN_TOKEN_H
#define OL_CONTRACTS_TOKEN_TOKEN_H

#include "contracts/host/near.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"
#include "lib/near/account_id.h"

enum { ANSWER_BYTES_MAX = NEAR_VALUE_BYTES_MAX };

/* Ends the call with this text. */
_Noreturn void fail(const char *format, ...) OL_PRINTF(1, 2);
#define REQUIRE(condition, ...) ((condition) ? (void)0 : fail(__VA_ARGS__))

/* The argument object by table, absent input counts as {}; ends the call where it does not fit. */
void arguments(const ol_json_table *table, void *into);
void answer_dec(ol_u128 value); /* "123" */

/* --- State: 'm' metadata, 's' total supply, 'a' + account: balance -------------------------------
 */

typedef struct metadata {
    ol_str owner;
    ol_str name;
    ol_str symbol;
    uint8_t decimals;
    bool wraps_near;
} metadata;

bool metadata_load(metadata *ret);
metadata metadata_get(void); /* ends the call before `new` */
void metadata_save(const metadata *it);

ol_u128 supply_get(void);
void supply_set(ol_u128 total);

bool balance_find(ol_str account, ol_u128 *ret); /* false: not registered */
/* Ends the call with `The account … is not registered`. */
ol_u128 balance_of_registered(ol_str account);
void balance_set(ol_str account, ol_u128 amount);
void balance_forget(ol_str account);

/* --- Events (NEP-297, NEP-141) -------------------------------------------------------------------
 */

/* {"<who_key>": who, "new_owner_id": to?, "amount", "memo"?} */
void event_log(const char *name, const char *who_key, ol_str who, ol_str to, ol_u128 amount,
               ol_str memo);

#endif
