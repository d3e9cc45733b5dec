/* Which secret is meant: what may open it, and the seed of the key it is sealed to (Keystore 2, 4).
 * Two JSON forms mean the same: the tagged one of the keystore's routes, {"type":"Repo",…}, and the
 * contract's, {"Repo":{…}}. */
#ifndef OL_SECRETS_ACCESSOR_H
#define OL_SECRETS_ACCESSOR_H

#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"

typedef enum ol_accessor_kind {
    OL_ACCESSOR_REPO,
    OL_ACCESSOR_WASM_HASH,
    OL_ACCESSOR_PROJECT,
    OL_ACCESSOR_PAYMENT_KEY,
} ol_accessor_kind;

typedef struct ol_accessor {
    ol_accessor_kind kind;
    ol_str name;   /* REPO: the repository as it came; WASM_HASH: 64 digits; PROJECT: its id */
    ol_str branch; /* REPO only; NULL data: every branch */
} ol_accessor;

enum { OL_ACCESSOR_NAME_BYTES_MAX = 256 }; /* name and branch, each */

/* Either form. Text in the arena or borrowed from the document. OL_ERR_INVALID, OL_ERR_SHAPE. */
ol_rc ol_accessor_parse(const ol_json *value, ol_arena *arena, ol_accessor *ret, ol_err *err);
/* As the contract's methods take it: null branch written out. */
void ol_accessor_add_contract(ol_json_writer *w, const ol_accessor *accessor);
/* As the keystore's routes take it. */
void ol_accessor_add_tagged(ol_json_writer *w, const ol_accessor *accessor);

/* host/owner/repo as seeds have it: white space trimmed, one scheme, `git@` and one `.git`
 * stripped,
 * `:` behind `git@` read as `/`. `owner/repo` alone is of github.com. Nothing else changes, not
 * even case. OL_ERR_INVALID for an empty text or one without a slash. */
ol_rc ol_secret_repo_normalise(ol_str repo, ol_arena *arena, ol_str *ret, ol_err *err);

/* The seed of what the accessor names for this owner; `profile` counts for payment keys only, where
 * it is the nonce. At most OL_SEED_BYTES_MAX bytes, in the arena. OL_ERR_INVALID, OL_ERR_LIMIT. */
ol_rc ol_accessor_seed(const ol_accessor *accessor, ol_str owner, ol_str profile, ol_arena *arena,
                       ol_str *ret, ol_err *err);

/* Is this the form of a seed of secrets (Keystore 15, X9: what /pubkey answers for)? */
bool ol_seed_is_of_secrets(ol_str seed);
/* `system:payment_key:…`: all that /encrypt and /decrypt-raw work on under X9. */
bool ol_seed_is_of_payment_key(ol_str seed);

#endif
