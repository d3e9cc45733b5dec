/* The world at one moment: an ordered map from keys to values, as the network's trie is, kept as a
 * persistent tree. Sharing a version costs nothing and writing to one leaves every other as it was:
 * that is how snapshots, views of older blocks, rollback of a failed receipt and forks work here.
 *
 *   ol_state now = ol_state_share(&before);   // O(1)
 *   ol_state_put(&now, key, value);           // `before` does not change
 *   ol_state_deinit(&now);
 *
 * What lies in it (accounts, keys, contracts, data, waiting receipts) is named by state_key.h and
 * read through account.h. Not for threads to share. Running out of memory ends the process: a
 * half-written world is of no use. */
#ifndef OL_EMULATOR_STATE_H
#define OL_EMULATOR_STATE_H

#include "lib/base/err.h"
#include "lib/crypto/hash.h"

/* One pair; immutable, counted, shared by versions and by lists of changes. */
typedef struct ol_entry ol_entry;
ol_bytes ol_entry_key(const ol_entry *entry);
ol_bytes ol_entry_value(const ol_entry *entry);
const ol_entry *ol_entry_share(const ol_entry *entry);
void ol_entry_free(const ol_entry *entry); /* gives one share back; NULL is fine */

typedef struct ol_state {
    struct ol_state_node *root;
} ol_state;

#define OL_STATE_EMPTY ((ol_state){NULL})

ol_state ol_state_share(const ol_state *state);
void ol_state_deinit(ol_state *state);
/* `to` becomes another share of `from`. */
void ol_state_set(ol_state *to, const ol_state *from);

/* Borrowed: lives until this key is written or removed, or the version ends. */
bool ol_state_get(const ol_state *state, ol_bytes key, ol_bytes *ret_value);
const ol_entry *ol_state_entry(const ol_state *state, ol_bytes key); /* NULL: none; borrowed */

void ol_state_put(ol_state *state, ol_bytes key, ol_bytes value);
bool ol_state_remove(ol_state *state, ol_bytes key); /* false: there was none */

/* The first pair behind `after` whose key begins with `prefix`; NULL when there is none. Start with
 * an empty `after`. Keys come in the order of their bytes. */
const ol_entry *ol_state_next(const ol_state *state, ol_bytes prefix, ol_bytes after);

/* What differs between two versions, in the order of keys: called with the pair before (NULL: it is
 * new) and after (NULL: it is gone). Takes time for what differs, not for what is there. */
typedef void ol_state_visit(void *context, const ol_entry *before, const ol_entry *after);
void ol_state_diff(const ol_state *before, const ol_state *after, ol_state_visit *visit,
                   void *context);

size_t ol_state_count(const ol_state *state);
/* The same contents have the same root, however they came about. Computed for what changed since
 * the last time. */
ol_sha256 ol_state_root(ol_state *state);

#endif
