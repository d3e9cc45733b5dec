/* A block as a watcher of one contract needs it: where it stands, and what receipts of that
 * contract logged (Worker 3.1, NEAR 6). */
#ifndef OL_NEAR_CHAIN_BLOCK_H
#define OL_NEAR_CHAIN_BLOCK_H

#include "lib/codec/json_read.h"

/* One receipt that succeeded on the watched contract. Absent texts have NULL data. */
typedef struct ol_chain_outcome {
    ol_str receipt_id;
    ol_str transaction_hash; /* absent where the source does not tell */
    ol_str predecessor_id;
    ol_str receiver_id;
    ol_str signer_public_key;
    ol_str block_hash;
    uint64_t gas_burnt;
    const ol_str *log;
    size_t logs;
} ol_chain_outcome;

typedef struct ol_chain_block {
    uint64_t height;
    ol_str hash;
    ol_str prev_hash;
    bool has_prev_height;
    uint64_t prev_height;
    uint64_t timestamp_ns;
    const ol_chain_outcome *outcome;
    size_t outcomes;
} ol_chain_block;

#define OL_CHAIN_BLOCK_BYTES_MAX OL_MIB(64)
enum { OL_CHAIN_OUTCOMES_MAX = 65536 }; /* of one contract in one block */

/* Where a block stands, from its JSON as nodes and neardata give it; without outcomes. */
ol_rc ol_chain_block_head(const ol_json *block, ol_arena *arena, ol_chain_block *ret, ol_err *err);

/* A document of the neardata routes, or of the Lake joined. Outcomes of other receivers, failed
 * ones, and receipts without logs are left out. Texts live in the document or in the arena.
 * OL_ERR_SYNTAX, OL_ERR_SHAPE, OL_ERR_LIMIT. */
ol_rc ol_chain_block_parse(ol_str document, ol_str contract_id, ol_arena *arena,
                           ol_chain_block *ret, ol_err *err);

#endif
