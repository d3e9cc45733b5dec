/* Pages of a list: optional arguments `from_index` and `limit` of a view (Contract 8, 10). */
#ifndef OL_CONTRACTS_OUTLAYER_PAGING_H
#define OL_CONTRACTS_OUTLAYER_PAGING_H

#include <stdint.h>

typedef struct page {
    uint64_t from;
    uint64_t limit;
} page;

/* Rows of a table of arguments, for a struct with a `page` of that name. */
#define PAGE_FIELDS(type, member)                                                                  \
    {"from_index", OL_BIND_U64, OL_OPTIONAL, offsetof(type, member.from)},                         \
    {                                                                                              \
        "limit", OL_BIND_U64, OL_OPTIONAL, offsetof(type, member.limit)                            \
    }

/* First place behind the page, with at most `limit_max` items on it; never above `count`. The page
 * begins at page.from, which may lie behind the end. */
static inline uint64_t page_end(const page *it, uint64_t count, uint64_t limit_max)
{
    uint64_t limit = it->limit < limit_max ? it->limit : limit_max;
    uint64_t left = it->from < count ? count - it->from : 0;
    return limit < left ? it->from + limit : (left == 0 ? it->from : count);
}

#endif
