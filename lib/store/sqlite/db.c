/* SQLite behind db.h: one file, write-ahead log. Commits are not synced by SQLite
 * (synchronous=NORMAL); ol__db_sync does that when somebody was promised durability. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/sqlite/backend.h"

enum {
    PARAMS_MAX = 48,
    U128_BYTES = 16,
    BUSY_MS = 5000,          /* somebody else holds the file: a backup, a curious operator */
    CHECKPOINT_PAGES = 4000, /* 16 MiB of log before it is folded back */
};

typedef struct statement {
    sqlite3_stmt *handle; /* NULL: not prepared yet */
    int params;
    const char *param[PARAMS_MAX]; /* names without the colon; owned by SQLite */
} statement;

struct ol_db {
    sqlite3 *handle;
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    sqlite3_stmt *savepoint;
    sqlite3_stmt *release;
    sqlite3_stmt *undo;
    statement statement[OL_SQL_COUNT];
};

static ol_rc fail(const ol_db *db, const char *what, ol_err *err)
{
    (void)ol_fail(err, OL_ERR_STORAGE, "Storage unavailable");
    return ol_note(err, "%s: %s", what, sqlite3_errmsg(db->handle));
}

static ol_rc prepare(ol_db *db, const char *text, sqlite3_stmt **ret, ol_err *err)
{
    if (sqlite3_prepare_v3(db->handle, text, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) != SQLITE_OK)
        return fail(db, "prepare", err);
    return OL_OK;
}

static ol_rc statement_prepare(ol_db *db, ol_sql sql, ol_err *err)
{
    statement *s = &db->statement[sql];
    OL_TRY_NOTE(err, prepare(db, ol__sqlite_texts[sql], &s->handle, err), "statement %s",
                ol_sql_name(sql));
    s->params = sqlite3_bind_parameter_count(s->handle);
    OL_ASSERT(s->params <= PARAMS_MAX);
    for (int i = 0; i < s->params; i++)
        s->param[i] = sqlite3_bind_parameter_name(s->handle, i + 1) + 1;
    return OL_OK;
}

ol_rc ol__db_script(ol_db *db, const char *script, ol_err *err)
{
    if (sqlite3_exec(db->handle, script, NULL, NULL, NULL) != SQLITE_OK)
        return fail(db, "script", err);
    return OL_OK;
}

static ol_rc open_settings(ol_db *db, ol__db_mode mode, ol_err *err)
{
    char script[256];
    (void)sqlite3_busy_timeout(db->handle, BUSY_MS);
    (void)snprintf(script, sizeof script,
                   "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
                   "PRAGMA wal_autocheckpoint=%d; PRAGMA cache_size=-%d;",
                   CHECKPOINT_PAGES, mode == OL__DB_WRITER ? 8192 : 512);
    return ol__db_script(db, script, err);
}

static ol_rc open_writer(ol_db *db, ol_err *err)
{
    OL_TRY(prepare(db, "BEGIN IMMEDIATE", &db->begin, err));
    OL_TRY(prepare(db, "COMMIT", &db->commit, err));
    OL_TRY(prepare(db, "SAVEPOINT op", &db->savepoint, err));
    OL_TRY(prepare(db, "RELEASE op", &db->release, err));
    OL_TRY(prepare(db, "ROLLBACK TO op", &db->undo, err));
    OL_TRY(ol__db_migrate(db, err));
    for (int sql = 0; sql < OL_SQL_COUNT; sql++)
        OL_TRY(statement_prepare(db, (ol_sql)sql, err));
    return OL_OK;
}

ol_rc ol__db_open(const char *path, const char *vfs, ol__db_mode mode, ol_db **ret, ol_err *err)
{
    ol_db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                (mode == OL__DB_WRITER ? SQLITE_OPEN_CREATE : 0);
    ol_rc rc = OL_OK;
    if (sqlite3_open_v2(path, &db->handle, flags, vfs) != SQLITE_OK)
        rc = db->handle != NULL ? fail(db, "open", err)
                                : ol_fail(err, OL_ERR_NO_MEMORY, "Out of memory");
    if (rc == OL_OK)
        rc = open_settings(db, mode, err);
    if (rc == OL_OK && mode == OL__DB_WRITER)
        rc = open_writer(db, err);
    if (rc != OL_OK) {
        ol__db_close(db);
        return ol_note(err, "database %s", path);
    }
    *ret = db;
    return OL_OK;
}

void ol__db_close(ol_db *db)
{
    if (db == NULL)
        return;
    for (int sql = 0; sql < OL_SQL_COUNT; sql++)
        (void)sqlite3_finalize(db->statement[sql].handle);
    (void)sqlite3_finalize(db->begin);
    (void)sqlite3_finalize(db->commit);
    (void)sqlite3_finalize(db->savepoint);
    (void)sqlite3_finalize(db->release);
    (void)sqlite3_finalize(db->undo);
    (void)sqlite3_close(db->handle);
    free(db);
}

/* ---- Transactions. */

static ol_rc step_plain(ol_db *db, sqlite3_stmt *handle, const char *what, ol_err *err)
{
    int rc = sqlite3_step(handle);
    ol_rc result = rc == SQLITE_DONE ? OL_OK : fail(db, what, err);
    (void)sqlite3_reset(handle);
    return result;
}

