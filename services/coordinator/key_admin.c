/* Making, funding, granting and deleting payment keys (Coordinator 3.4, 11). */
#include "services/coordinator/domain_state.h"
#include "services/coordinator/payment_keys.h"
#include "services/coordinator/tasks.h"

enum { KEY_ARENA_BYTES = 2 * PAYMENT_KEY_SCOPE_BYTES_MAX };

typedef struct key_terms {
    ol_str owner;
    uint32_t nonce;
    const ol_sha256 *proof;
    ol_str scopes_json;
    ol_usd max_per_call;
} key_terms;

static ol_str scopes_or_all(ol_str scopes_json)
{
    return scopes_json.data != NULL ? scopes_json : OL_STR("[]");
}

/* A key that is not there, or deleted, becomes a new incarnation with nothing spent. */
static ol_rc key_insert(domain *d, ol_db *db, const key_terms *terms, ol_usd balance, ol_err *err)
{
    return ol_db_run(db, OL_SQL_KEY_INSERT, err, OL_ARG("owner", terms->owner),
                     OL_ARG("nonce", terms->nonce), OL_ARG("proof", ol_sha256_bytes(terms->proof)),
                     OL_ARG("initial_balance", balance), OL_ARG("zero", OL_USD(0)),
                     OL_ARG("scopes", scopes_or_all(terms->scopes_json)),
                     OL_ARG("max_per_call", terms->max_per_call), OL_ARG("now", now_ms(d)));
}

/* Looks a key up without keeping its texts. */
static ol_rc key_look(ol_db *db, ol_str owner, uint32_t nonce, stored_key *ret, bool *ret_live,
                      ol_err *err)
{
    ol_arena arena = ol_arena_new(KEY_ARENA_BYTES);
    bool found;
    ol_rc rc = stored_key_find(db, owner, nonce, &arena, ret, &found, err);
    ol_arena_deinit(&arena);
    ret->row.scopes_json = (ol_str){0};
    if (rc == OL_OK)
        *ret_live = found && !ret->deleted;
    return rc;
}

/* ---- Init. */

/* The first open task to make this key: the one that is named, else the oldest. */
static ol_rc init_end(ol_db *db, const payment_key_init *it, ol_err *err)
{
    ol_rows rows;
    int64_t task = 0;
    if (it->data_id.data != NULL)
        return system_task_end(db, TASK_TOPUP, it->data_id, NULL, err);
    OL_TRY(ol_db_query(db, OL_SQL_TOPUP_OLDEST, &rows, err, OL_ARG("owner", it->owner),
                       OL_ARG("nonce", it->nonce), OL_ARG("amount", OL_USD(0))));
    if (ol_rows_next(&rows))
        task = ol_col_i64(&rows);
    OL_TRY(ol_rows_end(&rows, err));
    return task == 0 ? OL_OK : ol_db_run(db, OL_SQL_TOPUP_END, err, OL_ARG("id", task));
}

/* A task that comes late must not bring back a key that was deleted meanwhile. */
static ol_rc init_run(ol_op *op, ol_db *db)
{
    payment_key_init *it = (payment_key_init *)op;
    const key_terms terms = {it->owner, it->nonce, &it->proof, it->scopes_json, it->max_per_call};
    stored_key key;
    bool live;
    bool over;
    it->created = false;
    OL_TRY(system_task_over(db, TASK_TOPUP, it->data_id, &over, &op->err));
    if (over)
        return OL_OK;
    OL_TRY(init_end(db, it, &op->err));
    OL_TRY(key_look(db, it->owner, it->nonce, &key, &live, &op->err));
    it->created = !live;
    return live ? OL_OK : key_insert(op->owner, db, &terms, OL_USD(0), &op->err);
}

void payment_key_create(domain *d, payment_key_init *it)
{
    domain_submit(d, &it->op, init_run, true);
}

/* ---- Top-up. */

/* The task nobody has finished: the one that is named, else the oldest of that (owner, nonce,
 * amount). By amount alone, a transfer that went back would be credited by the next one of its
 * size, and that one once more when its own task comes again. */
