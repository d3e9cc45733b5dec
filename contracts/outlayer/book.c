#include "contracts/outlayer/book.h"

#include <string.h>

#include "contracts/outlayer/state.h"

enum { LAYOUT = 1, RECORD_BYTES_MAX = 64 };

static uint64_t chunk_of(uint64_t id)
{
    return id / BOOK_CHUNK_IDS;
}

/* Of the newest id; 0 before there is one. */
static uint64_t newest_chunk(const book *it)
{
    return it->next_id == 0 ? 0 : chunk_of(it->next_id - 1);
}

static bool chunk_empty(const book_chunk *chunk)
{
    for (size_t i = 0; i < sizeof chunk->pending; i++) {
        if (chunk->pending[i] != 0)
            return false;
    }
    return true;
}

static void chunk_set(book_chunk *chunk, uint64_t id, bool pending)
{
    uint8_t bit = (uint8_t)(1 << (id % 8));
    uint8_t *byte = &chunk->pending[id % BOOK_CHUNK_IDS / 8];
    *byte = (uint8_t)(pending ? *byte | bit : *byte & ~bit);
}

void book_add(ol_buf *into, const book *it)
{
    state_add_number(into, it->next_id);
    state_add_number(into, it->executions);
    state_add_number(into, it->fees);
    state_add_number(into, it->fees_withdrawn);
    state_add_number(into, it->oldest);
    state_add_number(into, it->latest);
    size_t used = sizeof it->newest.pending; /* bytes up to the last that is not zero: mostly few */
    while (used > 0 && it->newest.pending[used - 1] == 0)
        used--;
    state_add_text(into, (ol_str){(const char *)it->newest.pending, used});
}

book book_read(ol_borsh *from)
{
    book it = {0};
    it.next_id = (uint64_t)state_number(from);
    it.executions = (uint64_t)state_number(from);
    it.fees = state_number(from);
    it.fees_withdrawn = state_number(from);
    it.oldest = (uint64_t)state_number(from);
    it.latest = (uint64_t)state_number(from);
    ol_str used = state_text(from);
    OL_ASSERT(used.len <= sizeof it.newest.pending);
    memcpy(it.newest.pending, used.data, used.len);
    return it;
}

static book_chunk chunk_load(uint64_t number)
{
    book_chunk chunk = {0};
    ol_bytes stored;
    if (!near_storage_read(state_key_u64(RECORD_PENDING_CHUNK, number), &stored))
        return chunk;
    ol_borsh *from = state_open(stored, LAYOUT, NULL);
    ol_borsh_fixed(from, chunk.pending, sizeof chunk.pending);
    chunk.before = ol_borsh_u64(from);
    chunk.after = ol_borsh_u64(from);
    state_close(from);
    return chunk;
}

static void chunk_save(uint64_t number, const book_chunk *chunk)
{
    ol_buf *into = state_begin(LAYOUT, RECORD_BYTES_MAX);
    ol_borsh_add_fixed(into, (ol_bytes){chunk->pending, sizeof chunk->pending});
    ol_borsh_add_u64(into, chunk->before);
    ol_borsh_add_u64(into, chunk->after);
    near_storage_write(state_key_u64(RECORD_PENDING_CHUNK, number), state_end(into));
}

/* The newest chunk is full: what is pending in it moves to a record at the end of the chain. */
static void file_newest(book *it)
{
    uint64_t number = newest_chunk(it);
    if (!chunk_empty(&it->newest)) {
        it->newest.before = it->latest;
        it->newest.after = 0;
        chunk_save(number, &it->newest);
        if (it->latest != 0) {
            book_chunk neighbour = chunk_load(it->latest - 1);
            neighbour.after = number + 1;
            chunk_save(it->latest - 1, &neighbour);
        } else {
            it->oldest = number + 1;
        }
        it->latest = number + 1;
    }
    memset(&it->newest, 0, sizeof it->newest);
}

uint64_t book_take_id(book *it)
{
    uint64_t id = it->next_id;
    if (id % BOOK_CHUNK_IDS == 0 && id > 0)
        file_newest(it);
    it->next_id++;
    chunk_set(&it->newest, id, true);
    return id;
}

/* Takes an empty chunk out of the chain. */
static void unlink_chunk(book *it, uint64_t number, const book_chunk *chunk)
{
    near_storage_remove(state_key_u64(RECORD_PENDING_CHUNK, number));
    if (chunk->before != 0) {
        book_chunk before = chunk_load(chunk->before - 1);
        before.after = chunk->after;
        chunk_save(chunk->before - 1, &before);
    } else {
        it->oldest = chunk->after;
    }
    if (chunk->after != 0) {
        book_chunk after = chunk_load(chunk->after - 1);
        after.before = chunk->before;
        chunk_save(chunk->after - 1, &after);
    } else {
        it->latest = chunk->before;
    }
}

void book_settle(book *it, uint64_t id)
{
    uint64_t number = chunk_of(id);
    if (number == newest_chunk(it)) {
        chunk_set(&it->newest, id, false);
        return;
    }
    book_chunk chunk = chunk_load(number);
    chunk_set(&chunk, id, false);
    if (chunk_empty(&chunk))
        unlink_chunk(it, number, &chunk);
    else
        chunk_save(number, &chunk);
}

typedef struct collector {
    uint64_t skip;
    uint64_t *into;
    size_t max;
    size_t count;
} collector;

static void collect(collector *to, const book_chunk *chunk, uint64_t number)
{
    for (uint64_t i = 0; i < BOOK_CHUNK_IDS && to->count < to->max; i++) {
        if ((chunk->pending[i / 8] >> (i % 8) & 1) == 0)
            continue;
        if (to->skip > 0)
            to->skip--;
        else
            to->into[to->count++] = number * BOOK_CHUNK_IDS + i;
    }
}

size_t book_pending(const book *it, uint64_t skip, uint64_t *ret, size_t max)
{
    collector to = {skip, ret, max, 0};
    for (uint64_t at = it->oldest; at != 0 && to.count < max;) {
        book_chunk chunk = chunk_load(at - 1);
        collect(&to, &chunk, at - 1);
        at = chunk.after;
    }
    collect(&to, &it->newest, newest_chunk(it));
    return to.count;
}