ol_rc ol__db_begin(ol_db *db, ol_err *err)
{
    return step_plain(db, db->begin, "begin", err);
}

ol_rc ol__db_commit(ol_db *db, ol_err *err)
{
    return step_plain(db, db->commit, "commit", err);
}

void ol__db_rollback(ol_db *db)
{
    if (ol__db_in_transaction(db))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool ol__db_in_transaction(const ol_db *db)
{
    return sqlite3_get_autocommit(db->handle) == 0;
}

ol_rc ol__db_savepoint(ol_db *db, ol_err *err)
{
    return step_plain(db, db->savepoint, "savepoint", err);
}

ol_rc ol__db_savepoint_release(ol_db *db, ol_err *err)
{
    return step_plain(db, db->release, "release", err);
}

ol_rc ol__db_savepoint_undo(ol_db *db, ol_err *err)
{
    OL_TRY(step_plain(db, db->undo, "undo", err));
    return step_plain(db, db->release, "release", err);
}

uint64_t ol__db_changes(const ol_db *db)
{
    return (uint64_t)sqlite3_total_changes64(db->handle);
}

ol_rc ol__db_sync(ol_db *db, ol_err *err)
{
    /* In WAL mode a commit is durable once the log's frames are; syncing the log file makes this
     * and every earlier commit so. SQLITE_FCNTL_JOURNAL_POINTER names that file. */
    sqlite3_file *log = NULL;
    if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log) !=
            SQLITE_OK ||
        log == NULL || log->pMethods == NULL)
        return fail(db, "find the log", err);
    if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) != SQLITE_OK)
        return ol_fail(err, OL_ERR_STORAGE, "Storage unavailable");
    return OL_OK;
}

ol_rc ol__db_version(ol_db *db, int *ret, ol_err *err)
{
    sqlite3_stmt *handle = NULL;
    OL_TRY(prepare(db, "PRAGMA user_version", &handle, err));
    ol_rc rc = OL_OK;
    if (sqlite3_step(handle) == SQLITE_ROW)
        *ret = sqlite3_column_int(handle, 0);
    else
        rc = fail(db, "schema version", err);
    (void)sqlite3_finalize(handle);
    return rc;
}

ol_rc ol__db_version_set(ol_db *db, int version, ol_err *err)
{
    char script[64];
    (void)snprintf(script, sizeof script, "PRAGMA user_version=%d", version);
    return ol__db_script(db, script, err);
}

/* ---- Statements. */

static void u128_encode(ol_u128 value, uint8_t bytes[U128_BYTES])
{
    for (int i = U128_BYTES - 1; i >= 0; i--) {
        bytes[i] = (uint8_t)value;
        value >>= 8;
    }
}

