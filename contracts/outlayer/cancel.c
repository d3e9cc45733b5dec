/* Requests that end without a run (Contract 4, 10). */
#include <stddef.h>

#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/settlement.h"

#define STALE_AFTER_NS UINT64_C(600000000000) /* Contract 2; strictly exceeded */

/* Promises and gas of one call bound how many it can cancel. */
enum { CANCEL_MAX = 200, CANCEL_DEFAULT = 100 };

static bool cancel(call *c, uint64_t id)
{
    request r;
    if (!request_take(id, &r))
        return false;
    settle_cancelled(c, &r);
    return true;
}

void method_cancel_stale_execution(call *c)
{
    uint64_t id = request_id_argument(c);
    request r;
    REQUIRE(request_take(id, &r), "Execution request not found");
    REQUIRE(ol_str_eq(c->predecessor, r.sender), "Only the sender can cancel this execution");
    REQUIRE(near_block_timestamp() > r.timestamp + STALE_AFTER_NS,
            "Execution is not yet stale, please wait");
    settle_cancelled(c, &r);
    config_save_book(&c->config);
}

void method_emergency_cancel_execution(call *c)
{
    uint64_t id = request_id_argument(c);
    REQUIRE(cancel(c, id), "Execution request not found");
    config_save_book(&c->config);
}

void method_cancel_pending_requests(call *c)
{
    static const ol_json_field FIELDS[] = {{"request_ids", OL_BIND_VALUE, OL_REQUIRED, 0}};
    static const ol_json_table ARGUMENTS = {"arguments", FIELDS, OL_COUNT(FIELDS)};
    ol_json list;
    call_arguments(c, &ARGUMENTS, &list);
    if (ol_json_kind_of(&list) != OL_JSON_ARRAY)
        fail_argument(&list, "invalid type: expected a sequence");
    REQUIRE(ol_json_count(&list) <= CANCEL_MAX, "At most %u requests in one call",
            (unsigned)CANCEL_MAX);
    uint64_t cancelled = 0;
    ol_json_iter it = ol_json_iterate(&list);
    ol_json item;
    while (ol_json_next_item(&it, &item)) {
        uint64_t id;
        if (ol_json_u64(&item, &id, NULL) != OL_OK)
            fail_argument(&item, "invalid type: expected u64");
        cancelled += cancel(c, id);
    }
    config_save_book(&c->config);
    answer_u64(cancelled);
}

void method_clear_all_pending_requests(call *c)
{
    static const ol_json_field FIELDS[] = {{"limit", OL_BIND_U64, OL_OPTIONAL, 0}};
    static const ol_json_table ARGUMENTS = {"arguments", FIELDS, OL_COUNT(FIELDS)};
    uint64_t limit = CANCEL_DEFAULT;
    call_arguments(c, &ARGUMENTS, &limit);
    uint64_t ids[CANCEL_MAX];
    size_t count =
        book_pending(&c->config.book, 0, ids, limit < CANCEL_MAX ? (size_t)limit : CANCEL_MAX);
    for (size_t i = 0; i < count; i++)
        (void)cancel(c, ids[i]);
    config_save_book(&c->config);
    answer_u64(count);
}
