/* Coordinator 12: health and metrics. */
#include <string.h>

#include "services/coordinator/calls.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/queue.h"
#include "services/coordinator/wasm_cache.h"
#include "services/coordinator/workers.h"

enum {
    BEAT_FRESH_MS = 120 * 1000,
    WORKER_FORGOTTEN_MS = 24 * 3600 * 1000,
    MONITOR_SILENT_MS = 300 * 1000,
    METRICS_BYTES_MAX = 1024 * 1024,
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
    bool monitor_silent;
    bool monitors;
    int64_t now_ms;
} health;

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
            ret->monitor_silent |= ret->now_ms - row->block_ms > MONITOR_SILENT_MS;
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

static void monitors_encode(const health *found, ol_json_writer *w)
{
    ol_json_key(w, "event_monitor");
    ol_json_object_begin(w);
    ol_json_put_cstr(w, "status",
                     !found->monitors        ? "unknown"
                     : found->monitor_silent ? "warning"
                                             : "ok");
    ol_json_key(w, "workers");
    ol_json_array_begin(w);
    for (size_t i = 0; i < found->workers; i++) {
        const worker_row *row = &found->worker[i];
        if (!row->block_height.has)
            continue;
        ol_json_object_begin(w);
        ol_json_put_str(w, "worker_id", row->worker_id);
        ol_json_put_u64(w, "current_block", row->block_height.value);
        ol_json_put_i64(w, "last_update_secs_ago", (found->now_ms - row->block_ms) / 1000);
        ol_json_object_end(w);
    }
    ol_json_array_end(w);
    ol_json_object_end(w);
}

void health_detailed_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    health found = health_look(it, request);
    bool healthy = found.database_ok && found.active > 0;
    json_answer answer;
    json_answer_begin(&answer);
    ol_json_put_cstr(&answer.w, "status",
                     !healthy               ? "unhealthy"
                     : found.monitor_silent ? "degraded"
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

/* ---- GET /metrics, private listener */

static void gauge(ol_buf *out, const char *name, const char *labels, ol_u128 value)
{
    ol_u128_text text = ol_u128_format(value);
    ol_buf_addf(out, "outlayer_%s%s %s\n", name, labels, text.data);
}

static void http_counts(const ol_web_server *server, const char *listener, ol_buf *out)
{
    ol_web_count count;
    for (size_t i = 0; ol_web_server_count(server, i, &count); i++) {
        for (size_t class = 1; class < OL_COUNT(count.by_class); class ++) {
            if (count.by_class[class] == 0)
                continue;
            ol_buf_addf(
                out,
                "outlayer_http_requests_total{listener=\"%s\",route=\"%s\",status=\"%zuxx\"} "
                "%llu\n",
                listener, count.route == NULL ? "" : count.route->pattern, class,
                (unsigned long long)count.by_class[class]);
        }
    }
    ol_buf_addf(out, "outlayer_http_connections{listener=\"%s\"} %u\n", listener,
                ol_web_server_connections(server));
    ol_buf_addf(out, "outlayer_http_held{listener=\"%s\"} %u\n", listener,
                ol_web_server_held(server));
}

static ol_rc domain_figures(coordinator *it, ol_buf *out, ol_err *err)
{
    queue_figures queue = {0};
    ledger_figures ledger = {0};
    wasm_figures wasm = {0};
    OL_TRY(queue_figures_read(it->domain, &queue, err));
    OL_TRY(ledger_figures_read(it->domain, &ledger, err));
    OL_TRY(wasm_figures_read(it->domain, &wasm, err));
    gauge(out, "queue_depth", "{queue=\"compile\"}", queue.compile_waiting);
    gauge(out, "queue_depth", "{queue=\"execute\"}", queue.execute_waiting);
    gauge(out, "queue_oldest_wait_ms", "", queue.oldest_wait_ms);
    gauge(out, "jobs_live", "", queue.jobs_live);
    gauge(out, "requests_dead", "", queue.dead);
    gauge(out, "leases_lost_total", "", queue.leases_lost);
    gauge(out, "redeliveries_total", "", queue.redeliveries);
    gauge(out, "calls_pending", "", ledger.calls_pending);
    gauge(out, "reserved_micro_usd", "", ledger.reserved.micro);
    gauge(out, "charged_micro_usd_total", "", ledger.charged.micro);
    gauge(out, "wasm_cache_entries", "", wasm.entries);
    gauge(out, "wasm_cache_bytes", "", wasm.bytes);
    gauge(out, "wasm_cache_evicted_total", "", wasm.evicted);
    return OL_OK;
}

static void store_figures(coordinator *it, ol_buf *out)
{
    ol_store_figures store = ol_store_figures_of(domain_store(it->domain));
    gauge(out, "store_operations_total", "", store.operations);
    gauge(out, "store_groups_total", "", store.groups);
    gauge(out, "store_syncs_total", "", store.syncs);
    gauge(out, "waiting", "{kind=\"call\"}", waits_count(it->waits, WAIT_CALL));
    gauge(out, "waiting", "{kind=\"look\"}", waits_count(it->waits, WAIT_LOOK));
    gauge(out, "waiting", "{kind=\"poll\"}", waits_count(it->waits, WAIT_TASK));
}

static ol_rc worker_figures(coordinator *it, ol_web_request *request, ol_buf *out, ol_err *err)
{
    worker_row *row;
    size_t count;
    uint64_t by_status[WORKER_STALE + 1] = {0};
    OL_TRY(workers_list(it->domain, ol_web_arena(request), &row, &count, err));
    for (size_t i = 0; i < count; i++)
        by_status[row[i].status]++;
    for (int i = 0; i <= WORKER_STALE; i++)
        ol_buf_addf(out, "outlayer_workers{status=\"%.*s\"} %llu\n",
                    OL_FMT(worker_status_name((worker_status)i)), (unsigned long long)by_status[i]);
    return OL_OK;
}

void metrics_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_buf out = ol_buf_new(METRICS_BYTES_MAX);
    ol_err err = {0};
    if (domain_figures(it, &out, &err) != OL_OK ||
        worker_figures(it, request, &out, &err) != OL_OK) {
        ol_buf_deinit(&out);
        answer_failure(request, FAILURE_EMPTY, &err);
        return;
    }
    store_figures(it, &out);
    http_counts(it->public_server, "public", &out);
    http_counts(it->private_server, "private", &out);
    ol_web_answer_buf(request, 200, "text/plain; version=0.0.4", &out);
}
