/* What an account asks about stored rows with its own signature (Coordinator 6): to list and remove
 * its rows in a project, and what they take; the project's owner also those of all callers. */
#ifndef OL_PROTO_OWNER_STORAGE_H
#define OL_PROTO_OWNER_STORAGE_H

#include "lib/proto/signed_request.h"

enum {
    OL_OWNER_STORAGE_LIMIT = 100,
    OL_OWNER_STORAGE_LIMIT_MAX = 1000,
    OL_OWNER_STORAGE_KEY_BYTES_MAX = 1024, /* as public keys have it */
    OL_OWNER_STORAGE_PROJECT_BYTES_MAX = 256,
    OL_OWNER_STORAGE_CURSOR_BYTES_MAX = 64,
};

typedef enum ol_storage_ask {
    OL_STORAGE_ASK_LIST,
    OL_STORAGE_ASK_DELETE,
    OL_STORAGE_ASK_USAGE,
} ol_storage_ask;

/* A member that an ask does not have is left out of its body. */
typedef struct ol_owner_storage {
    ol_str account_id; /* who asks, and whose rows */
    ol_str project_id;
    bool worker;      /* list, delete: the rows of all callers instead; the project's owner alone */
    bool only_public; /* list, delete: among these, those that everybody may read */
    ol_str prefix;    /* list: of keys that are readable; empty: all */
    ol_str cursor;    /* list, usage: `next_cursor` of the page before; empty: the first */
    uint32_t limit;   /* list, usage: 1..OL_OWNER_STORAGE_LIMIT_MAX */
    ol_str key;       /* delete: one of these three; absent is NULL data */
    ol_str key_hash;  /* 64 hex digits, lower case */
    bool all;
    uint64_t expires; /* unix seconds */
    ol_signed_proof proof;
} ol_owner_storage;

const char *ol_owner_storage_path(ol_storage_ask ask);           /* of the route */
const ol_json_table *ol_owner_storage_table(ol_storage_ask ask); /* set `limit` before binding */

/* Is it a request that can be served? OL_ERR_INVALID. */
ol_rc ol_owner_storage_check(const ol_owner_storage *it, ol_storage_ask ask, ol_err *err);

/* Every member in one order: what is signed; and the same with the proof, as it travels. */
void ol_owner_storage_encode(const ol_owner_storage *it, ol_storage_ask ask, ol_json_writer *w);
void ol_owner_storage_encode_proved(const ol_owner_storage *it, ol_storage_ask ask,
                                    ol_json_writer *w);

/* What the signature is about. The canonical body is in the arena. */
ol_rc ol_owner_storage_signed(const ol_owner_storage *it, ol_storage_ask ask, ol_str contract,
                              ol_arena *arena, ol_signed_request *ret, ol_err *err);

#endif
