/* Secrets in state (Contract 8): ciphertext, who may use it, what was paid for it. */
#ifndef OL_CONTRACTS_OUTLAYER_SECRET_RECORD_H
#define OL_CONTRACTS_OUTLAYER_SECRET_RECORD_H

#include "contracts/outlayer/accessor.h"

typedef struct secret {
    secret_name name;
    ol_str encrypted;   /* opaque */
    ol_str access_json; /* canonical */
    ol_str vault;       /* account whose master encrypted it; data NULL: none */
    uint64_t created_at;
    uint64_t updated_at;
    ol_u128 deposit;
} secret;

bool secret_load(ol_bytes id, ol_str owner, secret *ret);
bool secret_exists(ol_bytes id);
void secret_save(ol_bytes id, const secret *it);
/* Loads it and removes it from every list; false when there is none. */
bool secret_take(const secret_name *name, secret *ret);
/* Enters a new one into the lists of its owner (and project). The record is the caller's to save.
 */
void secret_enlist(ol_bytes id, const secret_name *name);

/* Yocto for its bytes by Contract 8. `counts_index`: with the 64 bytes of an index entry. */
ol_u128 secret_price(const secret *it, bool counts_index);

/* Pages through an owner's secrets. */
uint32_t secret_count(ol_str owner);
bool secret_at(ol_str owner, uint32_t place, secret *ret);

/* Secrets of anybody that name this project. */
uint32_t project_secrets(ol_str project_id);

#endif
