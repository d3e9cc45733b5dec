/* Forward only: each step once, in a transaction with its version number. */
#include "lib/store/sqlite/backend.h"

static ol_rc apply(ol_db *db, const ol_migration *step, ol_err *err)
{
    OL_TRY(ol__db_begin(db, err));
    ol_rc rc = ol__db_script(db, step->script, err);
    if (rc == OL_OK)
        rc = ol__db_version_set(db, step->version, err);
    if (rc == OL_OK)
        rc = ol__db_commit(db, err);
    if (rc != OL_OK) {
        ol__db_rollback(db);
        return ol_note(err, "schema version %d", step->version);
    }
    return OL_OK;
}

ol_rc ol__db_migrate(ol_db *db, ol_err *err)
{
    int version;
    int newest = 0;
    OL_TRY(ol__db_version(db, &version, err));
    for (const ol_migration *step = ol__sqlite_migrations; step->version != 0; step++) {
        OL_ASSERT(step->version == newest + 1);
        newest = step->version;
        if (step->version > version)
            OL_TRY(apply(db, step, err));
    }
    if (version > newest)
        return ol_fail(err, OL_ERR_STORAGE,
                       "The database is of schema version %d, this program knows %d", version,
                       newest);
    return OL_OK;
}
