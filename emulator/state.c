/* A treap with shared nodes: ordered by key, and a heap by a number that follows from the key. So
 * its shape, and therefore its root hash, depends on the contents alone. A node that only one
 * version holds is changed in place; others are copied, and with them the path above. */
#include "emulator/state.h"

#include <stdlib.h>
#include <string.h>

struct ol_entry {
    size_t shares;
    size_t key_len;
    size_t value_len;
    bool digested;
    ol_sha256 digest; /* of key and value */
    uint8_t bytes[];  /* key, value */
};

typedef struct ol_state_node {
    size_t shares;
    uint64_t rank; /* a parent's is not below its children's */
    struct ol_state_node *left;
    struct ol_state_node *right;
    ol_entry *entry;
    size_t count; /* pairs in this subtree */
    bool hashed;
    ol_sha256 hash;
} node;

static void *allocate(size_t bytes)
{
    void *made = malloc(bytes);
    OL_ASSERT(made != NULL);
    return made;
}

/* ── Entries ── */

ol_bytes ol_entry_key(const ol_entry *entry)
{
    return (ol_bytes){entry->bytes, entry->key_len};
}

ol_bytes ol_entry_value(const ol_entry *entry)
{
    return (ol_bytes){entry->bytes + entry->key_len, entry->value_len};
}

/* Counting is not a change that anybody could see. */
static ol_entry *uncounted(const ol_entry *entry)
{
    union {
        const ol_entry *seen;
        ol_entry *counted;
    } either = {.seen = entry};
    return either.counted;
}

const ol_entry *ol_entry_share(const ol_entry *entry)
{
    uncounted(entry)->shares++;
    return entry;
}

void ol_entry_free(const ol_entry *entry)
{
    if (entry != NULL && --uncounted(entry)->shares == 0)
        free(uncounted(entry));
}

static ol_entry *entry_new(ol_bytes key, ol_bytes value)
{
    ol_entry *entry = allocate(sizeof *entry + key.len + value.len);
    *entry = (ol_entry){.shares = 1, .key_len = key.len, .value_len = value.len};
    if (key.len > 0)
        memcpy(entry->bytes, key.data, key.len);
    if (value.len > 0)
        memcpy(entry->bytes + key.len, value.data, value.len);
    return entry;
}

static ol_sha256 entry_digest(ol_entry *entry)
{
    if (!entry->digested) {
        uint64_t key_len = entry->key_len;
        ol_sha256_stream stream;
        ol_sha256_stream_init(&stream);
        ol_sha256_stream_add(&stream, (ol_bytes){(const uint8_t *)&key_len, sizeof key_len});
        ol_sha256_stream_add(&stream, (ol_bytes){entry->bytes, entry->key_len + entry->value_len});
        entry->digest = ol_sha256_stream_end(&stream);
        entry->digested = true;
    }
    return entry->digest;
}

/* ── Nodes ── */

/* FNV-1a, then mixed so that every bit counts in a comparison. */
static uint64_t rank_of(ol_bytes key)
{
    uint64_t hash = 0xCBF29CE484222325;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ key.data[i]) * 0x100000001B3;
    hash = (hash ^ hash >> 32) * 0xD6E8FEB86659FD93;
    return hash ^ hash >> 32;
}

static node *share(node *n)
{
    if (n != NULL)
        n->shares++;
    return n;
}

static void release(node *n)
{
    if (n == NULL || --n->shares > 0)
        return;
    release(n->left);
    release(n->right);
    ol_entry_free(n->entry);
    free(n);
}

/* Trades a share of a node for one that nobody else holds. */
static node *own(node *n)
{
    if (n->shares == 1) {
        n->hashed = false;
        return n;
    }
    node *copy = allocate(sizeof *copy);
    *copy = *n;
    copy->shares = 1;
    copy->hashed = false;
    (void)share(copy->left);
    (void)share(copy->right);
    (void)ol_entry_share(copy->entry);
    n->shares--;
    return copy;
}

static size_t count_of(const node *n)
{
    return n == NULL ? 0 : n->count;
}

static void recount(node *n)
{
    n->count = 1 + count_of(n->left) + count_of(n->right);
}

static int order(ol_bytes key, const node *n)
{
    return ol_str_compare(ol_bytes_str(key), ol_bytes_str(ol_entry_key(n->entry)));
}

static node *leaf(ol_entry *entry)
{
    node *n = allocate(sizeof *n);
    *n = (node){.shares = 1, .rank = rank_of(ol_entry_key(entry)), .entry = entry, .count = 1};
    return n;
}

/* Both take the share of `n` and return one of the subtree's new top. */
static node *lift_left(node *n)
{
    node *top = n->left;
    n->left = top->right;
    top->right = n;
    recount(n);
    recount(top);
    return top;
}

static node *lift_right(node *n)
{
    node *top = n->right;
    n->right = top->left;
    top->left = n;
    recount(n);
    recount(top);
    return top;
}

static node *put(node *n, ol_entry *entry)
{
    if (n == NULL)
        return leaf(entry);
    n = own(n);
    int side = order(ol_entry_key(entry), n);
    if (side == 0) {
        ol_entry_free(n->entry);
        n->entry = entry;
        return n;
    }
    if (side < 0)
        n->left = put(n->left, entry);
    else
        n->right = put(n->right, entry);
    recount(n);
    if (side < 0 && n->left->rank > n->rank)
        return lift_left(n);
    if (side > 0 && n->right->rank > n->rank)
        return lift_right(n);
    return n;
}

/* Every key of `a` lies before every key of `b`. */
static node *join(node *a, node *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    if (a->rank > b->rank) {
        a = own(a);
        a->right = join(a->right, b);
        recount(a);
        return a;
    }
    b = own(b);
    b->left = join(a, b->left);
    recount(b);
    return b;
}

