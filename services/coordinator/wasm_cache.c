/* The cache of built code (Coordinator 5). */
#include "services/coordinator/wasm_cache.h"

#include <string.h>

#include "services/coordinator/domain_state.h"
#include "services/coordinator/jobs.h"
#include "services/coordinator/touch.h"
#include "services/coordinator/wasm_evict.h"

enum { WASM_TOUCH_MS = 60 * 1000, WASM_ARENA_BYTES = 64 * 1024 };

/* Clients use the checksum as an opaque key; lower-case digits only, so that it is one key. */
static bool checksum_ok(ol_str checksum)
{
    if (!ol_checksum_valid(checksum))
        return false;
    for (size_t i = 0; i < checksum.len; i++)
        if (checksum.data[i] >= 'A' && checksum.data[i] <= 'F')
            return false;
    return true;
}

static ol_rc checksum_check(ol_str checksum, ol_err *err)
{
    if (!checksum_ok(checksum))
        return ol_fail(err, OL_ERR_INVALID, "Invalid checksum: must be 64 lower-case hex digits");
    return OL_OK;
}

/* ---- Reading. */

static ol_rc row_find(ol_db *db, ol_str checksum, ol_arena *arena, wasm_entry *ret, ol_err *err)
{
    ol_rows rows;
    wasm_entry it = {0};
    OL_TRY(ol_db_query(db, OL_SQL_WASM_FIND, &rows, err, OL_ARG("checksum", checksum)));
    bool found = ol_rows_next(&rows);
    if (found) {
        it.checksum = ol_col_text_copy(&rows, arena);
        (void)ol_col_blob_fixed(&rows, it.content.bytes, sizeof it.content.bytes);
        it.bytes = ol_col_u64(&rows);
        it.repo_url = ol_col_text_copy(&rows, arena);
        it.commit_hash = ol_col_text_copy(&rows, arena);
        it.build_target = ol_col_text_copy(&rows, arena);
        it.created_ms = ol_col_i64(&rows);
        it.last_used_ms = ol_col_i64(&rows);
        it.executions = ol_col_u64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (!found)
        return ol_fail(err, OL_ERR_NOT_FOUND, "WASM not found");
    *ret = it;
    return OL_OK;
}

ol_rc wasm_find(domain *d, ol_str checksum, ol_arena *arena, wasm_entry *ret, ol_err *err)
{
    wasm_entry it;
    ol_rc rc;
    OL_TRY(checksum_check(checksum, err));
    READING(d, db, rc, row_find(db, checksum, arena, &it, err));
    OL_TRY(rc);
    if (!ol_blob_exists(&d->blobs, &it.content)) /* missing here never deletes a row */
        return ol_fail(err, OL_ERR_NOT_FOUND, "WASM not found");
    *ret = it;
    return OL_OK;
}

ol_rc wasm_present(domain *d, ol_db *db, ol_str checksum, bool *ret, ol_err *err)
{
    ol_arena arena = ol_arena_new(WASM_ARENA_BYTES);
    wasm_entry it;
    ol_rc rc = row_find(db, checksum, &arena, &it, err);
    *ret = rc == OL_OK && ol_blob_exists(&d->blobs, &it.content);
    ol_arena_deinit(&arena);
    return rc == OL_ERR_NOT_FOUND ? OL_OK : rc;
}

ol_rc wasm_load(domain *d, ol_str checksum, ol_buf *into, ol_err *err)
{
    ol_arena arena = ol_arena_new(WASM_ARENA_BYTES);
    wasm_entry it;
    ol_rc rc = wasm_find(d, checksum, &arena, &it, err);
    if (rc == OL_OK)
        rc = ol_blob_load(&d->blobs, &it.content, into, err); /* a mismatch is a miss */
    if (rc == OL_OK && now_ms(d) - it.last_used_ms >= WASM_TOUCH_MS)
        touch_text(d, OL_SQL_WASM_USED, "checksum", checksum);
    ol_arena_deinit(&arena);
    if (rc == OL_ERR_NOT_FOUND)
        return ol_fail(err, rc, "WASM not found");
    return rc;
}

/* ---- Uploading. */

static ol_rc banned_check(ol_db *db, ol_str checksum, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_WASM_BANNED, &rows, err, OL_ARG("checksum", checksum)));
    bool banned = ol_rows_next(&rows) && ol_col_bool(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    return banned ? ol_fail(err, OL_ERR_FORBIDDEN, "This checksum is banned") : OL_OK;
}

static ol_str or_empty(ol_str text)
{
    return text.data != NULL ? text : OL_STR("");
}

