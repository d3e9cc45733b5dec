/* What group commit needs of the SQLite connections; for lib/store alone. */
#ifndef OL_STORE_SQLITE_BACKEND_H
#define OL_STORE_SQLITE_BACKEND_H

#include "lib/store/db.h"

typedef enum ol__db_mode { OL__DB_WRITER, OL__DB_READER } ol__db_mode;

/* The writer creates the file, brings the schema up to date and prepares every statement; a reader
 * prepares on first use. */
ol_rc ol__db_open(const char *path, const char *vfs, ol__db_mode mode, ol_db **ret, ol_err *err);
void ol__db_close(ol_db *db);

ol_rc ol__db_begin(ol_db *db, ol_err *err);
ol_rc ol__db_commit(ol_db *db, ol_err *err);
void ol__db_rollback(ol_db *db);
/* A failure of the file system can end the whole transaction under our feet. */
bool ol__db_in_transaction(const ol_db *db);

ol_rc ol__db_savepoint(ol_db *db, ol_err *err);
ol_rc ol__db_savepoint_release(ol_db *db, ol_err *err);
ol_rc ol__db_savepoint_undo(ol_db *db, ol_err *err);

uint64_t ol__db_changes(const ol_db *db); /* rows changed since it was opened */

/* Makes everything committed so far survive a loss of power: one fdatasync of the write-ahead
 * log. */
ol_rc ol__db_sync(ol_db *db, ol_err *err);

/* Runs a script of several statements. */
ol_rc ol__db_script(ol_db *db, const char *script, ol_err *err);
ol_rc ol__db_migrate(ol_db *db, ol_err *err);
ol_rc ol__db_version(ol_db *db, int *ret, ol_err *err);
ol_rc ol__db_version_set(ol_db *db, int version, ol_err *err);

#endif