static ol_rc topup_match(ol_db *db, const topup_completion *it, int64_t *ret_task, ol_err *err)
{
    ol_rows rows;
    ol_arg amount = it->has_amount ? OL_ARG("amount", it->amount) : ol_arg_null("amount");
    *ret_task = 0;
    if (it->data_id.data != NULL)
        OL_TRY(ol_db_query(db, OL_SQL_TOPUP_BY_DATA, &rows, err, OL_ARG("owner", it->owner),
                           OL_ARG("nonce", it->nonce), OL_ARG("data_id", it->data_id)));
    else
        OL_TRY(ol_db_query(db, OL_SQL_TOPUP_OLDEST, &rows, err, OL_ARG("owner", it->owner),
                           OL_ARG("nonce", it->nonce), amount));
    if (ol_rows_next(&rows))
        *ret_task = ol_col_i64(&rows);
    return ol_rows_end(&rows, err);
}

static ol_rc key_fund(ol_db *db, const topup_completion *it, const payment_key_row *key,
                      ol_err *err)
{
    ol_usd balance = it->new_initial_balance;
    ol_usd committed;
    uint64_t changed;
    if (it->has_amount && !ol_usd_add(key->initial_balance, it->amount, &balance))
        return ol_fail(err, OL_ERR_AMOUNT_RANGE, "Amount out of range");
    if (!ol_usd_add(key->spent, key->reserved, &committed) || ol_usd_less(balance, committed))
        return ol_fail(err, OL_ERR_INVALID, "Balance below what is spent and reserved");
    OL_TRY(ol_db_change(db, OL_SQL_KEY_FUND, &changed, err, OL_ARG("initial_balance", balance),
                        OL_ARG("proof", ol_sha256_bytes(&it->proof)),
                        OL_ARG("scopes", scopes_or_all(it->scopes_json)),
                        OL_ARG("max_per_call", it->max_per_call), OL_ARG("id", key->id),
                        OL_ARG("initial_before", key->initial_balance)));
    return changed == 1 ? OL_OK : guard_failed("key_fund", err);
}

static ol_rc is_making(ol_db *db, const topup_completion *it, int64_t task, bool *ret, ol_err *err)
{
    ol_rows rows;
    OL_TRY(ol_db_query(db, OL_SQL_KEY_MAKING, &rows, err, OL_ARG("owner", it->owner),
                       OL_ARG("nonce", it->nonce), OL_ARG("zero", OL_USD(0)),
                       OL_ARG("task", task)));
    *ret = ol_rows_next(&rows);
    return ol_rows_end(&rows, err);
}

/* A key that is deleted here may still stand on the chain, where its deletion is under way or was
 * given up: what comes for it is its own, and counts once it is kept. It must not make another key
 * of it with nothing spent. Only where a key is yet to be made the transfer was meant for that.
 *
 * What a named task brought is its amount: the rest of new_initial_balance its maker wrote. */
static ol_rc topup_credit(domain *d, ol_db *db, const topup_completion *it, int64_t task,
                          ol_err *err)
{
    const key_terms terms = {it->owner, it->nonce, &it->proof, it->scopes_json, it->max_per_call};
    bool named = it->data_id.data != NULL && it->has_amount;
    stored_key key;
    bool live;
    bool making = true;
    OL_TRY(key_look(db, it->owner, it->nonce, &key, &live, err));
    if (named && key.deleted)
        OL_TRY(is_making(db, it, task, &making, err));
    if (live || !making)
        return key_fund(db, it, &key.row, err);
    return key_insert(d, db, &terms, named ? it->amount : it->new_initial_balance, err);
}

static ol_rc topup_run(ol_op *op, ol_db *db)
{
    topup_completion *it = (topup_completion *)op;
    int64_t task;
    OL_TRY(topup_match(db, it, &task, &op->err));
    if (task != 0)
        OL_TRY(ol_db_run(db, OL_SQL_TOPUP_END, &op->err, OL_ARG("id", task)));
    /* Without an amount the balance is set, which repeating does not change. */
    it->credited = task != 0 || !it->has_amount;
    return it->credited ? topup_credit(op->owner, db, it, task, &op->err) : OL_OK;
}

