/* The statements by name. The build makes the list from the .sql files (tools/sql_catalogue.c);
 * every backend has a text for each. */
#ifndef OL_STORE_CATALOGUE_H
#define OL_STORE_CATALOGUE_H

typedef enum ol_sql {
#define OL_SQL_STATEMENT(id, name) OL_SQL_##id,
#include "ol_sql_names.def"
#undef OL_SQL_STATEMENT
    OL_SQL_COUNT
} ol_sql;

const char *ol_sql_name(ol_sql sql);

/* A step of the schema; steps are applied in order and never changed once released. */
typedef struct ol_migration {
    int version; /* from 1; 0 ends a list */
    const char *script;
} ol_migration;

extern const char *const ol__sqlite_texts[OL_SQL_COUNT];
extern const ol_migration ol__sqlite_migrations[];

#endif
