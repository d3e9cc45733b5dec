/* Eviction (Coordinator 5): size, disk and age decide; what a live request needs stays. */
#include "services/coordinator/wasm_evict.h"

#include <string.h>

#include "services/coordinator/domain_state.h"

enum {
    FETCHED_MINUTES = 10,
    IDLE_DAYS_FEW = 30,  /* fewer than EXECUTIONS_FEW */
    IDLE_DAYS_SOME = 90, /* up to EXECUTIONS_MANY; beyond, never by age */
    EXECUTIONS_FEW = 10,
    EXECUTIONS_MANY = 100,
    DISK_PERCENT_STANDARD = 80,
    CANDIDATES_MAX = 64, /* of one transaction */
    ROUNDS_MAX = 1000,
};

typedef struct candidate {
    char checksum[OL_SHA256_HEX_DIGITS];
    ol_sha256 content;
    uint64_t bytes;
    int64_t last_used_ms;
    uint64_t executions;
} candidate;

typedef struct eviction {
    ol_op op;
    uint64_t removed; /* out */
} eviction;

ol_rc wasm_drop(domain *d, ol_db *db, ol_str checksum, const ol_sha256 *content, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_run(db, OL_SQL_WASM_DELETE, err, OL_ARG("checksum", checksum),
                     OL_ARG("content", ol_sha256_bytes(content))));
    OL_TRY(ol_db_query(db, OL_SQL_WASM_CONTENT_USED, &rows, err,
                       OL_ARG("content", ol_sha256_bytes(content))));
    bool used = ol_rows_next(&rows) && ol_col_bool(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    return used ? OL_OK : ol_blob_remove(&d->blobs, content, err);
}

static ol_rc total_bytes(ol_db *db, uint64_t *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_WASM_TOTAL, &rows, err));
    if (ol_rows_next(&rows)) {
        (void)ol_col_u64(&rows);
        *ret = ol_col_u64(&rows);
    }
    return ol_rows_end(&rows, err);
}

static ol_rc candidates_find(domain *d, ol_db *db, candidate *list, size_t *ret_count, ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    int64_t unused_since = now_ms(d) - (int64_t)FETCHED_MINUTES * 60 * SECOND_MS;
    OL_TRY(ol_db_query(db, OL_SQL_WASM_CANDIDATES, &rows, err, OL_ARG("unused_since", unused_since),
                       OL_ARG("limit", (int)CANDIDATES_MAX)));
    for (; count < CANDIDATES_MAX && ol_rows_next(&rows); count++) {
        ol_str checksum = ol_col_text(&rows);
        rows.bad |= checksum.len != sizeof list[count].checksum;
        if (!rows.bad)
            memcpy(list[count].checksum, checksum.data, checksum.len);
        (void)ol_col_blob_fixed(&rows, list[count].content.bytes, OL_SHA256_BYTES);
        list[count].bytes = ol_col_u64(&rows);
        list[count].last_used_ms = ol_col_i64(&rows);
        list[count].executions = ol_col_u64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret_count = count;
    return OL_OK;
}

static bool too_old(const candidate *it, int64_t now)
{
    int64_t idle_days = (now - it->last_used_ms) / (INT64_C(86400) * SECOND_MS);
    if (it->executions < EXECUTIONS_FEW)
        return idle_days >= IDLE_DAYS_FEW;
    return it->executions <= EXECUTIONS_MANY && idle_days >= IDLE_DAYS_SOME;
}

/* How many bytes should go, whatever their age. */
static ol_rc excess_bytes(domain *d, ol_db *db, uint64_t *ret, ol_err *err)
{
    uint64_t cached = 0;
    uint64_t free_bytes;
    uint64_t disk;
    OL_TRY(total_bytes(db, &cached, err));
    OL_TRY(ol_blob_dir_space(&d->blobs, &free_bytes, &disk, err));
    uint64_t over_size =
        cached > d->settings.wasm_bytes_max ? cached - d->settings.wasm_bytes_max : 0;
    unsigned percent = d->settings.wasm_disk_percent_max;
    uint64_t disk_max = disk / 100 * (percent != 0 ? percent : DISK_PERCENT_STANDARD);
    uint64_t over_disk = disk - free_bytes > disk_max ? disk - free_bytes - disk_max : 0;
    *ret = over_size > over_disk ? over_size : over_disk;
    return OL_OK;
}

static ol_rc evict_run(ol_op *op, ol_db *db)
{
    eviction *it = (eviction *)op;
    domain *d = op->owner;
    candidate list[CANDIDATES_MAX];
    size_t count;
    uint64_t excess;
    it->removed = 0;
    OL_TRY(excess_bytes(d, db, &excess, &op->err));
    OL_TRY(candidates_find(d, db, list, &count, &op->err));
    for (size_t i = 0; i < count; i++) {
        if (excess == 0 && !too_old(&list[i], now_ms(d)))
            continue;
        const ol_str checksum = {list[i].checksum, sizeof list[i].checksum};
        OL_TRY(wasm_drop(d, db, checksum, &list[i].content, &op->err));
        excess -= list[i].bytes < excess ? list[i].bytes : excess;
        it->removed++;
    }
    return OL_OK;
}

ol_rc wasm_evict(domain *d, ol_err *err)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        eviction it = {0};
        domain_submit(d, &it.op, evict_run, false);
        if (it.op.rc != OL_OK) {
            *err = it.op.err;
            return it.op.rc;
        }
        atomic_fetch_add(&d->evicted, it.removed);
        if (it.removed == 0)
            break;
    }
    return OL_OK;
}
