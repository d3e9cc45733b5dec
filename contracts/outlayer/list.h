/* A list kept in state that one can page through: adding and removing touch three records at most,
 * whatever its length. Removal moves the last item into the gap, so order is by insertion only
 * until something is removed (Contract 8). */
#ifndef OL_CONTRACTS_OUTLAYER_LIST_H
#define OL_CONTRACTS_OUTLAYER_LIST_H

#include "contracts/outlayer/state.h"

/* `name` tells lists apart, e.g. "P" + account. An item is up to LIST_ITEM_BYTES_MAX bytes; whoever
 * wants to remove it keeps its place. */
enum { LIST_NAME_BYTES_MAX = 256, LIST_ITEM_BYTES_MAX = 1024 };

uint32_t list_count(ol_bytes name);
uint32_t list_add(ol_bytes name, ol_bytes item); /* returns its place */
/* True when another item moved to this place: *ret_moved is that item, whose keeper must note it.
 */
bool list_remove(ol_bytes name, uint32_t place, ol_bytes *ret_moved);
bool list_item(ol_bytes name, uint32_t place, ol_bytes *ret);

#endif
