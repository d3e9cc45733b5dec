/* A payment key as the contract holds it (Contract 9). */
#ifndef WORKER_PAYMENT_KEY_VIEW_H
#define WORKER_PAYMENT_KEY_VIEW_H

#include "lib/near/rpc.h"

/* Its ciphertext, in the arena. OL_ERR_NOT_FOUND: there is no such key. */
ol_rc payment_key_view(const ol_rpc *rpc, ol_str contract_id, ol_str owner, uint32_t nonce,
                       ol_arena *arena, ol_bytes *ret, ol_err *err);

/* What the contract did a moment ago final blocks show later: whoever waits for it looks again with
 * pauses from the first to the last, each twice the one before. Six seconds in all. */
enum { PAYMENT_KEY_LOOK_FIRST_MS = 25, PAYMENT_KEY_LOOK_LAST_MS = 3200 };

/* Is the key gone, or does it stay? `pause` returns true when the worker stops:
 * OL_ERR_UNAVAILABLE. */
ol_rc payment_key_await_gone(const ol_rpc *rpc, ol_str contract_id, ol_str owner, uint32_t nonce,
                             bool (*pause)(void *context, int ms), void *context, bool *ret_gone,
                             ol_err *err);

#endif
