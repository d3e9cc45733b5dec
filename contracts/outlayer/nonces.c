#include "contracts/outlayer/nonces.h"

#include "contracts/outlayer/call.h"
#include "contracts/outlayer/state.h"

enum { LEVELS = 4, BITS = 8, NODE_BYTES = 32 }; /* 4 levels of 8 bits are a nonce */

typedef struct node {
    uint8_t bits[NODE_BYTES];
} node;

/* Nonces (or nodes) a node of this level stands above: everything with the same digits in front. */
static uint32_t prefix(uint32_t nonce, unsigned level)
{
    unsigned shift = BITS * (level + 1);
    return shift >= 32 ? 0 : nonce >> shift;
}

static uint8_t digit(uint32_t nonce, unsigned level)
{
    return (uint8_t)(nonce >> (BITS * level));
}

/* --- Nodes in state ------------------------------------------------------------------------------
 */

static ol_bytes node_key(ol_str owner, unsigned level, uint32_t at)
{
    ol_buf *key = state_begin(RECORD_NONCES, owner.len + 1 + 1 + sizeof at);
    ol_buf_add_str(key, owner);
    ol_borsh_add_u8(key, 0); /* no account ends with it */
    ol_borsh_add_u8(key, (uint8_t)level);
    ol_borsh_add_u32(key, at);
    return state_end(key);
}

/* The root's record is its level, then its node. */
static bool root_load(ol_str owner, unsigned *ret_level, node *ret)
{
    ol_bytes stored;
    if (!near_storage_read(state_key_text(RECORD_NONCES, owner), &stored))
        return false;
    ol_borsh from = ol_borsh_over(stored);
    *ret_level = ol_borsh_u8(&from);
    ol_borsh_fixed(&from, ret->bits, NODE_BYTES);
    state_close(&from);
    return true;
}

static void root_save(ol_str owner, unsigned level, const node *it)
{
    ol_buf *value = state_begin((uint8_t)level, NODE_BYTES);
    ol_buf_add(value, (ol_bytes){it->bits, NODE_BYTES});
    (void)near_storage_write(state_key_text(RECORD_NONCES, owner), state_end(value));
}

static node node_load(ol_str owner, unsigned level, uint32_t at)
{
    ol_bytes stored;
    node it = {{0}};
    if (near_storage_read(node_key(owner, level, at), &stored)) {
        ol_borsh from = ol_borsh_over(stored);
        ol_borsh_fixed(&from, it.bits, NODE_BYTES);
    }
    return it;
}

static bool node_empty(const node *it)
{
    uint8_t any = 0;
    for (size_t i = 0; i < NODE_BYTES; i++)
        any |= it->bits[i];
    return any == 0;
}

static void node_save(ol_str owner, unsigned level, uint32_t at, const node *it)
{
    if (node_empty(it))
        (void)near_storage_remove(node_key(owner, level, at));
    else
        (void)near_storage_write(node_key(owner, level, at), (ol_bytes){it->bits, NODE_BYTES});
}

static void set(node *it, uint8_t bit)
{
    it->bits[bit / 8] |= (uint8_t)(1u << bit % 8);
}

static void clear(node *it, uint8_t bit)
{
    it->bits[bit / 8] &= (uint8_t)~(1u << bit % 8);
}

static uint8_t highest(const node *it)
{
    size_t at = NODE_BYTES - 1;
    while (at > 0 && it->bits[at] == 0)
        at--;
    unsigned bit = 7;
    while (bit > 0 && (it->bits[at] >> bit & 1) == 0)
        bit--;
    return (uint8_t)(at * 8 + bit);
}

/* --- The tree ------------------------------------------------------------------------------------
 */

/* Puts levels on top until the root stands above `nonce`. */
static void grow(ol_str owner, unsigned *level, node *root, uint32_t nonce)
{
    while (*level < LEVELS - 1 && prefix(nonce, *level) != 0) {
        bool empty = node_empty(root);
        node_save(owner, *level, 0, root);
        *root = (node){{0}};
        if (!empty)
            set(root, 0);
        (*level)++;
    }
}

void nonces_add(ol_str owner, uint32_t nonce)
{
    unsigned top = 0;
    node root = {{0}};
    (void)root_load(owner, &top, &root);
    grow(owner, &top, &root, nonce);
    for (unsigned level = 0; level < top; level++) {
        node it = node_load(owner, level, prefix(nonce, level));
        bool was_empty = node_empty(&it);
        set(&it, digit(nonce, level));
        node_save(owner, level, prefix(nonce, level), &it);
        if (!was_empty)
            return; /* those above know of this node */
    }
    set(&root, digit(nonce, top));
    root_save(owner, top, &root);
}

void nonces_remove(ol_str owner, uint32_t nonce)
{
    unsigned top = 0;
    node root = {{0}};
    if (!root_load(owner, &top, &root) || (top < LEVELS - 1 && prefix(nonce, top) != 0))
        return;
    for (unsigned level = 0; level < top; level++) {
        node it = node_load(owner, level, prefix(nonce, level));
        clear(&it, digit(nonce, level));
        node_save(owner, level, prefix(nonce, level), &it);
        if (!node_empty(&it))
            return;
    }
    clear(&root, digit(nonce, top));
    if (node_empty(&root))
        (void)near_storage_remove(state_key_text(RECORD_NONCES, owner));
    else
        root_save(owner, top, &root);
}

bool nonces_highest(ol_str owner, uint32_t *ret)
{
    unsigned level;
    node it;
    if (!root_load(owner, &level, &it))
        return false;
    uint32_t found = highest(&it);
    while (level > 0) {
        level--;
        it = node_load(owner, level, found);
        found = found << BITS | highest(&it);
    }
    *ret = found;
    return true;
}