static int bind_one(sqlite3_stmt *handle, int at, const ol_arg *arg)
{
    uint8_t number[U128_BYTES];
    switch (arg->kind) {
    case OL_ARG_NULL:
        return sqlite3_bind_null(handle, at);
    case OL_ARG_I64:
        return sqlite3_bind_int64(handle, at, arg->i);
    case OL_ARG_TEXT:
        return sqlite3_bind_text64(handle, at, arg->text.data, arg->text.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case OL_ARG_BLOB:
        return sqlite3_bind_blob64(handle, at, arg->blob.data, arg->blob.len, SQLITE_STATIC);
    case OL_ARG_TOO_LARGE:
        return SQLITE_RANGE;
    case OL_ARG_U128:
        u128_encode(arg->u, number);
        return sqlite3_bind_blob64(handle, at, number, sizeof number, SQLITE_TRANSIENT);
    }
    OL_UNREACHABLE();
}

/* Where a parameter of that name is; callers mostly name them in order. */
static int param_find(const statement *s, size_t guess, const char *name)
{
    if (guess < (size_t)s->params && strcmp(s->param[guess], name) == 0)
        return (int)guess + 1;
    for (int i = 0; i < s->params; i++)
        if (strcmp(s->param[i], name) == 0)
            return i + 1;
    OL_UNREACHABLE(); /* the statement has no such parameter */
}

static ol_rc statement_begin(ol_db *db, ol_sql sql, ol_args args, sqlite3_stmt **ret, ol_err *err)
{
    statement *s = &db->statement[sql];
    if (s->handle == NULL)
        OL_TRY(statement_prepare(db, sql, err));
    OL_ASSERT(args.count == (size_t)s->params);
    OL_ASSERT(sqlite3_stmt_busy(s->handle) == 0);
    for (size_t i = 0; i < args.count; i++) {
        int rc = bind_one(s->handle, param_find(s, i, args.arg[i].name), &args.arg[i]);
        if (rc == SQLITE_RANGE)
            return ol_fail(err, OL_ERR_RANGE, "Number out of range: %s", args.arg[i].name);
        if (rc != SQLITE_OK)
            return fail(db, ol_sql_name(sql), err);
    }
    *ret = s->handle;
    return OL_OK;
}

ol_rc ol_db_run_args(ol_db *db, ol_sql sql, uint64_t *ret_rows, ol_args args, ol_err *err)
{
    sqlite3_stmt *handle;
    OL_TRY(statement_begin(db, sql, args, &handle, err));
    OL_TRY(step_plain(db, handle, ol_sql_name(sql), err));
    if (ret_rows != NULL)
        *ret_rows = (uint64_t)sqlite3_changes64(db->handle);
    return OL_OK;
}

int64_t ol_db_last_id(const ol_db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

ol_rc ol_db_query_args(ol_db *db, ol_sql sql, ol_args args, ol_rows *ret, ol_err *err)
{
    sqlite3_stmt *handle;
    OL_TRY(statement_begin(db, sql, args, &handle, err));
    *ret = (ol_rows){.db = db, .sql = sql};
    return OL_OK;
}

static sqlite3_stmt *handle_of(const ol_rows *rows)
{
    return rows->db->statement[rows->sql].handle;
}

bool ol_rows_next(ol_rows *rows)
{
    if (rows->ended)
        return false;
    rows->column = 0;
    int rc = sqlite3_step(handle_of(rows));
    if (rc == SQLITE_ROW)
        return true;
    rows->ended = true;
    if (rc != SQLITE_DONE)
        rows->rc = OL_ERR_STORAGE;
    return false;
}

ol_rc ol_rows_end(ol_rows *rows, ol_err *err)
{
    ol_rc rc = OL_OK;
    if (rows->rc != OL_OK)
        rc = fail(rows->db, ol_sql_name(rows->sql), err);
    else if (rows->bad)
        rc = ol_fail(err, OL_ERR_STORAGE, "Storage unavailable");
    if (rows->bad)
        (void)ol_note(err, "%s: a column of another form", ol_sql_name(rows->sql));
    (void)sqlite3_reset(handle_of(rows));
    return rc;
}

/* ---- Columns. */

static int column_take(ol_rows *rows)
{
    OL_ASSERT(rows->column < sqlite3_column_count(handle_of(rows)));
    return rows->column++;
}

bool ol_col_is_null(ol_rows *rows)
{
    return sqlite3_column_type(handle_of(rows), rows->column) == SQLITE_NULL;
}

int64_t ol_col_i64(ol_rows *rows)
{
    return sqlite3_column_int64(handle_of(rows), column_take(rows));
}

uint64_t ol_col_u64(ol_rows *rows)
{
    int64_t value = ol_col_i64(rows);
    rows->bad |= value < 0;
    return value < 0 ? 0 : (uint64_t)value;
}

bool ol_col_bool(ol_rows *rows)
{
    return ol_col_i64(rows) != 0;
}

ol_str ol_col_text(ol_rows *rows)
{
    sqlite3_stmt *handle = handle_of(rows);
    int column = column_take(rows);
    if (sqlite3_column_type(handle, column) == SQLITE_NULL)
        return (ol_str){0};
    const char *data = (const char *)sqlite3_column_text(handle, column);
    rows->bad |= data == NULL; /* no memory */
    return (ol_str){data, data == NULL ? 0 : (size_t)sqlite3_column_bytes(handle, column)};
}

ol_str ol_col_text_copy(ol_rows *rows, ol_arena *arena)
{
    ol_str view = ol_col_text(rows);
    ol_str copy = {0};
    if (view.data != NULL && !ol_arena_copy(arena, view, &copy))
        rows->bad = true;
    return copy;
}

ol_bytes ol_col_blob(ol_rows *rows)
{
    sqlite3_stmt *handle = handle_of(rows);
    int column = column_take(rows);
    const uint8_t *data = sqlite3_column_blob(handle, column);
    return (ol_bytes){data, (size_t)sqlite3_column_bytes(handle, column)};
}

bool ol_col_blob_fixed(ol_rows *rows, void *ret, size_t bytes)
{
    bool null = ol_col_is_null(rows);
    ol_bytes blob = ol_col_blob(rows);
    if (null)
        return false;
    if (blob.len != bytes) {
        rows->bad = true;
        return false;
    }
    memcpy(ret, blob.data, bytes);
    return true;
}

ol_opt_u128 ol_col_opt_u128(ol_rows *rows)
{
    uint8_t bytes[U128_BYTES] = {0};
    ol_opt_u128 it = {.has = ol_col_blob_fixed(rows, bytes, sizeof bytes)};
    for (size_t i = 0; i < sizeof bytes; i++)
        it.value = it.value << 8 | bytes[i];
    return it;
}

ol_u128 ol_col_u128(ol_rows *rows)
{
    ol_opt_u128 it = ol_col_opt_u128(rows);
    rows->bad |= !it.has;
    return it.value;
}

ol_usd ol_col_usd(ol_rows *rows)
{
    return (ol_usd){ol_col_u128(rows)};
}

ol_yocto ol_col_yocto(ol_rows *rows)
{
    return (ol_yocto){ol_col_u128(rows)};
}

ol_opt_u64 ol_col_opt_u64(ol_rows *rows)
{
    ol_opt_u64 it = {.has = !ol_col_is_null(rows)};
    it.value = ol_col_u64(rows);
    return it;
}
