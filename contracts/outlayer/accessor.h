/* SecretAccessor (Contract 3, 8): what a secret is for, in its canonical spelling. */
#ifndef OL_CONTRACTS_OUTLAYER_ACCESSOR_H
#define OL_CONTRACTS_OUTLAYER_ACCESSOR_H

#include "contracts/outlayer/call.h"

typedef enum accessor_kind {
    ACCESSOR_REPO,
    ACCESSOR_WASM_HASH,
    ACCESSOR_PROJECT,
    ACCESSOR_PAYMENT_KEY, /* {"System":"PaymentKey"} */
} accessor_kind;

typedef struct accessor {
    accessor_kind kind;
    ol_str text;   /* repository, hash in lower case, or project id; empty for a payment key */
    ol_str branch; /* of a repository; data NULL: any */
} accessor;

/* Ends the call when the value is none. */
accessor accessor_read(call *c, const ol_json *value);
void accessor_write(ol_json_writer *w, const accessor *it);

/* Contract 8, check 1 of store_secrets, but for a payment key, whose profile is checked. Ends the
 * call with the texts there. */
void accessor_check(const accessor *it);

/* Bytes of it in the storage price (`acc` in Contract 8). */
size_t accessor_bytes(const accessor *it);

/* A secret's key: what, under which name, whose. */
typedef struct secret_name {
    accessor accessor;
    ol_str profile; /* canonical: a payment key's nonce without zeros in front */
    ol_str owner;
} secret_name;

/* Canonical spelling of the profile under this accessor. */
ol_str profile_canonical(const accessor *of, ol_str profile);
/* A payment key's nonce; false when the profile is no u32. */
bool profile_nonce(ol_str profile, uint32_t *ret);

/* What tells secrets apart, as bytes for the keys of records: the parts themselves, or a hash of
 * them where they are long. */
ol_bytes secret_id(const secret_name *name);

#endif
