/* Secrets (Contract 8): storing, as the owner or on an agent's behalf (Contract 11). */
#ifndef OL_CONTRACTS_OUTLAYER_SECRET_H
#define OL_CONTRACTS_OUTLAYER_SECRET_H

#include "contracts/outlayer/secret_record.h"

/* Canonical JSON of an access condition; ends the call when the value is none. */
ol_str access_json(const ol_json *value);

/* Everything behind the accessor's rules: profile, deposit, record, lists, event. The caller of the
 * contract pays and gets back what is too much. `it` holds name, encrypted, access_json and vault;
 * a vault with NULL data leaves an existing binding alone. */
void secret_store(call *c, secret *it);

/* What the caller attached and what was paid before must cover `it` as it is by now; takes the new
 * deposit over and pays back the rest. */
void secret_reprice(call *c, secret *it);

#endif