void topup_complete(domain *d, topup_completion *it)
{
    domain_submit(d, &it->op, topup_run, true);
}

/* ---- Deleting. */

static ol_rc delete_run(ol_op *op, ol_db *db)
{
    payment_key_deletion *it = (payment_key_deletion *)op;
    const ol_arg data_id =
        it->data_id.data != NULL ? OL_ARG("data_id", it->data_id) : ol_arg_null("data_id");
    uint64_t changed;
    bool over;
    it->deleted = false;
    OL_TRY(system_task_over(db, TASK_KEY_DELETE, it->data_id, &over, &op->err));
    if (over)
        return OL_OK;
    OL_TRY(ol_db_change(db, OL_SQL_KEY_DELETE, &changed, &op->err, OL_ARG("now", now_ms(op->owner)),
                        OL_ARG("owner", it->owner), OL_ARG("nonce", it->nonce)));
    it->deleted = changed != 0;
    OL_TRY(ol_db_run(db, OL_SQL_KEY_MADE_END, &op->err, OL_ARG("owner", it->owner),
                     OL_ARG("nonce", it->nonce), OL_ARG("zero", OL_USD(0)), data_id));
    if (it->data_id.data != NULL)
        return OL_OK;
    return ol_db_run(db, OL_SQL_KEY_DELETE_END, &op->err, OL_ARG("owner", it->owner),
                     OL_ARG("nonce", it->nonce));
}

void payment_key_delete(domain *d, payment_key_deletion *it)
{
    domain_submit(d, &it->op, delete_run, true);
}

static ol_rc grant_delete_run(ol_op *op, ol_db *db)
{
    payment_key_deletion *it = (payment_key_deletion *)op;
    uint64_t changed;
    OL_TRY(ol_db_change(db, OL_SQL_GRANT_KEY_DELETE, &changed, &op->err,
                        OL_ARG("now", now_ms(op->owner)), OL_ARG("owner", it->owner),
                        OL_ARG("nonce", it->nonce)));
    it->deleted = changed != 0;
    if (!it->deleted)
        return ol_fail(&op->err, OL_ERR_NOT_FOUND, "Grant key not found or already deleted");
    return OL_OK;
}

void grant_key_delete(domain *d, payment_key_deletion *it)
{
    domain_submit(d, &it->op, grant_delete_run, true);
}

/* ---- Grants. */

static ol_rc grant_run(ol_op *op, ol_db *db)
{
    payment_key_granting *it = (payment_key_granting *)op;
    stored_key key;
    bool live;
    uint64_t changed;
    if (ol_usd_is_zero(it->amount))
        return ol_fail(&op->err, OL_ERR_INVALID, "Amount must be greater than 0");
    OL_TRY(key_look(db, it->owner, it->nonce, &key, &live, &op->err));
    if (!live)
        return ol_fail(&op->err, OL_ERR_NOT_FOUND,
                       "Payment key not found: owner=%.*s nonce=%u. User must create it first via "
                       "store_secrets.",
                       OL_FMT(it->owner), it->nonce);
    ol_usd balance;
    if (!ol_usd_add(key.row.initial_balance, it->amount, &balance))
        return ol_fail(&op->err, OL_ERR_AMOUNT_RANGE, "Amount out of range");
    OL_TRY(ol_db_change(db, OL_SQL_KEY_GRANT, &changed, &op->err,
                        OL_ARG("initial_balance", balance), OL_ARG("note", it->note),
                        OL_ARG("id", key.row.id), OL_ARG("initial_before", key.row.initial_balance),
                        OL_ARG("zero", OL_USD(0))));
    if (changed == 0)
        return ol_fail(&op->err, OL_ERR_CONFLICT,
                       "Cannot grant to user-funded key. Current balance: %s. Grants can only be "
                       "applied to unfunded keys or existing grant keys.",
                       USD(key.row.initial_balance));
    it->initial_balance = balance;
    return OL_OK;
}

void payment_key_grant(domain *d, payment_key_granting *it)
{
    domain_submit(d, &it->op, grant_run, true);
}
