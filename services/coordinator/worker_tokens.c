/* Worker tokens: only their hashes are stored (Coordinator 1). */
#include <stdlib.h>

#include "services/coordinator/domain_state.h"
#include "services/coordinator/touch.h"
#include "services/coordinator/workers.h"

enum { TOKEN_TOUCH_MS = 60 * 1000 };

static ol_rc find(ol_db *db, const ol_sha256 *hash, ol_arena *arena, worker_token *ret,
                  int64_t *ret_used_ms, ol_err *err)
{
    ol_rows rows;
    worker_token it = {0};
    OL_TRY(ol_db_query(db, OL_SQL_TOKEN_FIND, &rows, err, OL_ARG("hash", ol_sha256_bytes(hash))));
    bool found = ol_rows_next(&rows);
    if (found) {
        it.id = ol_col_i64(&rows);
        it.name = ol_col_text_copy(&rows, arena);
        *ret_used_ms = ol_col_i64(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (!found)
        return ol_fail(err, OL_ERR_UNAUTHORIZED, "Unknown worker token");
    *ret = it;
    return OL_OK;
}

ol_rc worker_token_find(domain *d, const ol_sha256 *token_hash, ol_arena *arena, worker_token *ret,
                        ol_err *err)
{
    int64_t used_ms = 0;
    ol_rc rc;
    READING(d, db, rc, find(db, token_hash, arena, ret, &used_ms, err));
    if (rc == OL_OK && now_ms(d) - used_ms >= TOKEN_TOUCH_MS)
        touch(d, OL_SQL_TOKEN_USED, "id", ret->id, (ol_bytes){0});
    return rc;
}

static ol_rc put_run(ol_op *op, ol_db *db)
{
    worker_token_adding *it = (worker_token_adding *)op;
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_TOKEN_PUT, &rows, &op->err,
                       OL_ARG("hash", ol_sha256_bytes(&it->token_hash)), OL_ARG("name", it->name),
                       OL_ARG("active", it->active)));
    while (ol_rows_next(&rows))
        it->id = ol_col_i64(&rows);
    return ol_rows_end(&rows, &op->err);
}

void worker_token_put(domain *d, worker_token_adding *it)
{
    domain_submit(d, &it->op, put_run, true);
}
