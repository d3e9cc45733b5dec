/* What the node knows, as the JSON that clients read (NEAR 5.1). Each function writes one value;
 * `…_members` write members into an object that is open. */
#ifndef LOCALNET_JSON_VIEWS_H
#define LOCALNET_JSON_VIEWS_H

#include "emulator/outcome.h"
#include "lib/codec/json_write.h"

void json_add_hash(ol_json_writer *w, const ol_sha256 *hash); /* base58 in quotes */
void json_hash_text(ol_buf *into, const ol_sha256 *hash);     /* base58 as it is */
void json_add_public_key(ol_json_writer *w, const ol_public_key *key);

static inline void json_put_hash(ol_json_writer *w, const char *key, const ol_sha256 *hash)
{
    ol_json_key(w, key);
    json_add_hash(w, hash);
}

static inline void json_put_public_key(ol_json_writer *w, const char *key,
                                       const ol_public_key *public_key)
{
    ol_json_key(w, key);
    json_add_public_key(w, public_key);
}

/* json_action.c */
void json_action(ol_json_writer *w, const ol_action *action);
void json_actions(ol_json_writer *w, const ol_action *actions, size_t count);
void json_transaction(ol_json_writer *w, const ol_signed_transaction *transaction);
void json_access_key(ol_json_writer *w, const ol_access_key *key); /* {nonce,permission} */
void json_access_key_members(ol_json_writer *w, const ol_access_key *key);

void json_global_id(ol_json_writer *w, const ol_global_id *id);

/* json_outcome.c */
void json_receipt(ol_json_writer *w, const ol_receipt *receipt);
/* {id,block_hash,proof,outcome} */
void json_outcome(ol_json_writer *w, const ol_outcome *outcome, const ol_sha256 *block_hash);
/* {"SuccessValue":…} and the like */
void json_status(ol_json_writer *w, const ol_outcome *outcome);

#endif
