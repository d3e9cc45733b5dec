/* Access keys as views tell them (NEAR 5): what a key may do. */
#ifndef OL_NEAR_ACCESS_KEY_H
#define OL_NEAR_ACCESS_KEY_H

#include "lib/codec/json_bind.h"

typedef struct ol_access_key {
    uint64_t nonce;
    bool full_access;
    ol_str receiver;       /* of a function-call key */
    ol_json_texts methods; /* empty: every method */
    bool has_allowance;
    ol_u128 allowance; /* yocto left; without one the key spends without limit */
} ol_access_key;

/* From the result of view_access_key, or the member `access_key` of a list's row. Text in the arena
 * or borrowed. OL_ERR_SHAPE. */
ol_rc ol_access_key_read(const ol_json *value, ol_arena *arena, ol_access_key *ret, ol_err *err);

/* In the result of view_access_key_list: false when the key is not among them. OL_ERR_SHAPE. */
ol_rc ol_access_key_list_find(const ol_json *list, ol_str public_key, ol_arena *arena,
                              bool *ret_found, ol_access_key *ret, ol_err *err);

/* A function-call key for that receiver and exactly those methods, in any order. */
bool ol_access_key_is_for(const ol_access_key *key, ol_str receiver, const ol_str *methods,
                          size_t count);

/* What a worker's registration installs on the operator's account, and nothing else (Keystore 9).
 */
bool ol_access_key_is_worker(const ol_access_key *key, ol_str contract);

#endif
