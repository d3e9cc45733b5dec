#include "emulator/index.h"

#include <stdlib.h>
#include <string.h>

struct ol_index_slot {
    ol_sha256 key;
    bool used; /* even when its value is gone, so that searches go on behind it */
    ol_index_value value;
};

enum { SIZE_FIRST = 64 };

void ol_index_deinit(ol_index *index)
{
    free(index->slots);
    *index = (ol_index){0};
}

/* The key's slot, or the empty one where it would be. */
static struct ol_index_slot *slot_of(const ol_index *index, const ol_sha256 *key)
{
    uint64_t at;
    memcpy(&at, key->bytes, sizeof at);
    for (;; at++) {
        struct ol_index_slot *slot = &index->slots[at & (index->size - 1)];
        if (!slot->used || memcmp(slot->key.bytes, key->bytes, sizeof key->bytes) == 0)
            return slot;
    }
}

static void grow(ol_index *index)
{
    ol_index wider = {.size = index->size == 0 ? SIZE_FIRST : index->size * 2};
    wider.slots = calloc(wider.size, sizeof *wider.slots);
    OL_ASSERT(wider.slots != NULL);
    for (size_t i = 0; i < index->size; i++) {
        const struct ol_index_slot *slot = &index->slots[i];
        if (slot->used && slot->value.block != NULL)
            ol_index_put(&wider, &slot->key, slot->value);
    }
    ol_index_deinit(index);
    *index = wider;
}

void ol_index_put(ol_index *index, const ol_sha256 *key, ol_index_value value)
{
    if (index->count * 2 >= index->size)
        grow(index);
    struct ol_index_slot *slot = slot_of(index, key);
    if (!slot->used)
        index->count++;
    *slot = (struct ol_index_slot){.key = *key, .used = true, .value = value};
}

bool ol_index_find(const ol_index *index, const ol_sha256 *key, ol_index_value *ret)
{
    if (index->size == 0)
        return false;
    const struct ol_index_slot *slot = slot_of(index, key);
    if (!slot->used || slot->value.block == NULL)
        return false;
    *ret = slot->value;
    return true;
}

void ol_index_remove(ol_index *index, const ol_sha256 *key, const ol_block *block)
{
    if (index->size == 0)
        return;
    struct ol_index_slot *slot = slot_of(index, key);
    if (slot->used && slot->value.block == block)
        slot->value = (ol_index_value){0};
}
