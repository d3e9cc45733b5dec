/* Accounts, access keys, contract code and contract data in a state (NEAR 4, 7). */
#ifndef OL_EMULATOR_ACCOUNT_H
#define OL_EMULATOR_ACCOUNT_H

#include "emulator/state.h"
#include "lib/near/action.h"

typedef enum ol_code_kind {
    OL_CODE_NONE,
    OL_CODE_LOCAL,          /* deployed to the account itself */
    OL_CODE_GLOBAL_HASH,    /* a global contract by its code's hash */
    OL_CODE_GLOBAL_ACCOUNT, /* whatever that account deployed last */
} ol_code_kind;

typedef struct ol_account {
    ol_yocto amount;
    ol_yocto locked;        /* staked */
    uint64_t storage_usage; /* bytes to be covered by balance */
    ol_code_kind code;
    ol_sha256 code_hash; /* LOCAL, GLOBAL_HASH */
    ol_str code_account; /* GLOBAL_ACCOUNT; borrowed from the state */
} ol_account;

/* Reading; texts and bytes are borrowed from the state (state.h). */
bool ol_account_find(const ol_state *state, ol_str id, ol_account *ret);
bool ol_access_key_find(const ol_state *state, ol_str id, const ol_public_key *key, ol_arena *arena,
                        ol_access_key *ret);
/* The code an account runs, wherever it lies; false without a contract, or while a global one is
 * not there. */
bool ol_account_code(const ol_state *state, const ol_account *account, ol_str id,
                     ol_bytes *ret_code, ol_sha256 *ret_hash);
bool ol_global_code(const ol_state *state, const ol_global_id *id, ol_bytes *ret_code,
                    ol_sha256 *ret_hash);
bool ol_data_find(const ol_state *state, ol_str id, ol_bytes key, ol_bytes *ret_value);

/* Walking: one pair a call, in the order of the keys' bytes; false at the end.
 *
 *   ol_bytes at = {0}, key, value;
 *   while (ol_data_next(state, id, prefix, &at, &key, &value)) … */
bool ol_data_next(const ol_state *state, ol_str id, ol_bytes prefix, ol_bytes *at,
                  ol_bytes *ret_key, ol_bytes *ret_value);
bool ol_access_key_next(const ol_state *state, ol_str id, ol_bytes *at, ol_arena *arena,
                        ol_public_key *ret_key, ol_access_key *ret);
bool ol_account_next(const ol_state *state, ol_bytes *at, ol_str *ret_id, ol_account *ret);

/* Writing, for genesis, patches and actions. They write the record alone; storage usage is the
 * caller's business. */
void ol_account_put(ol_state *state, ol_str id, const ol_account *account);
void ol_access_key_put(ol_state *state, ol_str id, const ol_public_key *key,
                       const ol_access_key *access);

/* What a change of the state was: for EXPERIMENTAL_changes. */
typedef enum ol_record_kind {
    OL_RECORD_OTHER, /* of the runtime alone: waiting receipts and the like */
    OL_RECORD_ACCOUNT,
    OL_RECORD_ACCESS_KEY,
    OL_RECORD_DATA,
    OL_RECORD_CODE,
    OL_RECORD_GLOBAL_CODE,
} ol_record_kind;

typedef struct ol_record {
    ol_record_kind kind;
    ol_str account_id;
    ol_public_key key; /* ACCESS_KEY */
    ol_bytes data_key; /* DATA */
    ol_bytes value;    /* raw: decode with the functions below; empty for a deletion */
} ol_record;

ol_record ol_record_of(const ol_entry *entry);
bool ol_account_decode(ol_bytes value, ol_account *ret);
bool ol_access_key_of(ol_bytes value, ol_arena *arena, ol_access_key *ret);

#endif
