/* What the owner signs to change a secret (Keystore 6; 15, X4). */
#ifndef KEYSTORE_UPDATE_MESSAGE_H
#define KEYSTORE_UPDATE_MESSAGE_H

#include "lib/codec/json_bind.h"
#include "services/keystore/secret_json.h"

typedef enum update_mode { UPDATE_APPEND, UPDATE_RESET } update_mode;

typedef struct update_body {
    ol_json accessor;
    ol_json new_accessor;
    bool has_new_accessor;
    ol_str profile;
    ol_str owner;
    int mode; /* update_mode */
    ol_json secrets;
    ol_json_structs generate; /* generated_secret */
    ol_str signed_message;
    ol_bytes signature;
    ol_str public_key;
    ol_bytes nonce;
    ol_str recipient;
    ol_str vault_id;
    uint64_t expires_at_ms; /* form 2 */
    bool has_expires_at;
    ol_str text; /* the request as it came */
} update_body;

/* Is form 2 signed? It binds everything that is asked for, is young and counts once; form 1 binds
 * names alone. */
bool update_message_is_v2(const update_body *body);

/* The signed text is the one that follows from the body, in the form that is signed. OL_ERR_INVALID
 * `Invalid message format. …`. */
ol_rc update_message_check(const update_body *body, const secret_values *incoming, ol_arena *arena,
                           ol_err *err);

#endif
