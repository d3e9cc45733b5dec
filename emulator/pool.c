#include "emulator/pool.h"

#include <stdlib.h>
#include <string.h>

/* Room for the lists of one transaction. */
enum { LIST_BYTES_MAX = 4 << 20 };

ol_rc ol_pooled_new(ol_bytes bytes, ol_pooled **ret, ol_err *err)
{
    ol_pooled *pooled = calloc(1, sizeof *pooled);
    OL_ASSERT(pooled != NULL);
    pooled->arena = ol_arena_new(LIST_BYTES_MAX);
    pooled->bytes = malloc(bytes.len + 1);
    OL_ASSERT(pooled->bytes != NULL);
    if (bytes.len > 0)
        memcpy(pooled->bytes, bytes.data, bytes.len);
    ol_rc rc = ol_signed_transaction_decode((ol_bytes){pooled->bytes, bytes.len}, &pooled->arena,
                                            &pooled->it, err);
    if (rc == OL_OK)
        *ret = pooled;
    else
        ol_pooled_free(pooled);
    return rc;
}

void ol_pooled_free(ol_pooled *pooled)
{
    if (pooled == NULL)
        return;
    ol_arena_deinit(&pooled->arena);
    free(pooled->bytes);
    free(pooled);
}

void ol_pool_clear(ol_pool *pool)
{
    ol_pool_drop(pool, pool->count);
}

void ol_pool_deinit(ol_pool *pool)
{
    ol_pool_clear(pool);
    free(pool->items);
    *pool = (ol_pool){0};
}

static bool goes_before(const ol_transaction *a, const ol_transaction *b)
{
    return a->nonce < b->nonce && ol_public_key_eq(&a->key, &b->key) &&
           ol_str_eq(a->signer_id, b->signer_id);
}

void ol_pool_add(ol_pool *pool, ol_pooled *pooled)
{
    if (pool->count == pool->size) {
        size_t size = pool->size == 0 ? 64 : pool->size * 2;
        ol_pooled **items = realloc(pool->items, size * sizeof(ol_pooled *));
        OL_ASSERT(items != NULL);
        pool->items = items;
        pool->size = size;
    }
    size_t at = 0;
    while (at < pool->count &&
           !goes_before(&pooled->it.transaction, &pool->items[at]->it.transaction))
        at++;
    memmove(pool->items + at + 1, pool->items + at, (pool->count - at) * sizeof(ol_pooled *));
    pool->items[at] = pooled;
    pool->count++;
}

const ol_pooled *ol_pool_find(const ol_pool *pool, const ol_sha256 *hash)
{
    for (size_t i = 0; i < pool->count; i++) {
        if (memcmp(pool->items[i]->it.hash.bytes, hash->bytes, sizeof hash->bytes) == 0)
            return pool->items[i];
    }
    return NULL;
}

void ol_pool_drop(ol_pool *pool, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ol_pooled_free(pool->items[i]);
    pool->count -= count;
    if (pool->count > 0)
        memmove(pool->items, pool->items + count, pool->count * sizeof(ol_pooled *));
}
