/* TEE challenges and sessions (Coordinator 7). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/touch.h"
#include "services/coordinator/workers.h"

enum { SESSION_TOUCH_MS = 60 * 1000 };

/* ---- Challenges. */

static ol_rc challenge_run(ol_op *op, ol_db *db)
{
    tee_challenge *it = (tee_challenge *)op;
    domain *d = op->owner;
    ol_random_fill(d->settings.random, it->challenge, sizeof it->challenge);
    return ol_db_run(db, OL_SQL_CHALLENGE_INSERT, &op->err,
                     OL_ARG("challenge", ((ol_bytes){it->challenge, sizeof it->challenge})),
                     OL_ARG("token_id", it->token_id),
                     OL_ARG("expires", now_ms(d) + (int64_t)CHALLENGE_SECONDS * SECOND_MS));
}

void tee_challenge_create(domain *d, tee_challenge *it)
{
    domain_submit(d, &it->op, challenge_run, false);
}

/* Used up even when late: the deletion stands, the answer says why. */
typedef enum challenge_state { CHALLENGE_UNKNOWN, CHALLENGE_LATE, CHALLENGE_GOOD } challenge_state;

static ol_rc challenge_delete(domain *d, ol_db *db, tee_challenge_use *it, challenge_state *ret,
                              ol_err *err)
{
    ol_rows rows;
    *ret = CHALLENGE_UNKNOWN;
    OL_TRY(ol_db_query(db, OL_SQL_CHALLENGE_TAKE, &rows, err,
                       OL_ARG("challenge", ((ol_bytes){it->challenge, sizeof it->challenge})),
                       OL_ARG("token_id", it->token_id)));
    while (ol_rows_next(&rows))
        *ret = ol_col_i64(&rows) > now_ms(d) ? CHALLENGE_GOOD : CHALLENGE_LATE;
    return ol_rows_end(&rows, err);
}

static ol_rc take_run(ol_op *op, ol_db *db)
{
    challenge_state state;
    OL_TRY(challenge_delete(op->owner, db, (tee_challenge_use *)op, &state, &op->err));
    if (state == CHALLENGE_LATE) /* undone, but as late it stays useless until it is purged */
        return ol_fail(&op->err, OL_ERR_INVALID, "Challenge expired");
    if (state == CHALLENGE_UNKNOWN)
        return ol_fail(&op->err, OL_ERR_INVALID, "Invalid or expired challenge");
    return OL_OK;
}

void tee_challenge_take(domain *d, tee_challenge_use *it)
{
    domain_submit(d, &it->op, take_run, false);
}

/* ---- Sessions. */

static ol_bytes uuid_bytes(const ol_uuid *uuid)
{
    return (ol_bytes){uuid->bytes, sizeof uuid->bytes};
}

static ol_rc session_run(ol_op *op, ol_db *db)
{
    tee_session *it = (tee_session *)op;
    domain *d = op->owner;
    OL_TRY(text_check(it->public_key, TEE_KEY_BYTES_MAX, "public_key", &op->err));
    it->session_id = ol_random_uuid(d->settings.random);
    OL_TRY(ol_db_run(db, OL_SQL_SESSION_RETIRE, &op->err, OL_ARG("token_id", it->token_id),
                     OL_ARG("public_key", it->public_key)));
    return ol_db_run(db, OL_SQL_SESSION_INSERT, &op->err,
                     OL_ARG("session_id", uuid_bytes(&it->session_id)),
                     OL_ARG("token_id", it->token_id), OL_ARG("public_key", it->public_key),
                     OL_ARG("now", now_ms(d)));
}

void tee_session_create(domain *d, tee_session *it)
{
    domain_submit(d, &it->op, session_run, true);
}

static ol_rc session_find(domain *d, ol_db *db, int64_t token_id, const ol_uuid *session_id,
                          int64_t *ret_used_ms, ol_err *err)
{
    ol_rows rows;
    int64_t idle_since = now_ms(d) - (int64_t)SESSION_IDLE_HOURS * 3600 * SECOND_MS;
    OL_TRY(ol_db_query(db, OL_SQL_SESSION_FIND, &rows, err,
                       OL_ARG("session_id", uuid_bytes(session_id)), OL_ARG("token_id", token_id),
                       OL_ARG("idle_since", idle_since)));
    bool found = ol_rows_next(&rows);
    if (found)
        *ret_used_ms = ol_col_i64(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    return found ? OL_OK : ol_fail(err, OL_ERR_FORBIDDEN, "TEE session required");
}

ol_rc tee_session_check(domain *d, int64_t token_id, ol_uuid session_id, ol_err *err)
{
    int64_t used_ms = 0;
    ol_rc rc;
    READING(d, db, rc, session_find(d, db, token_id, &session_id, &used_ms, err));
    if (rc == OL_OK && now_ms(d) - used_ms >= SESSION_TOUCH_MS)
        touch(d, OL_SQL_SESSION_USED, "session_id", 0, uuid_bytes(&session_id));
    return rc;
}

static ol_rc sessions(ol_db *db, ol_arena *arena, tee_session_row **ret, size_t *ret_count,
                      ol_err *err)
{
    ol_rows rows;
    size_t count = 0;
    tee_session_row *list = ol_arena_array(arena, LIST_ROWS_MAX, sizeof *list);
    if (list == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    OL_TRY(ol_db_query(db, OL_SQL_SESSIONS_LIST, &rows, err, OL_ARG("limit", (int)LIST_ROWS_MAX)));
    for (; count < LIST_ROWS_MAX && ol_rows_next(&rows); count++) {
        tee_session_row *row = &list[count];
        (void)ol_col_blob_fixed(&rows, row->session_id.bytes, sizeof row->session_id.bytes);
        row->token_id = ol_col_i64(&rows);
        row->public_key = ol_col_text_copy(&rows, arena);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = list;
    *ret_count = count;
    return OL_OK;
}

ol_rc tee_sessions_list(domain *d, ol_arena *arena, tee_session_row **ret, size_t *ret_count,
                        ol_err *err)
{
    ol_rc rc;
    READING(d, db, rc, sessions(db, arena, ret, ret_count, err));
    return rc;
}

static ol_rc session_end_run(ol_op *op, ol_db *db)
{
    tee_session_ending *it = (tee_session_ending *)op;
    uint64_t changed;
    OL_TRY(ol_db_change(db, OL_SQL_SESSION_DELETE, &changed, &op->err,
                        OL_ARG("session_id", uuid_bytes(&it->session_id))));
    it->ended = changed != 0;
    return OL_OK;
}

void tee_session_end(domain *d, tee_session_ending *it)
{
    domain_submit(d, &it->op, session_end_run, true);
}
