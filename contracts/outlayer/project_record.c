#include "contracts/outlayer/project_record.h"

#include "lib/codec/hex.h"

enum {
    LAYOUT = 1,
    NUMBERS_BYTES_MAX = 64, /* of a record, without its texts */
    TEXT_OVERHEAD = 5,      /* of one text */
};

ol_str project_id_of(ol_str owner, ol_str name)
{
    ol_buf id = ol_buf_over(near_alloc(owner.len + 1 + name.len), owner.len + 1 + name.len);
    ol_buf_add_str(&id, owner);
    ol_buf_add_char(&id, '/');
    ol_buf_add_str(&id, name);
    return ol_buf_str(&id);
}

ol_str project_uuid(uint64_t number)
{
    enum { DIGITS = 2 * sizeof number };
    uint64_t big_endian = __builtin_bswap64(number);
    char *text = near_alloc(1 + DIGITS);
    text[0] = 'p';
    ol_hex_encode((ol_bytes){(const uint8_t *)&big_endian, sizeof big_endian}, text + 1);
    return (ol_str){text, 1 + DIGITS};
}

/* --- Projects ------------------------------------------------------------------------------------
 */

bool project_load(ol_str id, project *ret)
{
    ol_bytes stored;
    if (id.len > PROJECT_ID_BYTES_MAX ||
        !near_storage_read(state_key_text(RECORD_PROJECT, id), &stored))
        return false;
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    ret->number = (uint64_t)state_number(from);
    ret->place = (uint32_t)state_number(from);
    ret->versions = (uint32_t)state_number(from);
    ret->priced = ol_borsh_bool(from);
    ret->created_at = ol_borsh_u64(from);
    ret->deposit = state_number(from);
    ret->active = state_text(from);
    ret->active_source = state_text(from);
    ret->offered_to = state_text_or_null(from);
    state_close(from);
    return true;
}

project project_of(ol_str id)
{
    project it;
    REQUIRE(project_load(id, &it), "Project not found");
    return it;
}

bool project_save(ol_str id, const project *it)
{
    size_t texts = it->active.len + it->active_source.len + it->offered_to.len;
    ol_buf *into = state_begin(LAYOUT, NUMBERS_BYTES_MAX + texts + 3 * TEXT_OVERHEAD);
    state_add_number(into, it->number);
    state_add_number(into, it->place);
    state_add_number(into, it->versions);
    ol_borsh_add_bool(into, it->priced);
    ol_borsh_add_u64(into, it->created_at);
    state_add_number(into, it->deposit);
    state_add_text(into, it->active);
    state_add_text(into, it->active_source);
    state_add_text_or_null(into, it->offered_to);
    return near_storage_write(state_key_text(RECORD_PROJECT, id), state_end(into));
}

void project_forget(ol_str id)
{
    (void)near_storage_remove(state_key_text(RECORD_PROJECT, id));
}

bool project_exists(ol_str id)
{
    return id.len <= PROJECT_ID_BYTES_MAX && near_storage_has(state_key_text(RECORD_PROJECT, id));
}

/* --- Versions ------------------------------------------------------------------------------------
 */

static ol_bytes version_key(uint64_t number, ol_str key)
{
    ol_buf *into = state_begin(RECORD_VERSION, sizeof number + key.len);
    ol_borsh_add_u64(into, number);
    ol_buf_add_str(into, key);
    return state_end(into);
}

static ol_bytes slot_key(uint64_t number, uint32_t place)
{
    ol_buf *into = state_begin(RECORD_VERSION_PLACE, sizeof number + sizeof place);
    ol_borsh_add_u64(into, number);
    ol_borsh_add_u32(into, place);
    return state_end(into);
}

static void version_read(ol_bytes stored, version *ret)
{
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    ret->place = (uint32_t)state_number(from);
    ret->added_at = ol_borsh_u64(from);
    ret->deposit = state_number(from);
    ret->source_json = state_text(from);
    state_close(from);
}

bool version_load(uint64_t number, ol_str key, version *ret)
{
    ol_bytes stored;
    if (key.len > VERSION_KEY_BYTES_MAX || !near_storage_read(version_key(number, key), &stored))
        return false;
    version_read(stored, ret);
    return true;
}

bool version_save(uint64_t number, ol_str key, const version *it)
{
    ol_buf *into = state_begin(LAYOUT, NUMBERS_BYTES_MAX + it->source_json.len + TEXT_OVERHEAD);
    state_add_number(into, it->place);
    ol_borsh_add_u64(into, it->added_at);
    state_add_number(into, it->deposit);
    state_add_text(into, it->source_json);
    return near_storage_write(version_key(number, key), state_end(into));
}

bool version_at(uint64_t number, uint32_t place, ol_str *ret_key)
{
    ol_bytes key;
    if (!near_storage_read(slot_key(number, place), &key))
        return false;
    *ret_key = ol_bytes_str(key);
    return true;
}

void version_add(project *it, ol_str key, ol_u128 deposit, ol_str source_json)
{
    version added = {it->versions, near_block_timestamp(), deposit, source_json};
    REQUIRE(!version_save(it->number, key, &added), "Version '%.*s' already exists in project",
            OL_FMT(key));
    (void)near_storage_write(slot_key(it->number, it->versions), ol_str_bytes(key));
    it->versions++;
}

ol_u128 version_remove(project *it, ol_str key)
{
    ol_bytes stored;
    version removed;
    REQUIRE(near_storage_take(version_key(it->number, key), &stored), "Version not found");
    version_read(stored, &removed);

    uint32_t last = it->versions - 1;
    ol_bytes moved_key;
    bool there = near_storage_take(slot_key(it->number, last), &moved_key);
    OL_ASSERT(there);
    if (removed.place != last) {
        version moved;
        there = version_load(it->number, ol_bytes_str(moved_key), &moved);
        OL_ASSERT(there);
        moved.place = removed.place;
        (void)version_save(it->number, ol_bytes_str(moved_key), &moved);
        (void)near_storage_write(slot_key(it->number, removed.place), moved_key);
    }
    it->versions = last;
    return removed.deposit;
}
