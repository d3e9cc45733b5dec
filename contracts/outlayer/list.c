#include "contracts/outlayer/list.h"

#include "contracts/outlayer/call.h"

/* The length under 'l', length of name, name; an item with its place behind. */
static ol_buf *key_begin(ol_bytes name)
{
    REQUIRE(name.len <= LIST_NAME_BYTES_MAX, "The name of a list is too long");
    ol_buf *key = state_begin(RECORD_LIST, 2 + name.len + sizeof(uint32_t));
    ol_borsh_add_u16(key, (uint16_t)name.len);
    ol_buf_add(key, name);
    return key;
}

static ol_bytes count_key(ol_bytes name)
{
    ol_buf *key = key_begin(name);
    return state_end(key);
}

static ol_bytes item_key(ol_bytes name, uint32_t place)
{
    ol_buf *key = key_begin(name);
    ol_borsh_add_u32(key, place);
    return state_end(key);
}

uint32_t list_count(ol_bytes name)
{
    ol_bytes stored;
    if (!near_storage_read(count_key(name), &stored))
        return 0;
    ol_borsh from = ol_borsh_over(stored);
    uint32_t count = ol_borsh_u32(&from);
    state_close(&from);
    return count;
}

static void set_count(ol_bytes name, uint32_t count)
{
    if (count == 0) {
        near_storage_remove(count_key(name));
        return;
    }
    ol_buf value = ol_buf_over(near_alloc(sizeof count), sizeof count);
    ol_borsh_add_u32(&value, count);
    near_storage_write(count_key(name), state_end(&value));
}

uint32_t list_add(ol_bytes name, ol_bytes item)
{
    uint32_t place = list_count(name);
    REQUIRE(item.len <= LIST_ITEM_BYTES_MAX && place < UINT32_MAX, "A list is full");
    near_storage_write(item_key(name, place), item);
    set_count(name, place + 1);
    return place;
}

bool list_remove(ol_bytes name, uint32_t place, ol_bytes *ret_moved)
{
    uint32_t count = list_count(name);
    OL_ASSERT(place < count);
    uint32_t last = count - 1;
    set_count(name, last);
    ol_bytes moved;
    bool there = near_storage_take(item_key(name, last), &moved);
    OL_ASSERT(there);
    if (place == last)
        return false;
    near_storage_write(item_key(name, place), moved);
    *ret_moved = moved;
    return true;
}

bool list_item(ol_bytes name, uint32_t place, ol_bytes *ret)
{
    return near_storage_read(item_key(name, place), ret);
}
