#include "services/worker/deliveries.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/codec/hex.h"
#include "lib/near/request_view.h"
#include "services/worker/delivery.h"

/* An output, its arguments, a transaction and their journal entry. */
#define DELIVERY_BYTES_MAX OL_MIB(64)
static const uint64_t URGENT_NS = UINT64_C(30000000000);

struct deliveries {
    const worker_settings *settings;
    ol_str worker_id;
    ol_signer *signer;
    const _Atomic bool *draining;
    size_t args_bytes_max;
    char journal[JOURNAL_PATH_BYTES];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    delivery *waiting[DELIVERIES_WAITING_MAX];
    size_t count;
    bool closing;
    pthread_t *thread;
    size_t threads;
};

/* ---- order ---- */

static uint64_t wall_ns(void)
{
    return (uint64_t)ol_wall_ms(ol_clock_real()) * 1000000;
}

bool delivery_goes_before(const delivery *a, const delivery *b, uint64_t now_ns)
{
    bool a_urgent = a->deadline_ns < now_ns + URGENT_NS;
    bool b_urgent = b->deadline_ns < now_ns + URGENT_NS;
    if (a_urgent != b_urgent)
        return a_urgent;
    if (a_urgent && a->deadline_ns != b->deadline_ns)
        return a->deadline_ns < b->deadline_ns;
    if (a->payment != b->payment)
        return a->payment > b->payment;
    return a->request_id < b->request_id;
}

/* Under the lock. */
static delivery *take_first(deliveries *d)
{
    size_t first = 0;
    uint64_t now_ns = wall_ns();
    for (size_t i = 1; i < d->count; i++) {
        if (delivery_goes_before(d->waiting[i], d->waiting[first], now_ns))
            first = i;
    }
    delivery *one = d->waiting[first];
    d->waiting[first] = d->waiting[--d->count];
    return one;
}

/* ---- threads ---- */

static void *thread_run(void *context)
{
    deliveries *d = context;
    const delivery_tools tools = {
        .settings = d->settings,
        .signer = d->signer,
        .node = node_open(d->settings),
        .coordinator = coordinator_open(d->settings, d->worker_id),
        .journal = d->journal,
        .args_bytes_max = d->args_bytes_max,
        .draining = d->draining,
    };
    OL_ASSERT(tools.node != NULL && tools.coordinator != NULL);
    (void)pthread_mutex_lock(&d->lock);
    for (;;) {
        while (d->count == 0 && !d->closing)
            (void)pthread_cond_wait(&d->changed, &d->lock);
        if (d->count == 0)
            break;
        delivery *one = take_first(d);
        (void)pthread_cond_broadcast(&d->changed);
        (void)pthread_mutex_unlock(&d->lock);
        delivery_perform(one, &tools);
        delivery_free(one);
        (void)pthread_mutex_lock(&d->lock);
    }
    (void)pthread_mutex_unlock(&d->lock);
    coordinator_close(tools.coordinator);
    node_close(tools.node);
    return NULL;
}

