/* Coordinator 12: health. */
#include "lib/base/log.h"
#include "lib/near/rpc_chain.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/workers.h"

enum {
    BEAT_FRESH_MS = 120 * 1000,
    WORKER_FORGOTTEN_MS = 24 * 3600 * 1000,
    MONITOR_SILENT_MS = 300 * 1000,
    BLOCKS_BEHIND_MAX = 100,
    TIP_MS = 10 * 1000, /* the node is not asked more often */
};

void health_get(ol_web_request *request, void *context)
{
    (void)context;
    ol_web_answer_static(request, 200, OL_WEB_TYPE_TEXT, OL_STR("OK"));
}

/* ---- GET /health/detailed */

typedef struct health {
    bool database_ok;
    int64_t database_ms;
    worker_row *worker;
    size_t workers; /* seen within a day */
    size_t active;
    bool monitors;
    bool monitor_late; /* silent, or far behind the chain */
    bool tip_asked;    /* there is a chain */
    uint64_t tip;      /* height of its last final block; 0: the node does not answer */
    int64_t now_ms;
} health;

static uint64_t behind(const health *found, const worker_row *row)
{
    return found->tip > row->block_height.value ? found->tip - row->block_height.value : 0;
}

static void workers_look(coordinator *it, ol_web_request *request, health *ret)
{
    size_t count;
    size_t kept = 0;
    ol_err err = {0};
    if (workers_list(it->domain, ol_web_arena(request), &ret->worker, &count, &err) != OL_OK) {
        ret->database_ok = false;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const worker_row *row = &ret->worker[i];
        if (ret->now_ms - row->last_beat_ms > WORKER_FORGOTTEN_MS)
            continue;
        ret->active += ret->now_ms - row->last_beat_ms < BEAT_FRESH_MS;
        if (row->block_height.has) {
            ret->monitors = true;
            ret->monitor_late |= ret->now_ms - row->block_ms > MONITOR_SILENT_MS ||
                                 behind(ret, row) > BLOCKS_BEHIND_MAX;
        }
        ret->worker[kept++] = *row;
    }
    ret->workers = kept;
}

static health health_look(coordinator *it, ol_web_request *request)
{
    health found = {.now_ms = ol_wall_ms(it->clock)};
    ol_err err = {0};
    int64_t before = ol_mono_ns(it->clock);
    found.tip_asked = chain_has_rpc(it->chain);
    found.tip = found.tip_asked ? atomic_load(&it->tip.height) : 0;
    found.database_ok = domain_ping(it->domain, &err) == OL_OK;
    found.database_ms = (ol_mono_ns(it->clock) - before) / 1000000;
    workers_look(it, request, &found);
    return found;
}

static void skipped_encode(ol_json_writer *w, const char *key, const char *why)
{
    ol_json_key(w, key);
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "status", "skipped");
    ol_json_put_null(w, "latency_ms");
    ol_json_put_cstr(w, "error", why);
    ol_json_object_end(w);
}

static void database_encode(const health *found, ol_json_writer *w)
{
    ol_json_key(w, "database");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "status", found->database_ok ? "ok" : "error");
    ol_json_put_i64(w, "latency_ms", found->database_ms);
    ol_json_object_end(w);
}

static void workers_encode(const health *found, ol_json_writer *w)
{
    ol_json_key(w, "workers");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "status", found->active > 0 ? "ok" : "critical");
    ol_json_put_u64(w, "active", found->active);
    ol_json_put_u64(w, "total", found->workers);
    ol_json_key(w, "details");
    ol_json_array_begin(w);
    for (size_t i = 0; i < found->workers; i++) {
        const worker_row *row = &found->worker[i];
        ol_json_object_begin(w);
        ol_json_put_str(w, "worker_id", row->worker_id);
        ol_json_put_str(w, "worker_name", row->worker_name);
        ol_json_put_str(w, "status", worker_status_name(row->status));
        ol_json_put_i64(w, "last_heartbeat_secs_ago", (found->now_ms - row->last_beat_ms) / 1000);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
}

