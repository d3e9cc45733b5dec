/* Opening the domain, and how operations tell the world what happened. */
#include "services/coordinator/domain.h"

#include <stdlib.h>

#include "services/coordinator/domain_state.h"
#include "services/coordinator/tasks.h"

enum {
    READERS_STANDARD = 4,
    EVENTS_FIRST = 64,
    VISIBILITY_SECONDS = 60,    /* Coordinator 4.3 */
    LEASE_MARGIN_SECONDS = 120, /* Coordinator 4.3 */
    SILENT_SECONDS = 120,       /* Coordinator 4.3 */
    PULSE_SECONDS = 20,         /* Coordinator 4.3 */
    SWEEP_MS = 5000,            /* Coordinator 12: lease, redelivery */
    EVICTION_SECONDS = 3600,    /* Coordinator 12 */
};

int64_t now_ms(const domain *d)
{
    return ol_wall_ms(d->settings.clock);
}

ol_store *domain_store(domain *d)
{
    return d->store;
}

const ol_clock *domain_clock(const domain *d)
{
    return d->settings.clock;
}

void domain_submit(domain *d, ol_op *op, ol_rc (*run)(ol_op *op, ol_db *db), bool durable)
{
    op->run = run;
    op->owner = d;
    op->durable = durable;
    op->rc = OL_OK;
    ol_store_submit(d->store, op);
}

ol_rc guard_failed(const char *what, ol_err *err)
{
    (void)ol_fail(err, OL_ERR_INTERNAL, "Internal error");
    return ol_note(err, "guard of %s", what);
}

ol_rc text_check(ol_str text, size_t bytes_max, const char *name, ol_err *err)
{
    if (text.len > bytes_max)
        return ol_fail(err, OL_ERR_INVALID, "%s too long: %zu bytes (max %zu)", name, text.len,
                       bytes_max);
    return OL_OK;
}

ol_str error_text_cut(ol_str text)
{
    if (text.len <= OL_ERROR_TEXT_BYTES_MAX)
        return text;
    size_t end = OL_ERROR_TEXT_BYTES_MAX;
    while (end > 0 && ((unsigned char)text.data[end] & 0xC0) == 0x80)
        end--; /* not inside a character */
    return (ol_str){text.data, end};
}

/* ---- Events. */

static void record(domain *d, recorded_event event)
{
    if (d->events == d->events_size) {
        size_t size = d->events_size == 0 ? EVENTS_FIRST : 2 * d->events_size;
        recorded_event *grown = realloc(d->event, size * sizeof *grown);
        OL_ASSERT(grown != NULL); /* bounded by one group; without it waiters would never wake */
        d->event = grown;
        d->events_size = size;
    }
    d->event[d->events++] = event;
}

void event_add(domain *d, domain_event_kind kind)
{
    record(d, (recorded_event){.kind = kind});
}

void event_add_call(domain *d, const call_answer *call)
{
    record(d, (recorded_event){.kind = EVENT_CALL_FINISHED, .call = *call});
}

static size_t events_count(void *context)
{
    return ((domain *)context)->events;
}

static void events_cut(void *context, size_t count)
{
    ((domain *)context)->events = count;
}

static void events_deliver(void *context, size_t from, size_t to)
{
    domain *d = context;
    if (d->settings.on_event == NULL)
        return;
    for (size_t i = from; i < to; i++) {
        const recorded_event *it = &d->event[i];
        domain_event event = {
            .kind = it->kind,
            .call = it->kind == EVENT_CALL_FINISHED ? &it->call : NULL,
        };
        d->settings.on_event(d->settings.event_context, &event);
    }
}

/* ---- Opening and closing. */

static uint64_t or_standard(uint64_t value, uint64_t standard)
{
    return value != 0 ? value : standard;
}

static domain_settings with_standards(const domain_settings *given)
{
    domain_settings s = *given;
    s.readers = (unsigned)or_standard(s.readers, READERS_STANDARD);
    s.visibility_seconds = or_standard(s.visibility_seconds, VISIBILITY_SECONDS);
    s.lease_margin_seconds = or_standard(s.lease_margin_seconds, LEASE_MARGIN_SECONDS);
    s.system_lease_seconds = or_standard(s.system_lease_seconds, SYSTEM_TASK_LEASE_SECONDS);
    s.silent_seconds = or_standard(s.silent_seconds, SILENT_SECONDS);
    s.pulse_seconds = or_standard(s.pulse_seconds, PULSE_SECONDS);
    s.sweep_ms = or_standard(s.sweep_ms, SWEEP_MS);
    s.eviction_seconds = or_standard(s.eviction_seconds, EVICTION_SECONDS);
    return s;
}

static ol_rc open_parts(domain *d, ol_err *err)
{
    const ol_store_settings store = {
        .path = d->settings.database_path,
        .readers = d->settings.readers,
        .vfs = d->settings.vfs,
        .events = {events_count, events_cut, events_deliver, d},
    };
    OL_TRY(ol_blob_dir_open(d->settings.wasm_folder, &d->blobs, err));
    OL_TRY(ol_store_open(&store, &d->store, err));
    OL_TRY(pricing_load(d, err));
    return timer_start(d, err);
}

ol_rc domain_open(const domain_settings *settings, domain **ret, ol_err *err)
{
    domain *d = calloc(1, sizeof *d);
    if (d == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    d->settings = with_standards(settings);
    d->blobs.folder = OL_FD_NONE;
    d->listening_ms = now_ms(d);
    d->pricing = ol_pricing_fallback();
    (void)pthread_mutex_init(&d->pricing_lock, NULL);
    ol_rc rc = open_parts(d, err);
    if (rc != OL_OK) {
        domain_close(d);
        return rc;
    }
    *ret = d;
    return OL_OK;
}

void domain_close(domain *d)
{
    if (d == NULL)
        return;
    timer_stop(d);
    ol_store_close(d->store);
    ol_blob_dir_deinit(&d->blobs);
    (void)pthread_mutex_destroy(&d->pricing_lock);
    free(d->event);
    free(d);
}

static ol_rc ping(ol_db *db, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_PING, &rows, err));
    (void)ol_rows_next(&rows);
    return ol_rows_end(&rows, err);
}

ol_rc domain_ping(domain *d, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, ping(db, err));
    return rc;
}
