/* GET /metrics on the private listener (Coordinator 12): Prometheus text. */
#include "services/coordinator/calls.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/queue.h"
#include "services/coordinator/tasks.h"
#include "services/coordinator/wasm_cache.h"
#include "services/coordinator/workers.h"

enum { METRICS_BYTES_MAX = 1024 * 1024 };

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
    system_task_figures tasks = {0};
    OL_TRY(queue_figures_read(it->domain, &queue, err));
    OL_TRY(ledger_figures_read(it->domain, &ledger, err));
    OL_TRY(wasm_figures_read(it->domain, &wasm, err));
    OL_TRY(system_task_figures_read(it->domain, &tasks, err));
    gauge(out, "queue_depth", "{queue=\"compile\"}", queue.compile_waiting);
    gauge(out, "queue_depth", "{queue=\"execute\"}", queue.execute_waiting);
    gauge(out, "queue_oldest_wait_ms", "", queue.oldest_wait_ms);
    gauge(out, "jobs_live", "", queue.jobs_live);
    gauge(out, "requests_dead", "", queue.dead);
    gauge(out, "system_tasks", "{state=\"open\"}", tasks.open);
    gauge(out, "system_tasks", "{state=\"dead\"}", tasks.dead);
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
