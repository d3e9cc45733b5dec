/* Transactions that wait for a block. Private to this library. */
#ifndef OL_EMULATOR_POOL_H
#define OL_EMULATOR_POOL_H

#include "lib/near/transaction.h"

typedef struct ol_pooled {
    uint8_t *bytes; /* Borsh, owned */
    ol_arena arena; /* of `it`, which borrows from `bytes` */
    ol_signed_transaction it;
} ol_pooled;

typedef struct ol_pool {
    ol_pooled **items; /* in the order in which blocks take them */
    size_t count;
    size_t size;
} ol_pool;

void ol_pool_deinit(ol_pool *pool);
void ol_pool_clear(ol_pool *pool);

/* Decodes a copy. OL_ERR_INVALID. */
ol_rc ol_pooled_new(ol_bytes bytes, ol_pooled **ret, ol_err *err);
void ol_pooled_free(ol_pooled *pooled); /* NULL is fine */

/* Takes it. Transactions come in the order of their arrival, those of one key in the order of their
 * nonces. */
void ol_pool_add(ol_pool *pool, ol_pooled *pooled);
const ol_pooled *ol_pool_find(const ol_pool *pool, const ol_sha256 *hash); /* NULL: not there */
void ol_pool_drop(ol_pool *pool, size_t count);                            /* the first ones */

#endif
