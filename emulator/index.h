/* Finding things by their hash. Keys are hashes of our own making, so that eight bytes of them are
 * as good as any hash of the key. */
#ifndef OL_EMULATOR_INDEX_H
#define OL_EMULATOR_INDEX_H

#include "emulator/block.h"

typedef struct ol_index_value {
    const ol_block *block; /* NULL: nothing here */
    const void *item;
} ol_index_value;

typedef struct ol_index {
    struct ol_index_slot *slots;
    size_t size;  /* a power of two, or 0 */
    size_t count; /* of used slots, those of removed keys included */
} ol_index;

void ol_index_deinit(ol_index *index);
/* Replaces what was there. */
void ol_index_put(ol_index *index, const ol_sha256 *key, ol_index_value value);
bool ol_index_find(const ol_index *index, const ol_sha256 *key, ol_index_value *ret);
/* Removes the key if it leads to that block. */
void ol_index_remove(ol_index *index, const ol_sha256 *key, const ol_block *block);

#endif
