/* A payment key as the contract holds it (Contract 9). */
#ifndef WORKER_PAYMENT_KEY_VIEW_H
#define WORKER_PAYMENT_KEY_VIEW_H

#include "lib/near/rpc.h"

/* Its ciphertext, in the arena. OL_ERR_NOT_FOUND: there is no such key. */
ol_rc payment_key_view(const ol_rpc *rpc, ol_str contract_id, ol_str owner, uint32_t nonce,
                       ol_arena *arena, ol_bytes *ret, ol_err *err);

#endif
