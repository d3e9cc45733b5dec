/* Bytes that records of an account count for (NEAR 4.3). */
#ifndef OL_EMULATOR_STORAGE_USAGE_H
#define OL_EMULATOR_STORAGE_USAGE_H

#include "emulator/account.h"
#include "emulator/params.h"

/* Borsh of key and access key, and 40. */
uint64_t ol_usage_of_key(const ol_params *params, const ol_public_key *key,
                         const ol_access_key *access);
/* The code's length; the length of its name for a global one. */
uint64_t ol_usage_of_code(const ol_state *state, const ol_account *account, ol_str id);
uint64_t ol_usage_of_data(const ol_params *params, size_t key_bytes, size_t value_bytes);

#endif
