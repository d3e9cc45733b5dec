#include "services/worker/monitor.h"

#include <stdlib.h>

#include "lib/base/log.h"
#include "lib/near/block_walk.h"
#include "lib/near/rpc_chain.h"
#include "services/worker/node.h"
#include "services/worker/pending.h"
#include "services/worker/relay.h"

enum {
    WAIT_MS = 200, /* Worker 3.1: a block that is not there yet */
    BACKOFF_FIRST_MS = 100,
    BACKOFF_LAST_MS = 60000, /* Worker 3.1 */
    STUCK_MS = 30000,
    FORK_BLOCKS = 4,  /* an optimistic head may lose so many */
    BEHIND_LOOKS = 3, /* a node's head may be behind the block routes for a moment */
};
#define EVENT_ARENA_BYTES OL_MIB(64)

struct monitor {
    worker *worker;
    node *node;
    coordinator *coordinator;
    ol_block_source *source;
    ol_block_walk *walk;
    ol_event_filter filter;
    pending *pending;
    relay relay;
    int64_t failing_since_ns; /* 0: all is well */
    int pause_ms;             /* of the next failure */
    unsigned behind;          /* looks in a row that found the chain's head below the walk */
};

monitor *monitor_open(worker *w)
{
    const worker_settings *s = w->settings;
    ol_err err;
    monitor *m = calloc(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->worker = w;
    m->node = node_open(s);
    m->coordinator = coordinator_open(s, w->id);
    m->pending = pending_new(s->contract_id);
    m->relay.body = ol_buf_new(RELAY_BODY_BYTES_MAX);
    m->filter = (ol_event_filter){.standard = s->event_standard};
    (void)ol_version_parse(s->event_version_min, &m->filter.minimum);
    ol_rc rc = OL_ERR_NO_MEMORY;
    if (m->node != NULL && m->coordinator != NULL && m->pending != NULL)
        rc = s->blocks_by_rpc
                 ? ol_block_source_rpc(node_rpc(m->node), s->contract_id, s->optimistic, &m->source,
                                       &err)
                 : ol_block_source_neardata(node_fetch(m->node), s->neardata_url, s->contract_id,
                                            s->optimistic, &m->source, &err);
    if (rc != OL_OK) {
        monitor_close(m);
        return NULL;
    }
    return m;
}

void monitor_close(monitor *m)
{
    if (m == NULL)
        return;
    ol_block_walk_free(m->walk);
    ol_block_source_close(m->source);
    pending_free(m->pending);
    coordinator_close(m->coordinator);
    node_close(m->node);
    ol_buf_deinit(&m->relay.body);
    free(m);
}

void monitor_interrupt(monitor *m)
{
    node_interrupt(m->node);
}

/* ---- patience ---- */

/* After a failure: a pause that grows. true: the worker drains. */
static bool back_off(monitor *m, const char *event, const ol_err *err)
{
    int64_t now_ns = ol_mono_ns(ol_clock_real());
    if (atomic_load(&m->worker->draining))
        return true;
    if (m->failing_since_ns == 0) {
        m->failing_since_ns = now_ns;
        m->pause_ms = BACKOFF_FIRST_MS;
    }
    if (now_ns - m->failing_since_ns > (int64_t)STUCK_MS * 1000000)
        atomic_store(&m->worker->monitor_stuck, true);
    OL_LOG_ERR(OL_WARN, event, err, KV("pause_ms", m->pause_ms));
    int pause_ms = m->pause_ms;
    m->pause_ms = pause_ms * 3 / 2 > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : pause_ms * 3 / 2;
    return worker_pause(m->worker, pause_ms);
}

static void all_well(monitor *m)
{
    m->failing_since_ns = 0;
    atomic_store(&m->worker->monitor_stuck, false);
}

/* ---- events ---- */

static ol_str finality_of(const monitor *m)
{
    return m->worker->settings->optimistic ? OL_STR("optimistic") : OL_STR("final");
}

/* Holds until the coordinator has it; dropped is what it will never take. false: draining. */
static bool tell(monitor *m)
{
    ol_err err;
    for (;;) {
        ol_rc rc = coordinator_post(m->coordinator, m->relay.path, ol_buf_str(&m->relay.body),
                                    m->relay.internal, &err);
        if (rc == OL_OK) {
            all_well(m);
            OL_LOG(OL_INFO, "event_relayed", KV("event", m->relay.event),
                   KV("request_id", m->relay.request_id.value));
            return true;
        }
        if (coordinator_final(rc)) {
            OL_LOG_ERR(OL_ERROR, "event_refused", &err, KV("event", m->relay.event));
            return true;
        }
        if (back_off(m, "relay_failed", &err))
            return false;
    }
}

/* Failures of the network pass; an event that makes no sense stays that way. */
static bool build_passes(ol_rc rc)
{
    return rc == OL_ERR_NETWORK || rc == OL_ERR_TIMEOUT || rc == OL_ERR_UNAVAILABLE ||
           rc == OL_ERR_NO_MEMORY;
}

static bool take_item(monitor *m, const relay_place *place, const ol_event *event,
                      const ol_json *item)
{
    ol_err err;
    for (;;) {
        ol_arena arena = ol_arena_new(EVENT_ARENA_BYTES);
        bool some = false;
        bool go_on = true;
        ol_rc rc = relay_build(place, event, item, &arena, &m->relay, &some, &err);
        if (rc == OL_OK && some) {
            go_on = tell(m);
            if (m->relay.request_id.has)
                pending_note(m->pending, m->relay.request_id.value);
        }
        ol_arena_deinit(&arena);
        if (rc == OL_OK)
            return go_on;
        if (!build_passes(rc)) {
            OL_LOG_ERR(OL_ERROR, "event_dropped", &err, KV("receipt", place->outcome->receipt_id),
                       KV("height", place->block->height));
            return true;
        }
        if (back_off(m, "event_held", &err))
            return false;
    }
}

static bool take_log(monitor *m, const relay_place *place, ol_str log)
{
    ol_arena arena = ol_arena_new(EVENT_ARENA_BYTES);
    ol_event event;
    ol_json item;
    bool go_on = true;
    if (ol_event_parse(log, &arena, &event) && ol_event_wanted(&m->filter, &event)) {
        ol_json_iter each = ol_json_iterate(&event.data);
        while (go_on && ol_json_next_item(&each, &item))
            go_on = take_item(m, place, &event, &item);
    }
    ol_arena_deinit(&arena);
    return go_on;
}

/* false: the worker drains, and the block is not done with. */
static bool take_block(monitor *m, const ol_chain_block *block, bool again)
{
    const worker_settings *s = m->worker->settings;
    for (size_t i = 0; i < block->outcomes; i++) {
        const ol_chain_outcome *outcome = &block->outcome[i];
        const relay_place place = {
            .settings = s,
            .rpc = node_rpc(m->node),
            .block = block,
            .outcome = outcome,
            .finality = finality_of(m),
        };
        if (!again && !ol_block_walk_first(m->walk, outcome->receipt_id))
            continue;
        for (size_t k = 0; k < outcome->logs; k++) {
            if (!take_log(m, &place, outcome->log[k]))
                return false;
        }
    }
    return true;
}

static void done_with(monitor *m, uint64_t height)
{
    if (m->worker->settings->optimistic)
        height = height > FORK_BLOCKS ? height - FORK_BLOCKS : 0;
    atomic_store(&m->worker->block_height, height);
}

/* ---- reconciliation (Worker 3.1) ---- */

/* Every request that is pending was made within the last YIELD_BLOCKS blocks: these again. */
static void read_again(monitor *m, uint64_t head)
{
    uint64_t from = head > YIELD_BLOCKS + 10 ? head - YIELD_BLOCKS - 10 : 1;
    ol_err err;
    OL_LOG(OL_INFO, "blocks_read_again", KV("from", from), KV("to", head));
    for (uint64_t height = from; height <= head && !atomic_load(&m->worker->draining);) {
        ol_chain_block block;
        ol_fetched what;
        if (ol_block_source_get(m->source, height, &what, &block, &err) != OL_OK) {
            if (back_off(m, "block_failed", &err))
                return;
            continue;
        }
        if (what == OL_FETCHED_BLOCK && !take_block(m, &block, true))
            return;
        height++; /* one that the source does not have any more is passed over */
    }
}

static void reconcile(monitor *m)
{
    ol_err err;
    bool missing = false;
    if (pending_check(m->pending, node_rpc(m->node), &missing, &err) != OL_OK) {
        OL_LOG_ERR(OL_WARN, "reconciliation_failed", &err);
        return;
    }
    if (!missing)
        return;
    read_again(m, ol_block_walk_height(m->walk) - 1);
    pending_give_up(m->pending);
}

/* ---- the walk ---- */

/* Below what was read already, or another block at the height read last. */
static bool is_behind(const monitor *m, const ol_block_head *head)
{
    uint64_t next = ol_block_walk_height(m->walk);
    ol_str last = ol_block_walk_last_hash(m->walk);
    return head->height + 1 < next || (head->height + 1 == next && last.len > 0 &&
                                       !ol_str_eq(last, ol_str_of(head->hash_text)));
}

/* A chain of one's own may be taken back to an earlier state: its head is then behind, and heights
 * and request ids come a second time. */
static void look_for_return(monitor *m)
{
    uint64_t next = ol_block_walk_height(m->walk);
    ol_block_head head;
    ol_err err;
    if (ol_rpc_block_head(node_rpc(m->node), finality_of(m), &head, NULL, &err) != OL_OK ||
        !is_behind(m, &head)) {
        m->behind = 0;
        return;
    }
    if (++m->behind < BEHIND_LOOKS)
        return;
    ol_block_walk *walk = ol_block_walk_new(m->source, head.height + 1);
    pending *fresh = pending_new(m->worker->settings->contract_id);
    if (walk == NULL || fresh == NULL) {
        ol_block_walk_free(walk);
        pending_free(fresh);
        return;
    }
    OL_LOG(OL_WARN, "chain_went_back", KV("from", next - 1), KV("to", head.height));
    ol_block_walk_free(m->walk);
    pending_free(m->pending);
    m->walk = walk;
    m->pending = fresh;
    m->behind = 0;
    read_again(m, head.height);
    done_with(m, head.height);
}

/* The first height to read; false: the worker drains. */
static bool find_start(monitor *m, uint64_t *ret)
{
    const worker_settings *s = m->worker->settings;
    ol_opt_u64 cursor = {0};
    ol_block_head head;
    ol_err err;
    while (coordinator_cursor(m->coordinator, &cursor, &err) != OL_OK) {
        if (back_off(m, "cursor_failed", &err))
            return false;
    }
    while (ol_rpc_block_head(node_rpc(m->node), OL_STR("final"), &head, NULL, &err) != OL_OK) {
        if (back_off(m, "head_failed", &err))
            return false;
    }
    all_well(m);
    if (cursor.has && cursor.value <= head.height + YIELD_BLOCKS) {
        *ret = cursor.value + 1;
        return true;
    }
    if (cursor.has) /* another chain, or one that was begun again */
        OL_LOG(OL_WARN, "cursor_ahead_of_chain", KV("cursor", cursor.value),
               KV("head", head.height));
    *ret = s->start_height > 0 && !cursor.has ? s->start_height : head.height;
    return true;
}

/* From here on a restart knows where to go on, even if it comes before the first heartbeat. */
static void tell_start(monitor *m, uint64_t height)
{
    const heartbeat_report report = {.status = OL_STR("online"),
                                     .last_poll_s = atomic_load(&m->worker->poll_s),
                                     .block_height = height > 0 ? height - 1 : 0};
    ol_err err;
    done_with(m, report.block_height);
    if (coordinator_heartbeat(m->coordinator, &report, &err) != OL_OK)
        OL_LOG_ERR(OL_WARN, "heartbeat_failed", &err, KV("worker_id", m->worker->id));
}

/* One step; false: the worker drains. */
static bool step(monitor *m)
{
    ol_walk_step it;
    ol_err err;
    if (ol_block_walk_step(m->walk, &it, &err) != OL_OK)
        return !back_off(m, "block_failed", &err);
    all_well(m);
    switch (it.what) {
    case OL_WALKED_BLOCK:
        if (!take_block(m, &it.block, false))
            return false;
        done_with(m, it.height);
        break;
    case OL_WALKED_SKIPPED:
        done_with(m, it.height);
        break;
    case OL_WALKED_UNDONE: /* what it asked for is found out when it is delivered */
        OL_LOG(OL_WARN, "block_undone", KV("height", it.height));
        return true;
    case OL_WALKED_WAIT:
        if (atomic_load(&m->worker->draining)) /* whoever asks now is not answered any more */
            return false;
        if (pending_due(m->pending))
            reconcile(m);
        look_for_return(m);
        return !worker_pause(m->worker, WAIT_MS);
    }
    uint64_t pause_ms = m->worker->settings->scan_pause_ms;
    return pause_ms == 0 || !worker_pause(m->worker, (int)pause_ms);
}

void *monitor_run(void *context)
{
    monitor *m = context;
    uint64_t height = 0;
    if (!find_start(m, &height))
        return NULL;
    m->walk = ol_block_walk_new(m->source, height);
    OL_ASSERT(m->walk != NULL);
    tell_start(m, height);
    OL_LOG(OL_INFO, "monitor_started", KV("height", height));
    while (!atomic_load(&m->worker->draining) && step(m))
        continue;
    OL_LOG(OL_INFO, "monitor_stopped", KV("height", ol_block_walk_height(m->walk)));
    return NULL;
}
