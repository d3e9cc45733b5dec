/* What the outlayer contract tells about requests that wait for an answer (Contract 10). */
#ifndef OL_NEAR_REQUEST_VIEW_H
#define OL_NEAR_REQUEST_VIEW_H

#include "lib/near/rpc_answer.h"

enum { OL_DATA_ID_BYTES = 32 };

typedef struct ol_request_view {
    uint64_t request_id;
    uint8_t data_id[OL_DATA_ID_BYTES];
    ol_str input_data; /* NULL data: none */
    uint64_t timestamp_ns;
    ol_u128 payment; /* yocto */
} ol_request_view;

/* A view at `finality`, with the height it speaks of: a node may lag behind where an event was
 * read. *ret_found is false when the contract has no such request at that height. */
ol_rc ol_view_request(const ol_rpc *rpc, ol_str contract, uint64_t request_id, ol_str finality,
                      ol_arena *arena, bool *ret_found, ol_request_view *ret, uint64_t *ret_height,
                      ol_err *err);

enum { OL_PENDING_PAGE = 100 };
/* One page of get_pending_request_ids at final finality, ascending, from that index on; at most
 * OL_PENDING_PAGE. The last page is shorter. */
ol_rc ol_view_pending(const ol_rpc *rpc, ol_str contract, uint64_t from_index, ol_arena *arena,
                      const uint64_t **ret, size_t *ret_count, ol_err *err);

#endif
