/* Decisions about access: logged without values, and counted. */
#ifndef KEYSTORE_ACCESS_LOG_H
#define KEYSTORE_ACCESS_LOG_H

#include "services/keystore/keystore.h"

typedef struct access_entry {
    const char *route; /* what was decided about */
    ol_str owner;      /* whose secret, key or account */
    ol_str profile;    /* which one; may be empty */
    ol_str caller;     /* who wanted it: an account or a public key; may be empty */
    ol_str task_id;    /* may be empty */
} access_entry;

/* `rc` of the decision: OL_OK is granted, OL_ERR_UNAUTHORIZED denied, OL_ERR_PENDING not made yet
 * and not recorded, all else failed. `err` where it is not OL_OK. */
void access_record(keystore *ks, const access_entry *entry, ol_rc rc, const ol_err *err);

#endif
