/* A project and its versions in state (Contract 7). A project is found by its id, its versions by
 * the project's number, so that handing a project over touches none of them.
 *
 *   'p' id                      the project
 *   'v' number, version key     a version
 *   'V' number, place           its version key, for paging
 *   'l' "P" owner               names of an owner's projects */
#ifndef OL_CONTRACTS_OUTLAYER_PROJECT_RECORD_H
#define OL_CONTRACTS_OUTLAYER_PROJECT_RECORD_H

#include "contracts/outlayer/types.h"

enum {
    PROJECT_NAME_BYTES_MAX = 64,
    PROJECT_ID_BYTES_MAX = NEAR_ACCOUNT_BYTES_MAX + 1 + PROJECT_NAME_BYTES_MAX,
    VERSION_KEY_BYTES_MAX = 1024, /* ours: it is part of a storage key (NEAR 1.5) */
};

typedef struct project {
    uint64_t number;   /* from 1; the uuid in digits */
    uint32_t place;    /* in the owner's list */
    uint32_t versions; /* how many, in places 0 … versions - 1 */
    bool priced;       /* has a record of prices (Contract 11) */
    uint64_t created_at;
    ol_u128 deposit;      /* the project's part, without its versions */
    ol_str active;        /* version key */
    ol_str active_source; /* of that version, so that a request reads one record */
    ol_str offered_to;    /* account that may accept it; data NULL: nobody */
} project;

typedef struct version {
    uint32_t place;
    uint64_t added_at;
    ol_u128 deposit;
    ol_str source_json; /* CodeSource as the views write it */
} version;

/* `owner/name`, checked for neither. */
ol_str project_id_of(ol_str owner, ol_str name);
ol_str project_uuid(uint64_t number);

bool project_load(ol_str id, project *ret);
/* The same; ends the call with `Project not found`. */
project project_of(ol_str id);
bool project_save(ol_str id, const project *it); /* true when there was one */
void project_forget(ol_str id);
bool project_exists(ol_str id);

bool version_load(uint64_t number, ol_str key, version *ret);
bool version_save(uint64_t number, ol_str key, const version *it); /* true when there was one */
/* The key at a place; false when there is none. */
bool version_at(uint64_t number, uint32_t place, ol_str *ret_key);

/* Adds at the next place and counts it in `it`, which the caller saves. Ends the call when the
 * project has that version. */
void version_add(project *it, ol_str key, ol_u128 deposit, ol_str source_json);
/* Takes it out, moves the last one into its place, counts. Returns the deposit recorded. */
ol_u128 version_remove(project *it, ol_str key);

#endif
