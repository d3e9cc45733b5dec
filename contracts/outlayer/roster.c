#include "contracts/outlayer/roster.h"

#include "contracts/outlayer/call.h"

static ol_bytes list_name(roster r)
{
    ol_buf *name = state_begin((uint8_t)r.kind, r.whose.len);
    ol_buf_add_str(name, r.whose);
    return state_end(name);
}

static ol_bytes place_key(roster r, ol_bytes item)
{
    ol_buf *key = state_begin(RECORD_PLACE, 1 + item.len);
    ol_buf_add_char(key, r.kind);
    ol_buf_add(key, item);
    return state_end(key);
}

static void set_place(roster r, ol_bytes item, uint32_t place)
{
    ol_buf value = ol_buf_over(near_alloc(sizeof place + 1), sizeof place + 1);
    state_add_number(&value, place);
    (void)near_storage_write(place_key(r, item), state_end(&value));
}

void roster_add(roster r, ol_bytes item)
{
    set_place(r, item, list_add(list_name(r), item));
}

void roster_remove(roster r, ol_bytes item)
{
    ol_bytes stored;
    ol_bytes moved;
    bool there = near_storage_take(place_key(r, item), &stored);
    OL_ASSERT(there);
    ol_borsh from = ol_borsh_over(stored);
    uint32_t place = (uint32_t)state_number(&from);
    if (list_remove(list_name(r), place, &moved))
        set_place(r, moved, place);
}

uint32_t roster_count(roster r)
{
    return list_count(list_name(r));
}

bool roster_item(roster r, uint32_t place, ol_bytes *ret)
{
    return list_item(list_name(r), place, ret);
}
