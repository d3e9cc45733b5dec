/* A list whose items know their places, so that an item is removed by itself: for records that are
 * too big to be rewritten when they move (list.h). One more record an item. */
#ifndef OL_CONTRACTS_OUTLAYER_ROSTER_H
#define OL_CONTRACTS_OUTLAYER_ROSTER_H

#include "contracts/outlayer/list.h"

/* An item is in one list of its kind at most; `kind` is a letter. The list's name is kind + whose.
 */
typedef struct roster {
    char kind;
    ol_str whose; /* account, or empty */
} roster;

enum {
    ROSTER_SECRETS = 'S', /* of an owner: hashes */
    ROSTER_WALLETS = 'W', /* of an owner: keys */
    ROSTER_PRICED = 'X',  /* priced projects: numbers */
};

void roster_add(roster r, ol_bytes item);
void roster_remove(roster r, ol_bytes item); /* it must be there */
uint32_t roster_count(roster r);
bool roster_item(roster r, uint32_t place, ol_bytes *ret);

#endif