/* The key is there. */
static node *cut(node *n, ol_bytes key)
{
    n = own(n);
    int side = order(key, n);
    if (side == 0) {
        node *rest = join(n->left, n->right);
        n->left = NULL;
        n->right = NULL;
        release(n);
        return rest;
    }
    if (side < 0)
        n->left = cut(n->left, key);
    else
        n->right = cut(n->right, key);
    recount(n);
    return n;
}

static ol_sha256 hash_of(node *n)
{
    if (n == NULL)
        return (ol_sha256){0};
    if (!n->hashed) {
        const ol_sha256 parts[] = {hash_of(n->left), entry_digest(n->entry), hash_of(n->right)};
        n->hash = ol_sha256_of((ol_bytes){parts[0].bytes, sizeof parts});
        n->hashed = true;
    }
    return n->hash;
}

/* ── Versions ── */

ol_state ol_state_share(const ol_state *state)
{
    return (ol_state){share(state->root)};
}

void ol_state_deinit(ol_state *state)
{
    release(state->root);
    state->root = NULL;
}

void ol_state_set(ol_state *to, const ol_state *from)
{
    node *old = to->root;
    to->root = share(from->root);
    release(old);
}

const ol_entry *ol_state_entry(const ol_state *state, ol_bytes key)
{
    const node *n = state->root;
    while (n != NULL) {
        int side = order(key, n);
        if (side == 0)
            return n->entry;
        n = side < 0 ? n->left : n->right;
    }
    return NULL;
}

bool ol_state_get(const ol_state *state, ol_bytes key, ol_bytes *ret_value)
{
    const ol_entry *entry = ol_state_entry(state, key);
    if (entry == NULL)
        return false;
    *ret_value = ol_entry_value(entry);
    return true;
}

void ol_state_put(ol_state *state, ol_bytes key, ol_bytes value)
{
    state->root = put(state->root, entry_new(key, value));
}

bool ol_state_remove(ol_state *state, ol_bytes key)
{
    if (ol_state_entry(state, key) == NULL)
        return false;
    state->root = cut(state->root, key);
    return true;
}

const ol_entry *ol_state_next(const ol_state *state, ol_bytes prefix, ol_bytes after)
{
    /* The bound is `after` itself, excluded, once the walk has begun; before that the prefix,
     * included. */
    bool begun = after.len > 0;
    const ol_entry *best = NULL;
    const node *n = state->root;
    while (n != NULL) {
        int side = order(begun ? after : prefix, n);
        if (side < 0 || (side == 0 && !begun)) {
            best = n->entry;
            n = n->left;
        } else {
            n = n->right;
        }
    }
    if (best == NULL || !ol_str_starts(ol_bytes_str(ol_entry_key(best)), ol_bytes_str(prefix)))
        return NULL;
    return best;
}

/* ── Differences ── */

/* What of one version a walk in key order still has before it: single pairs and whole subtrees, the
 * next one last. Subtrees that both versions share are dropped from both walks unseen. */
enum { WALK_ITEMS_MAX = 512 }; /* twice a path; the longest are some sixty nodes */

typedef struct walk {
    struct {
        const node *n;
        bool whole; /* the subtree; else the node's own pair */
    } item[WALK_ITEMS_MAX];
    size_t count;
} walk;

static void walk_add(walk *w, const node *n, bool whole)
{
    if (n == NULL)
        return;
    OL_ASSERT(w->count < WALK_ITEMS_MAX);
    w->item[w->count].n = n;
    w->item[w->count++].whole = whole;
}

static void walk_expand(walk *w)
{
    const node *n = w->item[--w->count].n;
    walk_add(w, n->right, true);
    walk_add(w, n, false);
    walk_add(w, n->left, true);
}

/* The larger of two different subtrees at the heads is opened; a subtree beside a pair, too. */
static bool walk_opened(walk *a, walk *b)
{
    bool a_whole = a->count > 0 && a->item[a->count - 1].whole;
    bool b_whole = b->count > 0 && b->item[b->count - 1].whole;
    if (!a_whole && !b_whole)
        return false;
    if (a_whole && b_whole) {
        const node *of_a = a->item[a->count - 1].n;
        const node *of_b = b->item[b->count - 1].n;
        if (of_a == of_b) {
            a->count--;
            b->count--;
            return true;
        }
        a_whole = of_a->count >= of_b->count;
        b_whole = of_b->count >= of_a->count;
    }
    if (a_whole)
        walk_expand(a);
    if (b_whole)
        walk_expand(b);
    return true;
}

void ol_state_diff(const ol_state *before, const ol_state *after, ol_state_visit *visit,
                   void *context)
{
    walk a = {.count = 0};
    walk b = {.count = 0};
    walk_add(&a, before->root, true);
    walk_add(&b, after->root, true);
    while (a.count > 0 || b.count > 0) {
        if (walk_opened(&a, &b))
            continue;
        const ol_entry *old = a.count > 0 ? a.item[a.count - 1].n->entry : NULL;
        const ol_entry *new = b.count > 0 ? b.item[b.count - 1].n->entry : NULL;
        int side = 0;
        if (old == NULL || new == NULL)
            side = old == NULL ? 1 : -1;
        else
            side = ol_str_compare(ol_bytes_str(ol_entry_key(old)), ol_bytes_str(ol_entry_key(new)));
        if (side <= 0)
            a.count--;
        if (side >= 0)
            b.count--;
        if (old != new)
            visit(context, side <= 0 ? old : NULL, side >= 0 ? new : NULL);
    }
}

size_t ol_state_count(const ol_state *state)
{
    return count_of(state->root);
}

ol_sha256 ol_state_root(ol_state *state)
{
    return hash_of(state->root);
}
