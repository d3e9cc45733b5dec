/* Printing a document again: compact, last duplicate wins, non-ASCII unescaped, numbers normalised
 * (Coordinator 2.1 and 19). The hashes that are attested depend on these exact bytes.
 *
 * A repeated key keeps the place of its first and gets the value of its last appearance. Numbers:
 * integers that fit 64 bits stay, all others become the shortest text that reads back as the same
 * double: `1.0`, `1e+16`, `1e-6`, `-0.0`. */
#ifndef OL_CODEC_JSON_PRINT_H
#define OL_CODEC_JSON_PRINT_H

#include "lib/base/buf.h"
#include "lib/codec/json_read.h"

typedef enum ol_json_order {
    OL_JSON_KEYS_AS_GIVEN,
    OL_JSON_KEYS_SORTED, /* by bytes of the UTF-8 text */
} ol_json_order;

/* Appends the value to `into`. OL_ERR_LIMIT when the buffer's maximum is reached,
 * OL_ERR_NO_MEMORY; `into` is then in pieces. Uses heap memory of about five times the value. */
ol_rc ol_json_print(const ol_json *value, ol_json_order order, ol_buf *into, ol_err *err);

/* OL_ERR_SHAPE when any object within holds a key twice. */
ol_rc ol_json_check_unique(const ol_json *value, ol_err *err);

#endif