static const char *monitors_status(const health *found)
{
    if (found->tip_asked && found->tip == 0)
        return "error";
    if (!found->monitors)
        return "unknown";
    return found->monitor_late ? "warning" : "ok";
}

static void monitors_encode(const health *found, ol_json_writer *w)
{
    ol_json_key(w, "event_monitor");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "status", monitors_status(found));
    if (found->tip != 0)
        ol_json_put_u64(w, "chain_tip_block", found->tip);
    ol_json_key(w, "workers");
    ol_json_array_begin(w);
    for (size_t i = 0; i < found->workers; i++) {
        const worker_row *row = &found->worker[i];
        if (!row->block_height.has)
            continue;
        ol_json_object_begin(w);
        ol_json_put_str(w, "worker_id", row->worker_id);
        ol_json_put_u64(w, "current_block", row->block_height.value);
        if (found->tip != 0)
            ol_json_put_u64(w, "blocks_behind", behind(found, row));
        ol_json_put_i64(w, "last_update_secs_ago", (found->now_ms - row->block_ms) / 1000);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
}

static bool degraded(const health *found)
{
    return found->monitor_late || (found->tip_asked && found->tip == 0);
}

static void answer_health(coordinator *it, ol_web_request *request)
{
    health found = health_look(it, request);
    bool healthy = found.database_ok && found.active > 0;
    json_answer answer;
    json_answer_begin(&answer);
    ol_json_put_cstr(&answer.w, "status",
                     !healthy           ? "unhealthy"
                     : degraded(&found) ? "degraded"
                                        : "healthy");
    ol_json_put_i64(&answer.w, "timestamp", found.now_ms / 1000);
    ol_json_key(&answer.w, "checks");
    ol_json_object_begin(&answer.w);
    database_encode(&found, &answer.w);
    skipped_encode(&answer.w, "redis", "REDIS_URL not configured");
    skipped_encode(&answer.w, "keystore", "KEYSTORE_BASE_URL not configured");
    workers_encode(&found, &answer.w);
    monitors_encode(&found, &answer.w);
    ol_json_key(&answer.w, "tee_attestation");
    ol_json_object_begin(&answer.w);
    ol_json_put_cstr(&answer.w, "status", "ok");
    ol_json_key(&answer.w, "workers");
    ol_json_array_begin(&answer.w);
    ol_json_array_end(&answer.w);
    ol_json_object_end(&answer.w);
    ol_json_object_end(&answer.w);
    json_answer_send(&answer, request, healthy ? 200 : 503);
}

/* ---- The tip of the chain: asked for at most every TIP_MS, whoever looks. */

typedef struct tip_look {
    chain_job job; /* first */
    coordinator *it;
    ol_web_request *request;
} tip_look;

static void tip_run(chain_job *job, const chain_tools *tools)
{
    tip_look *look = (tip_look *)job;
    coordinator *it = look->it;
    ol_err err = {0};
    ol_block_head head = {0};
    if (ol_rpc_block_head(&tools->rpc, OL_STR("final"), &head, NULL, &err) != OL_OK)
        OL_LOG_ERR(OL_WARN, "chain_tip_failed", &err);
    atomic_store(&it->tip.height, head.height);
    atomic_store(&it->tip.read_ms, ol_wall_ms(it->clock));
    answer_health(it, look->request);
}

void health_detailed_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    int64_t age_ms = ol_wall_ms(it->clock) - atomic_load(&it->tip.read_ms);
    tip_look *look = NULL;
    if (chain_has_rpc(it->chain) && age_ms > TIP_MS)
        look = OL_ARENA_NEW(ol_web_arena(request), tip_look);
    if (look == NULL) {
        answer_health(it, request);
        return;
    }
    *look = (tip_look){.job = {.run = tip_run}, .it = it, .request = request};
    ol_web_hold(request);
    if (!chain_submit(it->chain, &look->job))
        answer_health(it, request); /* of what is known */
}
