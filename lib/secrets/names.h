/* Names of environment variables that secrets may not have (Keystore 4, Host interfaces 3). */
#ifndef OL_SECRETS_NAMES_H
#define OL_SECRETS_NAMES_H

#include "lib/base/str.h"

enum { OL_SECRET_NAMES_RESERVED = 26 };

/* A name that the system sets in a run, whether or not it does in this one. */
bool ol_secret_name_reserved(ol_str name);
/* A name that a variable can have: not empty, without `=` and NUL. A guest finds a variable by what
 * stands before the first `=` of `NAME=value`, so `NEAR_SENDER_ID=x` would be one of the system. */
bool ol_secret_name_fits(ol_str name);

/* Values the keystore generated: callers may not write them, updates keep them. */
#define OL_SECRET_PROTECTED_PREFIX "PROTECTED_"
/* The code that proves one was generated (Keystore 15, X4): PROTECTED_MAC_X for PROTECTED_X. */
#define OL_SECRET_MAC_PREFIX "PROTECTED_MAC_"

static inline bool ol_secret_name_protected(ol_str name)
{
    return ol_str_starts(name, OL_STR(OL_SECRET_PROTECTED_PREFIX));
}

static inline bool ol_secret_name_mac(ol_str name)
{
    return ol_str_starts(name, OL_STR(OL_SECRET_MAC_PREFIX));
}

#endif
