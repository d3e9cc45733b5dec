#include "emulator/external_store.h"

#include <string.h>

static uint64_t hash_of(ol_bytes key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 32);
}

static external_write *write_at(external *x, size_t index)
{
    return (external_write *)x->writes.items + index;
}

/* The slot that names the key's write, or a free one where it belongs. */
static uint32_t *slot_of(external *x, ol_bytes key)
{
    size_t mask = x->slot_count - 1;

    for (size_t i = (size_t)hash_of(key) & mask;; i = (i + 1) & mask) {
        if (x->slots[i] == 0 || ol_bytes_eq(write_at(x, x->slots[i] - 1)->change.key, key))
            return &x->slots[i];
    }
}

/* Keeps a quarter of the slots free. */
static bool slots_grow(external *x)
{
    enum { SLOTS_MIN = 64 };
    size_t count = x->slot_count ? 2 * x->slot_count : SLOTS_MIN;

    if (4 * (x->writes.count + 1) <= 3 * x->slot_count)
        return true;
    x->slots = ol_arena_array(x->arena, count, sizeof *x->slots);
    if (!x->slots) {
        x->no_memory = true;
        return false;
    }
    x->slot_count = count;
    for (size_t i = 0; i < x->writes.count; i++)
        *slot_of(x, write_at(x, i)->change.key) = (uint32_t)i + 1;
    return true;
}

static external_write *write_find(external *x, ol_bytes key)
{
    uint32_t *slot = x->slot_count ? slot_of(x, key) : NULL;

    return slot && *slot ? write_at(x, *slot - 1) : NULL;
}

static bool before_call(const external *x, ol_bytes key, ol_bytes *ret)
{
    return x->call->find && x->call->find(x->call->at, key, ret);
}

/* The write of this key, made when there is none yet; NULL when memory is short. */
static external_write *write_of(external *x, ol_bytes key, bool was_there)
{
    external_write *write = write_find(x, key);
    ol_bytes kept;

    if (write)
        return write;
    if (!slots_grow(x) || !ol_arena_copy_bytes(x->arena, key, &kept)) {
        x->no_memory = true;
        return NULL;
    }
    uint32_t *slot = slot_of(x, key);
    write = external_list_add(x, &x->writes, sizeof *write);
    if (!write)
        return NULL;
    *slot = (uint32_t)x->writes.count;
    *write = (external_write){.change = {.key = kept}, .was_there = was_there};
    return write;
}

/* What the contract finds under the key. */
static bool value_of(external *x, ol_bytes key, ol_bytes *ret)
{
    const external_write *write = write_find(x, key);

    if (!write)
        return before_call(x, key, ret);
    if (write->change.removed)
        return false;
    *ret = write->change.value;
    return true;
}

int external_storage_read(void *at, ol_bytes key, ol_bytes *ret_value, nearvm_touch *ret_touch)
{
    *ret_touch = (nearvm_touch){0};
    return value_of(at, key, ret_value) ? NEARVM_YES : NEARVM_NO;
}

int external_storage_write(void *at, ol_bytes key, ol_bytes value, ol_bytes *ret_old,
                           nearvm_touch *ret_touch)
{
    external *x = at;
    ol_bytes kept;
    bool replaced = value_of(x, key, ret_old);
    external_write *write = write_of(x, key, replaced);

    *ret_touch = (nearvm_touch){.evicted_bytes = replaced ? ret_old->len : 0};
    if (!write || !ol_arena_copy_bytes(x->arena, value, &kept)) {
        x->no_memory = true;
        return NEARVM_BROKEN;
    }
    write->change.removed = false;
    write->change.value = kept;
    return replaced ? NEARVM_YES : NEARVM_NO;
}

int external_storage_remove(void *at, ol_bytes key, ol_bytes *ret_old, nearvm_touch *ret_touch)
{
    external *x = at;
    external_write *write;

    *ret_touch = (nearvm_touch){0};
    if (!value_of(x, key, ret_old))
        return NEARVM_NO;
    ret_touch->evicted_bytes = ret_old->len;
    write = write_of(x, key, true);
    if (!write)
        return NEARVM_BROKEN;
    write->change.removed = true;
    write->change.value = (ol_bytes){0};
    return NEARVM_YES;
}
