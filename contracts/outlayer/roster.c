#include "contracts/outlayer/roster.h"

#include "contracts/outlayer/call.h"

ol_bytes list_named(char letter, ol_str whose)
{
    return state_key_text((record)letter, whose);
}

static ol_bytes place_key(ol_bytes list, ol_bytes item)
{
    ol_buf *key = state_begin(RECORD_PLACE, 1 + item.len);
    ol_buf_add_char(key, (char)list.data[0]);
    ol_buf_add(key, item);
    return state_end(key);
}

static void set_place(ol_bytes list, ol_bytes item, uint32_t place)
{
    ol_buf value = ol_buf_over(near_alloc(sizeof place + 1), sizeof place + 1);
    state_add_number(&value, place);
    (void)near_storage_write(place_key(list, item), state_end(&value));
}

void roster_add(ol_bytes list, ol_bytes item)
{
    set_place(list, item, list_add(list, item));
}

void roster_remove(ol_bytes list, ol_bytes item)
{
    ol_bytes stored;
    ol_bytes moved;
    bool there = near_storage_take(place_key(list, item), &stored);
    OL_ASSERT(there);
    ol_borsh from = ol_borsh_over(stored);
    uint32_t place = (uint32_t)state_number(&from);
    if (list_remove(list, place, &moved))
        set_place(list, moved, place);
}
