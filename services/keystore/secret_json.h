/* The plaintext of a secret: a JSON object of strings, each an environment variable (Keystore 3).
 * Read into a list, changed, written again in order of names. */
#ifndef KEYSTORE_SECRET_JSON_H
#define KEYSTORE_SECRET_JSON_H

#include "lib/codec/json_read.h"
#include "lib/secrets/master.h"

enum { SECRET_VALUES_MAX = 1024 };

typedef struct secret_value {
    ol_str name;
    ol_str value;
} secret_value;

typedef struct secret_values {
    secret_value *items; /* room for SECRET_VALUES_MAX, in the arena */
    size_t count;
} secret_values;

/* Empty, with its room. */
ol_rc secret_values_init(ol_arena *arena, secret_values *ret, ol_err *err);
/* OL_ERR_INVALID for what is no object of strings, or one too large. A repeated name: the last. */
ol_rc secret_values_parse(ol_str json, ol_arena *arena, secret_values *ret, ol_err *err);
const secret_value *secret_values_find(const secret_values *all, ol_str name);
/* Adds or replaces; borrowed. OL_ERR_INVALID when full. */
ol_rc secret_values_set(secret_values *all, ol_str name, ol_str value, ol_err *err);
void secret_values_remove(secret_values *all, ol_str name);
void secret_values_sort(secret_values *all); /* by bytes of the name */
void secret_values_add_json(const secret_values *all, ol_buf *into);

/* X4: sets PROTECTED_MAC_X for PROTECTED_X. */
ol_rc secret_values_prove(secret_values *all, const ol_master *master, ol_str seed, ol_str name,
                          ol_arena *arena, ol_err *err);
/* X4: is the code of that protected value there and right? */
bool secret_values_proved(const secret_values *all, const ol_master *master, ol_str seed,
                          const secret_value *value, ol_arena *arena);
/* X4: removes codes that do not prove their value. Before codes are made again elsewhere: the owner
 * seals what lies on the chain, and one that was made up would come back as a good one. */
ol_rc secret_values_false_codes_drop(secret_values *all, const ol_master *master, ol_str seed,
                                     ol_arena *arena, ol_err *err);

#endif
