#include "services/worker/pending.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/near/request_view.h"

enum { SUSPECTS_MAX = 1024, PAGES_MAX = 100 };

struct pending {
    ol_str contract;
    uint64_t noted[PENDING_NOTED]; /* a ring */
    size_t count;
    size_t next;
    uint64_t suspect[SUSPECTS_MAX]; /* unknown at the last look */
    size_t suspects;
    int64_t due_ns;
    bool looked;
};

pending *pending_new(ol_str contract)
{
    pending *p = calloc(1, sizeof *p);
    if (p != NULL)
        p->contract = contract;
    return p;
}

void pending_free(pending *p)
{
    free(p);
}

static bool contains(const uint64_t *list, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == id)
            return true;
    }
    return false;
}

void pending_note(pending *p, uint64_t request_id)
{
    if (contains(p->noted, p->count, request_id))
        return;
    p->noted[p->next] = request_id;
    p->next = (p->next + 1) % PENDING_NOTED;
    if (p->count < PENDING_NOTED)
        p->count++;
}

bool pending_due(const pending *p)
{
    return ol_mono_ns(ol_clock_real()) >= p->due_ns;
}

/* One page of ids into the next list of suspects. */
static void sort_out(const pending *p, const uint64_t *ids, size_t count, pending *next,
                     bool *ret_missing)
{
    for (size_t i = 0; i < count; i++) {
        if (contains(p->noted, p->count, ids[i]))
            continue;
        if (contains(p->suspect, p->suspects, ids[i]))
            *ret_missing = true;
        if (next->suspects < SUSPECTS_MAX)
            next->suspect[next->suspects++] = ids[i];
    }
}

static ol_rc look(pending *p, const ol_rpc *rpc, pending *next, bool *ret_missing, ol_err *err)
{
    for (int page = 0; page < PAGES_MAX; page++) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        const uint64_t *ids;
        size_t count = 0;
        ol_rc rc = ol_view_pending(rpc, p->contract, (uint64_t)page * OL_PENDING_PAGE, &arena, &ids,
                                   &count, err);
        if (rc == OL_OK)
            sort_out(p, ids, count, next, ret_missing);
        ol_arena_deinit(&arena);
        if (rc != OL_OK || count < OL_PENDING_PAGE)
            return rc;
    }
    return OL_OK;
}

ol_rc pending_check(pending *p, const ol_rpc *rpc, bool *ret_missing, ol_err *err)
{
    int64_t period_ms = p->looked ? PENDING_PERIOD_MS : PENDING_FIRST_MS;
    pending *next = calloc(1, sizeof *next);
    *ret_missing = false;
    p->due_ns = ol_mono_ns(ol_clock_real()) + period_ms * 1000000;
    p->looked = true;
    if (next == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_rc rc = look(p, rpc, next, ret_missing, err);
    if (rc == OL_OK) {
        memcpy(p->suspect, next->suspect, sizeof p->suspect);
        p->suspects = next->suspects;
    }
    free(next);
    return rc;
}

void pending_give_up(pending *p)
{
    for (size_t i = 0; i < p->suspects; i++) {
        if (contains(p->noted, p->count, p->suspect[i]))
            continue;
        OL_LOG(OL_ERROR, "request_without_event", KV("request_id", p->suspect[i]));
        pending_note(p, p->suspect[i]);
    }
    p->suspects = 0;
}
