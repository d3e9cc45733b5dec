/* The book of requests: ids, statistics, and which requests are pending. It lies in the record of
 * the configuration (config.h), which every call reads anyway. The newest 256 ids are bits in it;
 * older pending ones are bits in records of 256, chained, so that ids can be listed in order
 * (Contract 10; 16, 23). */
#ifndef OL_CONTRACTS_OUTLAYER_BOOK_H
#define OL_CONTRACTS_OUTLAYER_BOOK_H

#include "lib/codec/borsh.h"

enum { BOOK_CHUNK_IDS = 256 };

typedef struct book_chunk {
    uint8_t pending[BOOK_CHUNK_IDS / 8]; /* a bit an id */
    uint64_t before;                     /* number of the older chunk plus 1; 0: none */
    uint64_t after;
} book_chunk;

typedef struct book {
    uint64_t next_id;
    uint64_t executions;    /* settled, expired ones included */
    ol_u128 fees;           /* yoctoNEAR charged so far */
    ol_u128 fees_withdrawn; /* of those */
    uint64_t oldest;        /* chunk numbers plus 1, of chunks behind the newest; 0: none */
    uint64_t latest;
    book_chunk newest; /* of the newest id; its `before` and `after` are unused */
} book;

void book_add(ol_buf *into, const book *it);
book book_read(ol_borsh *from);

/* Takes the next id and marks it pending. */
uint64_t book_take_id(book *it);
/* Unmarks. Records of older chunks may change at once; `it` must still be saved. */
void book_settle(book *it, uint64_t id);

/* Up to `max` pending ids, ascending, leaving out the first `skip`; returns how many. */
size_t book_pending(const book *it, uint64_t skip, uint64_t *ret, size_t max);

#endif
