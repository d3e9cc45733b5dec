/* Project UUIDs, branches and the prices (Coordinator 8). */
#include "services/coordinator/projects.h"

#include "services/coordinator/domain_state.h"

enum {
    PRICING_ARENA_BYTES = 16 * 1024,
    BRANCH_MS = 7 * 24 * 3600 * 1000, /* Coordinator 8 */
};

/* ---- UUIDs. */

static ol_rc find(ol_db *db, ol_str project_id, ol_arena *arena, ol_str *ret_uuid, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_PROJECT_FIND, &rows, err, OL_ARG("project_id", project_id)));
    ol_str uuid = ol_rows_next(&rows) ? ol_col_text_copy(&rows, arena) : (ol_str){0};
    OL_TRY(ol_rows_end(&rows, err));
    if (uuid.data == NULL)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Project not found: %.*s", OL_FMT(project_id));
    *ret_uuid = uuid;
    return OL_OK;
}

ol_rc project_find(domain *d, ol_str project_id, ol_arena *arena, project_row *ret, ol_err *err)
{
    project_row it = {.project_id = project_id};
    ol_rc rc;
    READING(d, db, rc, find(db, project_id, arena, &it.uuid, err));
    if (rc == OL_OK)
        *ret = it;
    return rc;
}

static ol_rc put_run(ol_op *op, ol_db *db)
{
    const project_put *it = (const project_put *)op;
    if (it->uuid.data == NULL)
        return ol_db_run(db, OL_SQL_PROJECT_FORGET, &op->err, OL_ARG("project_id", it->project_id));
    return ol_db_run(db, OL_SQL_PROJECT_PUT, &op->err, OL_ARG("project_id", it->project_id),
                     OL_ARG("uuid", it->uuid));
}

void project_remember(domain *d, project_put *it)
{
    domain_submit(d, &it->op, put_run, false);
}

/* ---- Branches. */

static ol_rc find_branch(ol_db *db, ol_str repo, ol_str commit, int64_t since_ms, ol_arena *arena,
                         ol_str *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_BRANCH_FIND, &rows, err, OL_ARG("repo", repo),
                       OL_ARG("commit", commit), OL_ARG("since", since_ms)));
    ol_str branch = ol_rows_next(&rows) ? ol_col_text_copy(&rows, arena) : (ol_str){0};
    OL_TRY(ol_rows_end(&rows, err));
    if (branch.data == NULL)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Branch not known");
    *ret = branch;
    return OL_OK;
}

ol_rc branch_find(domain *d, ol_str repo, ol_str commit, ol_arena *arena, ol_str *ret, ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, find_branch(db, repo, commit, now_ms(d) - BRANCH_MS, arena, ret, err));
    return rc;
}

static ol_rc branch_run(ol_op *op, ol_db *db)
{
    const branch_put *it = (const branch_put *)op;
    domain *d = op->owner;
    OL_TRY(ol_db_run(db, OL_SQL_BRANCHES_FORGET, &op->err, OL_ARG("since", now_ms(d) - BRANCH_MS)));
    return ol_db_run(db, OL_SQL_BRANCH_PUT, &op->err, OL_ARG("repo", it->repo),
                     OL_ARG("commit", it->commit), OL_ARG("branch", it->branch),
                     OL_ARG("now", now_ms(d)));
}

void branch_remember(domain *d, branch_put *it)
{
    domain_submit(d, &it->op, branch_run, false);
}

/* ---- Prices. The writer reads them for every call, so they stand in memory too. */

ol_pricing pricing_now(domain *d)
{
    (void)pthread_mutex_lock(&d->pricing_lock);
    ol_pricing pricing = d->pricing;
    (void)pthread_mutex_unlock(&d->pricing_lock);
    return pricing;
}

int64_t pricing_read_ms(domain *d)
{
    (void)pthread_mutex_lock(&d->pricing_lock);
    int64_t read_ms = d->pricing_read_ms;
    (void)pthread_mutex_unlock(&d->pricing_lock);
    return read_ms;
}

static void pricing_set(domain *d, const ol_pricing *pricing, int64_t read_ms)
{
    (void)pthread_mutex_lock(&d->pricing_lock);
    d->pricing = *pricing;
    d->pricing_read_ms = read_ms;
    (void)pthread_mutex_unlock(&d->pricing_lock);
}

static ol_rc stored_pricing(ol_db *db, ol_arena *arena, ol_pricing *ret, int64_t *ret_ms,
                            ol_err *err)
{
    ol_rows rows;
    ol_json json;
    OL_TRY(ol_db_query(db, OL_SQL_PRICING_FIND, &rows, err));
    ol_str text = ol_rows_next(&rows) ? ol_col_text_copy(&rows, arena) : (ol_str){0};
    if (text.data != NULL)
        *ret_ms = ol_col_i64(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    if (text.data == NULL)
        return OL_OK;
    OL_TRY(ol_json_parse(text, &json, err));
    return ol_pricing_decode(&json, ret, err);
}

ol_rc pricing_load(domain *d, ol_err *err)
{
    ol_arena arena = ol_arena_new(PRICING_ARENA_BYTES);
    ol_pricing pricing = ol_pricing_fallback();
    int64_t read_ms = 0;
    ol_rc rc;
    READING(d, db, rc, stored_pricing(db, &arena, &pricing, &read_ms, err));
    ol_arena_deinit(&arena);
    if (rc == OL_OK)
        pricing_set(d, &pricing, read_ms);
    return rc;
}

static ol_rc pricing_run(ol_op *op, ol_db *db)
{
    const pricing_refresh *it = (const pricing_refresh *)op;
    domain *d = op->owner;
    uint8_t storage[2048];
    ol_buf json = ol_buf_over(storage, sizeof storage);
    ol_json_writer writer = ol_json_writer_over(&json);
    ol_pricing_encode(&it->pricing, &writer);
    OL_ASSERT(ol_buf_ok(&json));
    OL_TRY(ol_db_run(db, OL_SQL_PRICING_PUT, &op->err, OL_ARG("json", ol_buf_str(&json)),
                     OL_ARG("now", now_ms(d))));
    pricing_set(d, &it->pricing, now_ms(d));
    return OL_OK;
}

void pricing_put(domain *d, pricing_refresh *it)
{
    domain_submit(d, &it->op, pricing_run, true);
}
