/* Names of what lies in a state: a column, an account id, a comma (which no id holds), and what the
 * column adds. The network's own columns, letters instead of numbers. */
#ifndef OL_EMULATOR_STATE_KEY_H
#define OL_EMULATOR_STATE_KEY_H

#include "emulator/state.h"
#include "lib/near/action.h"

typedef enum ol_column {
    OL_COLUMN_ACCOUNT = 'a',       /* id */
    OL_COLUMN_CODE = 'c',          /* id */
    OL_COLUMN_ACCESS_KEY = 'k',    /* id , key */
    OL_COLUMN_GAS_KEY_NONCE = 'n', /* id , key index */
    OL_COLUMN_DATA = 'd',          /* id , key of the contract */
    OL_COLUMN_GLOBAL_CODE = 'g',   /* global id: its Borsh */
    OL_COLUMN_RECEIVED_DATA = 'r', /* id , data id: option bytes */
    OL_COLUMN_AWAITED_BY = 'w',    /* id , data id: the receipt that waits for it */
    OL_COLUMN_AWAITED_COUNT = 'x', /* id , receipt id: u32 data still missing */
    OL_COLUMN_POSTPONED = 'p',     /* id , receipt id: the receipt */
    OL_COLUMN_YIELDED = 'y',       /* id , data id: the yield receipt */
    OL_COLUMN_YIELD_STATUS = 's',  /* id , data id: there once a resume is under way */
    OL_COLUMN_YIELD_ID = 'i',      /* id , yield id: data id */
    OL_COLUMN_YIELD_ID_OF = 'j',   /* id , data id: yield id */
    OL_COLUMN_YIELD_TIMEOUT = 't', /* expiry, number (big-endian): id, data id */
    OL_COLUMN_YIELD_COUNT = 'u',   /* the next number */
} ol_column;

enum {
    OL_STATE_ID_BYTES_MAX = 64,     /* an account id */
    OL_STATE_REST_BYTES_MAX = 2048, /* a contract's key (NEAR 1.5) */
    OL_STATE_KEY_BYTES_MAX = 1 + OL_STATE_ID_BYTES_MAX + 1 + OL_STATE_REST_BYTES_MAX,
};

typedef struct ol_state_key {
    size_t len;
    uint8_t bytes[OL_STATE_KEY_BYTES_MAX];
} ol_state_key;

/* Asserts that it fits: callers have checked ids and keys. */
ol_state_key ol_state_key_of(ol_column column, ol_str account_id, ol_bytes rest);
ol_state_key ol_state_key_of_account(ol_column column, ol_str account_id); /* without the comma */
ol_state_key ol_state_key_of_hash(ol_column column, ol_str account_id, const ol_sha256 *hash);
ol_state_key ol_state_key_of_public(ol_column column, ol_str account_id, const ol_public_key *key);
ol_state_key ol_state_key_of_global(const ol_global_id *id);

static inline ol_bytes ol_state_key_bytes(const ol_state_key *key)
{
    return (ol_bytes){key->bytes, key->len};
}

#endif
