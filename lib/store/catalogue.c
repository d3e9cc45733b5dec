#include "lib/store/catalogue.h"

static const char *const NAMES[] = {
#define OL_SQL_STATEMENT(id, name) name,
#include "ol_sql_names.def"
#undef OL_SQL_STATEMENT
};

const char *ol_sql_name(ol_sql sql)
{
    return NAMES[sql];
}
