#include "contracts/outlayer/paging.h"

static const ol_json_field ACCOUNT_PAGE_FIELDS[] = {
    {"account_id", OL_BIND_TEXT, OL_REQUIRED, offsetof(account_page, account_id),
     .check = ol_account_id_valid},
    PAGE_FIELDS(account_page, page),
};
const ol_json_table ACCOUNT_PAGE = {"arguments", ACCOUNT_PAGE_FIELDS,
                                    OL_COUNT(ACCOUNT_PAGE_FIELDS)};

void answer_page(const page *it, uint64_t count, uint64_t limit_max, page_writer *write,
                 const void *of)
{
    uint64_t limit = it->limit < limit_max ? it->limit : limit_max;
    ol_json_writer *w = answer_begin();
    ol_json_array_begin(w);
    for (uint64_t place = it->from; place < count && limit > 0; place++, limit--)
        write(w, of, (uint32_t)place);
    ol_json_array_end(w);
    answer_end(w);
}
