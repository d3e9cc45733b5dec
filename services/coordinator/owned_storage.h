/* Stored rows as their owners see and remove them (Coordinator 6): without values, which nobody but
 * a run can open, by pages that follow the rows' names. */
#ifndef COORDINATOR_OWNED_STORAGE_H
#define COORDINATOR_OWNED_STORAGE_H

#include "services/coordinator/storage.h"

/* The nonce of a signed request, used up by the operation that serves it: once until the request
 * ends. OL_ERR_UNAUTHORIZED `Nonce already used`, `The signature has expired`. */
typedef struct signed_nonce {
    ol_str account_id;
    ol_bytes nonce;
    int64_t expires_ms; /* wall clock */
} signed_nonce;

typedef struct signed_nonce_use {
    ol_op op;
    signed_nonce nonce;
} signed_nonce_use;
void signed_nonce_take(domain *d, signed_nonce_use *it);

/* Which rows: of the project and account of `name`; its hash is the one row, or NULL data for all.
 */
typedef struct owned_rows {
    storage_name name;
    bool only_public;
} owned_rows;

/* Removes them and takes what they took off the account's usage. No row is no failure. */
typedef struct owned_removal {
    ol_op op;
    signed_nonce nonce;
    owned_rows rows;
    storage_used removed; /* result */
} owned_removal;
void owned_remove(domain *d, owned_removal *it);

typedef struct owned_row {
    ol_str key_hash;
    bool is_encrypted;
    ol_bytes key; /* readable alone; empty: encrypted */
    uint64_t size_bytes;
    ol_str wasm_hash; /* of the last writer */
    int64_t updated_ms;
} owned_row;

/* At most `limit` rows behind `after` (empty: from the first), whose readable keys begin with
 * `prefix` (empty: also those that are hidden). *ret_more: there are others behind. */
typedef struct owned_page {
    ol_str after;
    ol_bytes prefix;
    uint32_t limit;
} owned_page;
ol_rc owned_list(domain *d, const owned_rows *rows, const owned_page *page, ol_arena *arena,
                 owned_row **ret, size_t *ret_count, bool *ret_more, ol_err *err);

/* Of all accounts of a project, and of each. */
typedef struct owned_usage {
    ol_str account_id;
    storage_used used;
} owned_usage;
ol_rc owned_usage_total(domain *d, ol_str project_uuid, storage_used *ret, ol_err *err);
ol_rc owned_usage_list(domain *d, ol_str project_uuid, const owned_page *page, ol_arena *arena,
                       owned_usage **ret, size_t *ret_count, bool *ret_more, ol_err *err);

#endif
