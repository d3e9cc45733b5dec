/* A list whose items know their places, so that an item is removed by itself: for records that are
 * too big to be rewritten when they move (list.h). One more record an item. */
#ifndef OL_CONTRACTS_OUTLAYER_ROSTER_H
#define OL_CONTRACTS_OUTLAYER_ROSTER_H

#include "contracts/outlayer/list.h"

/* First letters of lists' names. An item is in one list of a letter at most. */
enum {
    ROSTER_SECRETS = 'S', /* of an owner: what tells secrets apart */
    ROSTER_WALLETS = 'W', /* of an owner: keys */
    ROSTER_PRICED = 'X',  /* priced projects: numbers */
    LIST_PROJECTS = 'P',  /* of an owner: names; no roster, a project keeps its place itself */
};

/* The letter, then whose list it is. */
ol_bytes list_named(char letter, ol_str whose);

void roster_add(ol_bytes list, ol_bytes item);
void roster_remove(ol_bytes list, ol_bytes item); /* it must be there */

#endif
