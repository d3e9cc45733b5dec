/* What the handlers share. */
#ifndef KEYSTORE_KEYSTORE_H
#define KEYSTORE_KEYSTORE_H

#include <stdatomic.h>

#include "lib/secrets/blob.h"
#include "services/keystore/chain.h"
#include "services/keystore/keyring.h"
#include "services/keystore/sessions.h"
#include "services/keystore/settings.h"
#include "services/keystore/tokens.h"
#include "services/keystore/update_nonces.h"
#include "services/keystore/work.h"

typedef struct keystore {
    const keystore_settings *set;
    keyring *ring;
    tokens tokens;
    sessions *sessions;
    update_nonces *nonces;
    chain *chain;
    work *work;
    const ol_clock *clock;
    const ol_random *random;
    ol_web_server *server;
    atomic_bool ready;
    atomic_ulong granted; /* decisions about access */
    atomic_ulong denied;
    atomic_ulong failed;  /* could not be decided */
    atomic_ulong refused; /* requests without the right token or session, or too early */
} keystore;

/* Are blobs of the form before ECIES opened here? */
static inline ol_blob_legacy keystore_legacy(const keystore *ks)
{
    return ks->set->legacy_secrets ? OL_BLOB_LEGACY_OPENED : OL_BLOB_LEGACY_REFUSED;
}

#endif
