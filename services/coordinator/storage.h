/* What projects keep between runs (Coordinator 6): opaque rows named by project, account and the
 * hash of their key. A write and the account of what is used are one transaction. */
#ifndef COORDINATOR_STORAGE_H
#define COORDINATOR_STORAGE_H

#include "services/coordinator/domain.h"

enum {
    STORAGE_NAME_BYTES_MAX = 64,  /* each part of a name, and the hash of the code */
    STORAGE_KEY_BYTES_MAX = 4096, /* encrypted */
    STORAGE_VALUE_BYTES_MAX =
        2097152 + 4096, /* Host interfaces 8: 2 MiB, and what encrypting adds */
    STORAGE_LIST_MAX = 1000,
};

/* Rows of all callers of a project. */
#define STORAGE_WORKER_ACCOUNT OL_STR("@worker")

typedef struct storage_name {
    ol_str project_uuid;
    ol_str account_id;
    ol_str key_hash;
} storage_name;

typedef struct storage_row {
    bool exists;
    ol_str key_hash; /* in lists */
    ol_bytes key;
    ol_bytes value;
    ol_str wasm_hash; /* of the last writer */
    bool is_encrypted;
} storage_row;

/* ---- Reading. Absent is a row that does not exist; a failing database is OL_ERR_STORAGE. */

ol_rc storage_get(domain *d, const storage_name *name, ol_arena *arena, storage_row *ret,
                  ol_err *err);
/* What that code wrote last. Without a project (NULL data) only where one project alone has it, so
 * that no project reads another's: else OL_ERR_INVALID. */
ol_rc storage_get_version(domain *d, ol_str wasm_hash, const storage_name *name, ol_arena *arena,
                          storage_row *ret, ol_err *err);
/* Without values those of the rows are empty: a page of them may take gigabytes. */
ol_rc storage_list(domain *d, const storage_name *name, bool values, uint32_t limit,
                   uint64_t offset, ol_arena *arena, storage_row **ret, size_t *ret_count,
                   ol_err *err);

typedef struct storage_used {
    uint64_t total_bytes; /* of encrypted keys and values */
    uint64_t key_count;
} storage_used;
ol_rc storage_usage(domain *d, ol_str project_uuid, ol_str account_id, storage_used *ret,
                    ol_err *err);

/* Within an operation that changes rows: what the account of `name` uses from now on. */
ol_rc storage_usage_add(ol_db *db, const storage_name *name, int64_t bytes, int64_t keys,
                        ol_err *err);

/* ---- Writing. All durable. OL_ERR_INVALID for a part that is too long. */

typedef enum storage_mode { STORAGE_SET, STORAGE_IF_ABSENT, STORAGE_IF_EQUALS } storage_mode;

typedef struct storage_write {
    ol_op op;
    storage_name name;
    storage_row row; /* what is written */
    storage_mode mode;
    ol_bytes expected;   /* STORAGE_IF_EQUALS: the value as stored */
    ol_arena *arena;     /* for `current` */
    bool written;        /* result */
    storage_row current; /* result of IF_EQUALS that was not written: what is there */
} storage_write;
void storage_put(domain *d, storage_write *it);

typedef struct storage_removal {
    ol_op op;
    storage_name name;
    bool removed; /* result */
} storage_removal;
void storage_remove(domain *d, storage_removal *it);

typedef enum storage_scope { STORAGE_ACCOUNT, STORAGE_VERSION, STORAGE_PROJECT } storage_scope;

typedef struct storage_clearing {
    ol_op op;
    storage_scope scope;
    storage_name name; /* without key_hash; STORAGE_VERSION: the project may be absent, as above */
    ol_str wasm_hash;  /* STORAGE_VERSION */
} storage_clearing;
void storage_clear(domain *d, storage_clearing *it);

/* Are the accounts what the rows say? OL_ERR_INTERNAL naming the first project where they are not.
 */
ol_rc storage_check(domain *d, ol_err *err);

#endif
