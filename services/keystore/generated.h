/* Values that the keystore generates among a secret's others (Keystore 6; 15, X4). */
#ifndef KEYSTORE_GENERATED_H
#define KEYSTORE_GENERATED_H

#include "lib/codec/json_bind.h"
#include "services/keystore/keystore.h"
#include "services/keystore/secret_json.h"

enum { GENERATED_MAX = 16 };

typedef struct generated_secret {
    ol_str name;
    ol_str type;
} generated_secret;

extern const ol_json_table GENERATED_SECRET; /* {name, generation_type} */

/* OL_ERR_INVALID beyond GENERATED_MAX: before anything costs. */
ol_rc generated_count_check(const ol_json_structs *wanted, ol_err *err);
/* Generates each under its name, with its code. OL_ERR_INVALID for a name without PROTECTED_, one
 * of a code, or one that is there. */
ol_rc generated_add(const keystore *ks, const ol_json_structs *wanted, const ol_master *master,
                    ol_str seed, ol_arena *arena, secret_values *all, ol_err *err);
/* Prints the values and seals them under the seed; the text is wiped. */
ol_rc values_seal(const keystore *ks, secret_values *all, const ol_master *master, ol_str seed,
                  ol_buf *blob, ol_err *err);

#endif
