/* X7: the bytes that run are those a secret was written for, and the caller is the chain's own
 * (Keystore 15). */
#ifndef KEYSTORE_CODE_BINDING_H
#define KEYSTORE_CODE_BINDING_H

#include "services/keystore/release.h"

/* OL_ERR_UNAUTHORIZED where the code is another; failures of the chain. Code that nothing on the
 * chain says anything about (built from a repository) passes unless STRICT_CODE is set. */
ol_rc code_check(const keystore *ks, const release *ask, chain_read *read, ol_arena *arena,
                 ol_err *err);

#endif
