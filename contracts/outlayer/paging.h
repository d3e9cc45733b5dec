/* Pages of a list: optional arguments `from_index` and `limit` of a view (Contract 8, 10). */
#ifndef OL_CONTRACTS_OUTLAYER_PAGING_H
#define OL_CONTRACTS_OUTLAYER_PAGING_H

#include "contracts/outlayer/call.h"

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

/* The arguments of lists that belong to an account: `account_id`, and which page. */
typedef struct account_page {
    ol_str account_id;
    page page;
} account_page;

extern const ol_json_table ACCOUNT_PAGE;

/* Answers an array: `write` adds the item at each place of the page, of which there are `count`. A
 * page has at most `limit_max` items; it may lie behind the end. `of` is handed on. */
typedef void page_writer(ol_json_writer *w, const void *of, uint32_t place);
void answer_page(const page *it, uint64_t count, uint64_t limit_max, page_writer *write,
                 const void *of);

#endif
