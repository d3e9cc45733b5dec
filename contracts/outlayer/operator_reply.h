/* What the operator answers to a yielded payment key (Contract 6), on its way from resume to
 * callback. A resume carries 1,024 bytes; a longer ciphertext waits in state (Contract 16, 22). */
#ifndef OL_CONTRACTS_OUTLAYER_OPERATOR_REPLY_H
#define OL_CONTRACTS_OUTLAYER_OPERATOR_REPLY_H

#include "contracts/outlayer/call.h"

/* In the callback: true when the operator reported success; *ret is the text that came along.
 * `data_id` (NULL: replies of this kind are short) tells where a long one waits. */
bool operator_reply_take(const uint8_t *data_id, ol_str *ret);

#endif