static ol_rc put(deliveries *d, delivery *one, ol_err *err)
{
    ol_rc rc = OL_OK;
    (void)pthread_mutex_lock(&d->lock);
    while (d->count == DELIVERIES_WAITING_MAX && !d->closing)
        (void)pthread_cond_wait(&d->changed, &d->lock);
    if (d->closing)
        rc = ol_fail(err, OL_ERR_UNAVAILABLE, "deliveries are closed");
    else
        d->waiting[d->count++] = one;
    (void)pthread_cond_broadcast(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
    return rc;
}

/* ---- handing in ---- */

static bool copy_report(ol_arena *arena, const ol_job_report *from, ol_job_report *to)
{
    *to = *from;
    ol_str *const texts[] = {
        &to->output_json,      &to->error,  &to->wasm_checksum,   &to->compile_result,
        &to->attestation_json, &to->engine, &to->metering_profile};
    OL_EACH (text, texts) {
        if ((*text)->data != NULL && !ol_arena_copy(arena, **text, *text))
            return false;
    }
    return !from->has_call;
}

static delivery *delivery_new(void)
{
    delivery *one = calloc(1, sizeof *one);
    if (one == NULL)
        return NULL;
    one->arena = ol_arena_new(DELIVERY_BYTES_MAX);
    one->hold = JOURNAL_HOLD_NONE;
    return one;
}

void delivery_free(delivery *one)
{
    if (one == NULL)
        return;
    ol_fd_deinit(&one->hold.file); /* the entry stays unless it was dropped */
    ol_buf_deinit(&one->tx.bytes);
    ol_arena_deinit(&one->arena);
    free(one);
}

static bool fill(delivery *one, const delivery_order *order)
{
    const ol_task *task = order->task;
    answer copy = *order->answer;
    uint64_t created_ns =
        task->context.block_timestamp.has ? task->context.block_timestamp.value : wall_ns();
    one->request_id = task->request_id;
    one->height_min = task->context.block_height.has ? task->context.block_height.value : 0;
    one->payment = task->near_payment_yocto.has ? task->near_payment_yocto.value : 0;
    if (!ol_u64_add(created_ns, (uint64_t)YIELD_SECONDS_NOMINAL * 1000000000, &one->deadline_ns))
        one->deadline_ns = UINT64_MAX;
    ol_str *const texts[] = {&copy.output_json, &copy.error, &copy.note};
    OL_EACH (text, texts) {
        if ((*text)->data != NULL && !ol_arena_copy(&one->arena, **text, *text))
            return false;
    }
    one->answer = copy;
    return ol_arena_copy(&one->arena, task->data_id, &one->data_id) &&
           copy_report(&one->arena, order->report, &one->report);
}

ol_rc deliveries_put(deliveries *d, const delivery_order *order, ol_err *err)
{
    delivery *one = delivery_new();
    if (one == NULL || !fill(one, order)) {
        delivery_free(one);
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    }
    ol_rc rc = put(d, one, err);
    if (rc != OL_OK)
        delivery_free(one);
    return rc;
}

/* An entry of a worker that is gone: its transaction is known, its answer is not needed any more.
 */
static void take_over(void *context, const journal_entry *entry, journal_hold hold)
{
    deliveries *d = context;
    ol_err err;
    delivery *one = delivery_new();
    bool fine = one != NULL && ol_arena_copy(&one->arena, entry->data_id, &one->data_id) &&
                copy_report(&one->arena, &entry->report, &one->report) &&
                entry->hash.len < sizeof one->tx.hash_text;
    if (!fine) {
        ol_fd_deinit(&hold.file);
        delivery_free(one);
        return;
    }
    one->request_id = entry->request_id;
    one->hold = hold;
    one->sent_before = true;
    memcpy(one->tx.hash_text, entry->hash.data, entry->hash.len);
    one->tx.bytes = ol_buf_new(entry->transaction.len + 1);
    ol_buf_add(&one->tx.bytes, entry->transaction);
    OL_LOG(OL_INFO, "delivery_found_again", KV("request_id", one->request_id),
           KV("job_id", (long)one->report.job_id), KV("transaction", one->tx.hash_text));
    if (put(d, one, &err) != OL_OK)
        delivery_free(one);
}

/* ---- life ---- */

/* A node that does not answer now may answer later, and the limit hardly changes. */
static size_t read_limit(const worker_settings *settings)
{
    uint64_t bytes = OL_TRANSACTION_BYTES_MAX;
    ol_err err;
    node *n = node_open(settings);
    if (n == NULL || ol_rpc_transaction_bytes_max(node_rpc(n), &bytes, &err) != OL_OK ||
        bytes > OL_MIB(64) || bytes < 2 * ANSWER_SLACK_BYTES) {
        OL_LOG(OL_WARN, "transaction_limit_assumed", KV("bytes", OL_TRANSACTION_BYTES_MAX));
        bytes = OL_TRANSACTION_BYTES_MAX;
    }
    node_close(n);
    return (size_t)bytes - ANSWER_SLACK_BYTES;
}

ol_rc deliveries_open(const worker_settings *settings, ol_str worker_id, ol_signer *signer,
                      const _Atomic bool *draining, deliveries **ret, ol_err *err)
{
    deliveries *d = calloc(1, sizeof *d);
    if (d == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    d->settings = settings;
    d->worker_id = worker_id;
    d->signer = signer;
    d->draining = draining;
    (void)pthread_mutex_init(&d->lock, NULL);
    (void)pthread_cond_init(&d->changed, NULL);
    d->thread = calloc((size_t)settings->deliveries, sizeof *d->thread);
    ol_rc rc = d->thread == NULL ? ol_fail(err, OL_ERR_NO_MEMORY, "out of memory")
                                 : journal_open(settings->cache_dir, d->journal, err);
    if (rc == OL_OK)
        d->args_bytes_max = read_limit(settings);
    while (rc == OL_OK && d->threads < settings->deliveries) {
        rc = worker_thread(&d->thread[d->threads], thread_run, d, err);
        d->threads += rc == OL_OK ? 1 : 0;
    }
    if (rc != OL_OK) {
        deliveries_close(d);
        return rc;
    }
    journal_recover(d->journal, take_over, d);
    *ret = d;
    return OL_OK;
}

void deliveries_close(deliveries *d)
{
    if (d == NULL)
        return;
    (void)pthread_mutex_lock(&d->lock);
    d->closing = true;
    (void)pthread_cond_broadcast(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
    for (size_t i = 0; i < d->threads; i++)
        (void)pthread_join(d->thread[i], NULL);
    for (size_t i = 0; i < d->count; i++)
        delivery_free(d->waiting[i]);
    (void)pthread_cond_destroy(&d->changed);
    (void)pthread_mutex_destroy(&d->lock);
    free(d->thread);
    free(d);
}
