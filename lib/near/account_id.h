/* NEAR account ids. */
#ifndef OL_NEAR_ACCOUNT_ID_H
#define OL_NEAR_ACCOUNT_ID_H

#include "lib/base/str.h"

/* 2–64 bytes of a-z 0-9 in parts, joined by single - _ or . (the protocol's rule). */
bool ol_account_id_valid(ol_str text);

/* 64 hex digits in lower case: the account of a key. */
bool ol_account_id_is_implicit(ol_str text);

/* `owner/name`: a valid account, one slash, a name of 1–64 bytes of a-z A-Z 0-9 - _ and . */
bool ol_project_id_valid(ol_str text);
bool ol_project_name_valid(ol_str name);

#endif
