/* Access conditions (Contract 3): who may use a secret. Stored and printed here, judged off-chain.
 *
 * The canonical form enters storage prices and signed messages, so it is exact to the byte: no
 * space, members in the order of Contract 3, absent `token_id` as null, amounts without leading
 * zeros, only the escapes that JSON demands. */
#ifndef OL_CONTRACTS_OUTLAYER_ACCESS_CONDITION_H
#define OL_CONTRACTS_OUTLAYER_ACCESS_CONDITION_H

#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"

/* What does not fit, where it does not. */
typedef struct access_fault {
    ol_json value;
    const char *words; /* a constant */
} access_fault;

/* Writes the canonical form of `value`, any JSON value of a checked document. false: it is no
 * access condition, *ret tells why, and what was written is in pieces. Nests as deep as the reader
 * allows; unknown members are ignored, repeated ones refused. */
bool access_condition_write(const ol_json *value, ol_json_writer *w, access_fault *ret);

#endif
