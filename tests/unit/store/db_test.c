/* Arguments and columns: what goes in comes out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/store/store.h"
#include "tests/harness/test.h"

typedef struct trial {
    ol_op op;
    void (*body)(ol_db *db);
} trial;

static ol_rc trial_run(ol_op *op, ol_db *db)
{
    ((trial *)op)->body(db);
    return OL_OK;
}

/* On the test's own thread a failed check can end the test; so the body only stores what it saw. */
static void on_new_store(void (*body)(ol_db *db))
{
    char folder[] = "/tmp/ol-db-XXXXXX";
    char path[64];
    ol_store *store;
    ol_err err;
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof path, "%s/db", folder);
    const ol_store_settings settings = {.path = path, .readers = 1};
    CHECK_OK(ol_store_open(&settings, &store, &err));
    trial it = {.op.run = trial_run, .body = body};
    ol_store_submit(store, &it.op);
    ol_store_close(store);
    (void)unlink(path);
    CHECK_EQ(rmdir(folder), 0);
}

static ol_u128 amounts_in[] = {0, 1, 255, 256, (ol_u128)UINT64_MAX + 1, OL_U128_MAX};
static ol_u128 amounts_out[OL_COUNT(amounts_in)];
static ol_rc rc;

static void amounts(ol_db *db)
{
    for (size_t i = 0; i < OL_COUNT(amounts_in); i++) {
        ol_rows rows;
        ol_err err;
        rc = ol_db_run(db, OL_SQL_AUTHOR_PUT, &err, OL_ARG("owner", OL_STR("a")),
                       OL_ARG("balance", amounts_in[i]), OL_ARG("total_earned", OL_USD(0)),
                       OL_ARG("now", 0));
        if (rc == OL_OK)
            rc = ol_db_query(db, OL_SQL_AUTHOR_FIND, &rows, &err, OL_ARG("owner", OL_STR("a")));
        if (rc != OL_OK)
            return;
        if (ol_rows_next(&rows))
            amounts_out[i] = ol_col_u128(&rows);
        rc = ol_rows_end(&rows, &err);
    }
}

TEST("128-bit amounts come back exactly")
{
    on_new_store(amounts);
    CHECK_EQ(rc, OL_OK);
    for (size_t i = 0; i < OL_COUNT(amounts_in); i++)
        CHECK(amounts_in[i] == amounts_out[i]);
}

static char text_out[8];
static size_t text_len;

static void texts(ol_db *db)
{
    ol_rows rows;
    ol_err err;
    const ol_str with_nul = {"a\0b", 3};
    rc = ol_db_run(db, OL_SQL_PROJECT_PUT, &err, OL_ARG("uuid", with_nul),
                   OL_ARG("project_id", OL_STR("p"))); /* in any order */
    if (rc == OL_OK)
        rc = ol_db_query(db, OL_SQL_PROJECT_FIND, &rows, &err, OL_ARG("project_id", OL_STR("p")));
    if (rc != OL_OK)
        return;
    if (ol_rows_next(&rows)) {
        ol_str text = ol_col_text(&rows);
        text_len = text.len;
        memcpy(text_out, text.data, text.len < sizeof text_out ? text.len : 0);
    }
    rc = ol_rows_end(&rows, &err);
}

TEST("texts come back with every byte, also a zero one; arguments go by name")
{
    on_new_store(texts);
    CHECK_EQ(rc, OL_OK);
    CHECK_EQ(text_len, 3);
    CHECK_EQ(memcmp(text_out, "a\0b", 3), 0);
}

static ol_err wrong_err;

static void wrong_column(ol_db *db)
{
    ol_rows rows;
    (void)ol_db_run(db, OL_SQL_PROJECT_PUT, &wrong_err, OL_ARG("project_id", OL_STR("p")),
                    OL_ARG("uuid", OL_STR("u")));
    rc = ol_db_query(db, OL_SQL_PROJECT_FIND, &rows, &wrong_err, OL_ARG("project_id", OL_STR("p")));
    if (ol_rows_next(&rows))
        (void)ol_col_usd(&rows); /* a text of one byte is no amount */
    rc = ol_rows_end(&rows, &wrong_err);
}

TEST("a column that is not what was asked for makes the query fail")
{
    on_new_store(wrong_column);
    CHECK_EQ(rc, OL_ERR_STORAGE);
    CHECK_STR(ol_err_text(&wrong_err), OL_STR("Storage unavailable"));
}

static void too_large(ol_db *db)
{
    rc = ol_db_run(db, OL_SQL_LOCKS_PURGE, &wrong_err, OL_ARG("now", UINT64_MAX));
}

TEST("a number beyond 63 bits is refused")
{
    on_new_store(too_large);
    CHECK_EQ(rc, OL_ERR_RANGE);
}

TEST("every statement has a name, and no two share one")
{
    for (int a = 0; a < OL_SQL_COUNT; a++) {
        CHECK(strlen(ol_sql_name((ol_sql)a)) > 0);
        for (int b = 0; b < a; b++)
            CHECK(strcmp(ol_sql_name((ol_sql)a), ol_sql_name((ol_sql)b)) != 0);
    }
}
