/* Names that callers may not set among a secret's values, with the texts of Keystore 4. */
#ifndef KEYSTORE_NAME_RULES_H
#define KEYSTORE_NAME_RULES_H

#include "lib/base/err.h"
#include "services/keystore/secret_json.h"

/* Gathers reserved names, so that the refusal tells all of them; zero at first. */
typedef struct reserved_names {
    char text[OL_ERR_TEXT_BYTES];
    size_t len;
} reserved_names;

void reserved_names_note(reserved_names *all, ol_str name); /* does nothing with another name */
ol_rc reserved_names_refuse(const reserved_names *all, ol_err *err); /* OL_OK when there are none */
ol_rc reserved_names_check(const secret_values *values, ol_err *err);

/* OL_ERR_INVALID for a name of what the keystore generates, or of its code. */
ol_rc protected_name_refuse(ol_str name, ol_err *err);

#endif
