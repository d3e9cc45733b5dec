/* UUIDs as clients may write them: hyphenated, 32 digits in a row, in braces, or as a URN; either
 * case (Coordinator 19). What we write is always lower case with hyphens. */
#ifndef OL_NET_UUID_READ_H
#define OL_NET_UUID_READ_H

#include "lib/base/err.h"

enum { OL_UUID_CANONICAL_LEN = 36 };

/* Writes the canonical text and a NUL. OL_ERR_INVALID with `UUID parsing failed: …`. */
ol_rc ol_uuid_read(ol_str text, char ret[OL_UUID_CANONICAL_LEN + 1], ol_err *err);

#endif
