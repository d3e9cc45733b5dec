/* One database connection and its prepared statements: the small interface both backends have.
 *
 * Statements are the named ones of lib/store/sqlite (one file a noun, `-- name: call_insert`); the
 * build turns their names into OL_SQL_CALL_INSERT. Arguments go by name, columns come in order:
 *
 *   OL_TRY(ol_db_run(db, OL_SQL_CALL_CLAIM, err, OL_ARG("id", id), OL_ARG("at", now_ms)));
 *
 *   ol_rows rows;
 *   OL_TRY(ol_db_query(db, OL_SQL_CALL_GET, &rows, err, OL_ARG("call_id", id)));
 *   if (ol_rows_next(&rows))
 *       it->status = (int)ol_col_i64(&rows); …           // next column, then the next
 *   OL_TRY(ol_rows_end(&rows, err));                     // where failure shows
 *
 * A connection belongs to one thread at a time. OL_ERR_STORAGE for whatever the database does. */
#ifndef OL_STORE_DB_H
#define OL_STORE_DB_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/money.h"
#include "lib/proto/task.h"
#include "lib/store/catalogue.h"

typedef struct ol_db ol_db;

typedef enum ol_arg_kind {
    OL_ARG_NULL,
    OL_ARG_I64,
    OL_ARG_TEXT,
    OL_ARG_BLOB,
    OL_ARG_TOO_LARGE, /* running the statement fails with OL_ERR_RANGE */
    OL_ARG_U128, /* 16 bytes, most significant first, so that comparing bytes compares numbers */
} ol_arg_kind;

typedef struct ol_arg {
    const char *name; /* without the colon */
    ol_arg_kind kind;
    union {
        int64_t i;
        ol_str text;
        ol_bytes blob;
        ol_u128 u;
    };
} ol_arg;

ol_arg ol_arg_i64(const char *name, int64_t value);
ol_arg ol_arg_u64(const char *name, uint64_t value); /* 63 bits, else OL_ARG_TOO_LARGE */
ol_arg ol_arg_str(const char *name, ol_str value);   /* NULL data is NULL */
ol_arg ol_arg_bytes(const char *name, ol_bytes value);
ol_arg ol_arg_u128(const char *name, ol_u128 value);
ol_arg ol_arg_usd(const char *name, ol_usd value);
ol_arg ol_arg_yocto(const char *name, ol_yocto value);
ol_arg ol_arg_opt_u64(const char *name, ol_opt_u64 value);
ol_arg ol_arg_opt_u128(const char *name, ol_opt_u128 value);
ol_arg ol_arg_null(const char *name);

#define OL_ARG(name, value)                                                                        \
    _Generic((value),                                                                              \
        bool: ol_arg_i64,                                                                          \
        int: ol_arg_i64,                                                                           \
        long: ol_arg_i64,                                                                          \
        unsigned: ol_arg_u64,                                                                      \
        unsigned long: ol_arg_u64,                                                                 \
        ol_str: ol_arg_str,                                                                        \
        ol_bytes: ol_arg_bytes,                                                                    \
        ol_u128: ol_arg_u128,                                                                      \
        ol_usd: ol_arg_usd,                                                                        \
        ol_yocto: ol_arg_yocto,                                                                    \
        ol_opt_u64: ol_arg_opt_u64,                                                                \
        ol_opt_u128: ol_arg_opt_u128)(name, value)

/* The arguments of one statement, as the macros below build them. */
typedef struct ol_args {
    const ol_arg *arg;
    size_t count;
} ol_args;

#define OL_ARGS(...)                                                                               \
    ((ol_args){                                                                                    \
        (const ol_arg[]){__VA_ARGS__ __VA_OPT__(, ){.name = NULL}},                                \
        sizeof((const ol_arg[]){__VA_ARGS__ __VA_OPT__(, ){.name = NULL}}) / sizeof(ol_arg) - 1})

/* Runs a statement that returns no rows. Every parameter must be given. */
#define ol_db_run(db, sql, err, ...) ol_db_run_args((db), (sql), NULL, OL_ARGS(__VA_ARGS__), (err))
/* The same, and how many rows it changed: the guard of an UPDATE (`WHERE state = :from`). */
#define ol_db_change(db, sql, ret_rows, err, ...)                                                  \
    ol_db_run_args((db), (sql), (ret_rows), OL_ARGS(__VA_ARGS__), (err))
ol_rc ol_db_run_args(ol_db *db, ol_sql sql, uint64_t *ret_rows, ol_args args, ol_err *err);

int64_t ol_db_last_id(const ol_db *db); /* rowid of the latest INSERT */

/* Rows of a query. Texts and blobs are views that die at the next step; `_copy` puts them into an
 * arena. A column of another type, or an arena that is full, makes ol_rows_end fail. */
typedef struct ol_rows {
    ol_db *db;
    ol_sql sql;
    int column; /* the next one */
    bool ended;
    bool bad; /* a column was not what was asked for, or no room for a copy */
    ol_rc rc;
} ol_rows;

#define ol_db_query(db, sql, ret, err, ...)                                                        \
    ol_db_query_args((db), (sql), OL_ARGS(__VA_ARGS__), (ret), (err))
ol_rc ol_db_query_args(ol_db *db, ol_sql sql, ol_args args, ol_rows *ret, ol_err *err);
bool ol_rows_next(ol_rows *rows); /* false at the end, and on failure */
/* Always call it, also after breaking off early. One query of a statement is open at a time. */
ol_rc ol_rows_end(ol_rows *rows, ol_err *err);

bool ol_col_is_null(ol_rows *rows); /* looks at the next column without taking it */
int64_t ol_col_i64(ol_rows *rows);  /* NULL is 0 */
uint64_t ol_col_u64(ol_rows *rows);
bool ol_col_bool(ol_rows *rows);
ol_str ol_col_text(ol_rows *rows); /* NULL has NULL data */
ol_str ol_col_text_copy(ol_rows *rows, ol_arena *arena);
ol_bytes ol_col_blob(ol_rows *rows);
bool ol_col_blob_fixed(ol_rows *rows, void *ret, size_t bytes); /* false for NULL */
ol_u128 ol_col_u128(ol_rows *rows);
ol_usd ol_col_usd(ol_rows *rows);
ol_yocto ol_col_yocto(ol_rows *rows);
ol_opt_u64 ol_col_opt_u64(ol_rows *rows);
ol_opt_u128 ol_col_opt_u128(ol_rows *rows);

#endif
