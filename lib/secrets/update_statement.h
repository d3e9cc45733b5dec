/* What an owner signs to change a secret (Keystore 6; 15, X4): the texts both ends build from the
 * same request. */
#ifndef OL_SECRETS_UPDATE_STATEMENT_H
#define OL_SECRETS_UPDATE_STATEMENT_H

#include "lib/base/buf.h"
#include "lib/codec/json_read.h"

#define OL_UPDATE_V2 "Update Outlayer secrets v2 for "

enum {
    OL_UPDATE_AHEAD_MS_MAX = 600 * 1000, /* X4: how far ahead an expiry may lie */
    OL_UPDATE_STATEMENT_BYTES_MAX = 64 * 1024,
};

/* Form 1: `Update Outlayer secrets for {owner}:{profile}`, then the names that are set and those
 * that are generated, each line only where there are any. Sorts the lists by bytes. */
typedef struct ol_update_names {
    ol_str *name;
    size_t count;
} ol_update_names;
void ol_update_statement_v1(ol_str owner, ol_str profile, ol_update_names set,
                            ol_update_names generated, ol_buf *into);

/* Form 2: OL_UPDATE_V2 `{owner}:{profile}\nbody:{hex}`, the SHA-256 of the canonical JSON (compact,
 * keys sorted) of seven members of the request: accessor, expires_at, generate_protected, mode,
 * new_accessor, secrets, vault_id; what is absent is null. `request` is an object; its other
 * members do not matter. OL_ERR_LIMIT, OL_ERR_NO_MEMORY. */
ol_rc ol_update_statement_v2(ol_str owner, ol_str profile, const ol_json *request, ol_buf *into,
                             ol_err *err);

#endif