static ol_rc put_run(ol_op *op, ol_db *db)
{
    const wasm_upload *it = (const wasm_upload *)op;
    domain *d = op->owner;
    ol_sha256 content;
    OL_TRY(banned_check(db, it->checksum, &op->err));
    if (!ol_blob_exists(&d->blobs, &it->content)) /* evicted between writing and now */
        OL_TRY(ol_blob_put(&d->blobs, it->bytes, &content, &op->err));
    return ol_db_run(db, OL_SQL_WASM_PUT, &op->err, OL_ARG("checksum", it->checksum),
                     OL_ARG("content", ol_sha256_bytes(&it->content)),
                     OL_ARG("bytes", it->bytes.len), OL_ARG("repo_url", or_empty(it->repo_url)),
                     OL_ARG("commit_hash", or_empty(it->commit_hash)),
                     OL_ARG("build_target", or_empty(it->build_target)), OL_ARG("now", now_ms(d)));
}

static ol_rc upload_check(const wasm_upload *it, ol_err *err)
{
    static const uint8_t MAGIC[] = {0, 'a', 's', 'm'};
    ol_sha256 named;
    OL_TRY(checksum_check(it->checksum, err));
    if (it->bytes.len < sizeof MAGIC || memcmp(it->bytes.data, MAGIC, sizeof MAGIC) != 0)
        return ol_fail(err, OL_ERR_INVALID, "Not a WASM file");
    if (it->bytes.len > OL_WASM_URL_BYTES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "WASM file too large: %zu bytes (max %zu)", it->bytes.len,
                       (size_t)OL_WASM_URL_BYTES_MAX);
    OL_TRY(text_check(it->repo_url, OL_REPO_BYTES_MAX, "repo_url", err));
    OL_TRY(text_check(it->commit_hash, OL_GIT_REF_BYTES_MAX, "commit_hash", err));
    OL_TRY(text_check(it->build_target, OL_GIT_REF_BYTES_MAX, "build_target", err));
    if (it->repo_url.len != 0)
        return OL_OK;
    ol_sha256 content = ol_sha256_of(it->bytes);
    if (!ol_sha256_parse(it->checksum, &named) || !ol_sha256_eq(&named, &content))
        return ol_fail(err, OL_ERR_HASH_MISMATCH, "Checksum does not match the file");
    return OL_OK;
}

static ol_rc refuse_run(ol_op *op, ol_db *db)
{
    (void)db;
    return op->err.rc;
}

/* The bytes are durable before the row is queued (Coordinator 14: row implies file). */
void wasm_put(domain *d, wasm_upload *it)
{
    ol_rc rc = upload_check(it, &it->op.err);
    if (rc == OL_OK)
        rc = ol_blob_put(&d->blobs, it->bytes, &it->content, &it->op.err);
    domain_submit(d, &it->op, rc == OL_OK ? put_run : refuse_run, false);
}

/* ---- Removing. */

static ol_rc remove_run(ol_op *op, ol_db *db)
{
    wasm_removal *it = (wasm_removal *)op;
    domain *d = op->owner;
    ol_arena arena = ol_arena_new(WASM_ARENA_BYTES);
    wasm_entry entry;
    it->removed = false;
    if (it->ban)
        OL_TRY(ol_db_run(db, OL_SQL_WASM_BAN, &op->err, OL_ARG("checksum", it->checksum),
                         OL_ARG("now", now_ms(d))));
    ol_rc rc = row_find(db, it->checksum, &arena, &entry, &op->err);
    ol_arena_deinit(&arena);
    if (rc == OL_ERR_NOT_FOUND)
        return OL_OK;
    OL_TRY(rc);
    it->removed = true;
    return wasm_drop(d, db, it->checksum, &entry.content, &op->err);
}

void wasm_remove(domain *d, wasm_removal *it)
{
    it->op.err = (ol_err){0};
    domain_submit(d, &it->op,
                  checksum_check(it->checksum, &it->op.err) == OL_OK ? remove_run : refuse_run,
                  true);
}

/* ---- Figures. */

static ol_rc totals(ol_db *db, wasm_figures *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_WASM_TOTAL, &rows, err));
    if (ol_rows_next(&rows)) {
        ret->entries = ol_col_u64(&rows);
        ret->bytes = ol_col_u64(&rows);
    }
    return ol_rows_end(&rows, err);
}

ol_rc wasm_figures_read(domain *d, wasm_figures *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, totals(db, ret, err));
    ret->evicted = atomic_load(&d->evicted);
    return rc;
}
