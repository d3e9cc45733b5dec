#include "services/coordinator/touch.h"

#include <stdlib.h>
#include <string.h>

#include "services/coordinator/domain_state.h"

typedef struct touching {
    ol_op op;
    ol_sql sql;
    const char *name;
    ol_arg_kind kind;
    int64_t id;
    size_t key_len;
    uint8_t key[TOUCH_KEY_BYTES_MAX];
} touching;

static ol_rc touch_run(ol_op *op, ol_db *db)
{
    touching *it = (touching *)op;
    const ol_bytes key = {it->key, it->key_len};
    ol_arg arg = it->kind == OL_ARG_I64    ? ol_arg_i64(it->name, it->id)
                 : it->kind == OL_ARG_TEXT ? ol_arg_str(it->name, ol_bytes_str(key))
                                           : ol_arg_bytes(it->name, key);
    return ol_db_run(db, it->sql, &op->err, OL_ARG("now", now_ms(op->owner)), arg);
}

static void touch_done(ol_op *op)
{
    free(op);
}

static void submit(domain *d, ol_sql sql, const char *name, ol_arg_kind kind, int64_t id,
                   ol_bytes key)
{
    OL_ASSERT(key.len <= TOUCH_KEY_BYTES_MAX);
    touching *it = calloc(1, sizeof *it);
    if (it == NULL)
        return; /* the time stays as it was */
    it->sql = sql;
    it->name = name;
    it->kind = kind;
    it->id = id;
    it->key_len = key.len;
    if (key.len != 0)
        memcpy(it->key, key.data, key.len);
    it->op.done = touch_done;
    domain_submit(d, &it->op, touch_run, false);
}

void touch(domain *d, ol_sql sql, const char *name, int64_t id, ol_bytes key)
{
    submit(d, sql, name, key.data != NULL ? OL_ARG_BLOB : OL_ARG_I64, id, key);
}

void touch_text(domain *d, ol_sql sql, const char *name, ol_str key)
{
    submit(d, sql, name, OL_ARG_TEXT, 0, ol_str_bytes(key));
}
