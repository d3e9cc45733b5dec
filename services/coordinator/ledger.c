/* Payment keys: who they are and what they may still spend (Coordinator 2.1, 3.1). */
#include "services/coordinator/ledger.h"

#include <string.h>

#include "lib/codec/json_read.h"
#include "services/coordinator/domain_state.h"
#include "services/coordinator/payment_keys.h"

ol_usd payment_key_available(const payment_key_row *key)
{
    ol_usd committed;
    if (!ol_usd_add(key->spent, key->reserved, &committed))
        return OL_USD(0);
    return ol_usd_sub_floor(key->initial_balance, committed);
}

ol_str project_owner(ol_str project_id)
{
    ol_str owner;
    ol_str name;
    return ol_str_cut(project_id, '/', &owner, &name) ? owner : project_id;
}

ol_rc stored_key_find(ol_db *db, ol_str owner, uint32_t nonce, ol_arena *arena, stored_key *ret,
                      bool *ret_found, ol_err *err)
{
    ol_rows rows;
    stored_key it = {.row = {.owner = owner, .nonce = nonce}};
    OL_TRY(ol_db_query(db, OL_SQL_KEY_FIND, &rows, err, OL_ARG("owner", owner),
                       OL_ARG("nonce", nonce)));
    *ret_found = ol_rows_next(&rows);
    if (*ret_found) {
        it.row.id = ol_col_i64(&rows);
        (void)ol_col_blob_fixed(&rows, it.proof.bytes, sizeof it.proof.bytes);
        it.row.initial_balance = ol_col_usd(&rows);
        it.row.spent = ol_col_usd(&rows);
        it.row.reserved = ol_col_usd(&rows);
        it.row.scopes_json = ol_col_text_copy(&rows, arena);
        it.row.max_per_call = ol_col_usd(&rows);
        it.row.is_grant = ol_col_bool(&rows);
        it.row.created_ms = ol_col_i64(&rows);
        it.row.last_used_ms = ol_col_i64(&rows);
        it.deleted = !ol_col_is_null(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    *ret = it;
    return OL_OK;
}

ol_rc stored_key_authorise(ol_db *db, const payment_key *key, ol_arena *arena, stored_key *ret,
                           ol_err *err)
{
    bool found;
    OL_TRY(stored_key_find(db, key->owner, key->nonce, arena, ret, &found, err));
    if (!found || ret->deleted || !ol_sha256_eq(&ret->proof, &key->proof))
        return ol_fail(err, OL_ERR_PAYMENT_KEY, "Invalid payment key");
    return OL_OK;
}

ol_rc payment_key_authorise(domain *d, const payment_key *key, ol_arena *arena,
                            payment_key_row *ret, ol_err *err)
{
    stored_key it = {0};
    ol_rc rc;
    READING(d, db, rc, stored_key_authorise(db, key, arena, &it, err));
    if (rc == OL_OK)
        *ret = it.row;
    return rc;
}

ol_rc payment_key_find(domain *d, ol_str owner, uint32_t nonce, ol_arena *arena,
                       payment_key_row *ret, ol_err *err)
{
    stored_key it = {0};
    bool found = false;
    ol_rc rc;
    READING(d, db, rc, stored_key_find(db, owner, nonce, arena, &it, &found, err));
    OL_TRY(rc);
    if (!found || it.deleted)
        return ol_fail(err, OL_ERR_NOT_FOUND, "Payment key not found");
    *ret = it.row;
    return OL_OK;
}

ol_rc key_balances_read(ol_db *db, int64_t key_id, key_balances *ret, ol_err *err)
{
    ol_rows rows;
    key_balances it = {0};
    OL_TRY(ol_db_query(db, OL_SQL_KEY_BALANCES, &rows, err, OL_ARG("id", key_id)));
    bool found = ol_rows_next(&rows);
    if (found) {
        it.initial_balance = ol_col_usd(&rows);
        it.spent = ol_col_usd(&rows);
        it.reserved = ol_col_usd(&rows);
        it.is_grant = ol_col_bool(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (!found)
        return guard_failed("key_balances", err);
    *ret = it;
    return OL_OK;
}

/* ---- Price and scope, steps 4, 7, 8 and 10. */

/* `owner/…*` allows every project of that owner: a star in place of the whole name only. */
static bool scope_allows(ol_str scope, ol_str project_id)
{
    if (ol_str_eq(scope, project_id))
        return true;
    if (!ol_str_ends(scope, OL_STR("/*")))
        return false;
    ol_str with_slash = ol_str_slice(scope, 0, scope.len - 1);
    return with_slash.len > 1 && ol_str_starts(project_id, with_slash) &&
           memchr(project_id.data + with_slash.len, '/', project_id.len - with_slash.len) == NULL;
}

static bool scopes_allow(ol_str scopes_json, ol_str project_id)
{
    ol_json list;
    ol_json item;
    size_t seen = 0;
    if (ol_json_parse(scopes_json, &list, NULL) != OL_OK || ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return false;
    ol_json_iter it = ol_json_iterate(&list);
    for (; ol_json_next_item(&it, &item); seen++) {
        char text[OL_PROJECT_ID_BYTES_MAX];
        if (ol_json_kind_of(&item) != OL_JSON_STRING || item.raw.len - 2 > sizeof text)
            continue;
        ol_str scope = {text, ol_json_text_decode(&item, text)};
        if (scope_allows(scope, project_id))
            return true;
    }
    return seen == 0; /* an empty list allows every project */
}

ol_rc call_price_check(const payment_key_row *key, ol_str project_id, const call_price *price,
                       ol_usd *ret_required, ol_err *err)
{
    ol_usd required;
    if (!scopes_allow(key->scopes_json, project_id))
        return ol_fail(err, OL_ERR_FORBIDDEN, "Project not allowed for this payment key");
    if (key->is_grant && !ol_usd_is_zero(price->deposit))
        return ol_fail(err, OL_ERR_FORBIDDEN, "Grant keys cannot use X-Attached-Deposit");
    if (!ol_usd_add(price->compute_limit, price->deposit, &required))
        return ol_fail(err, OL_ERR_AMOUNT_RANGE, "Amount out of range");
    if (!ol_usd_is_zero(key->max_per_call) && ol_usd_less(key->max_per_call, required))
        return ol_fail(err, OL_ERR_INVALID, "Max per call exceeded: max=%s, requested=%s",
                       USD(key->max_per_call), USD(required));
    *ret_required = required;
    return OL_OK;
}

/* ---- Authors. */

ol_rc author_credit_add(ol_db *db, const author_credit *credit, int64_t at_ms, ol_err *err)
{
    ol_rows rows;
    ol_usd balance = OL_USD(0);
    ol_usd total = OL_USD(0);
    ol_str owner = project_owner(credit->project_id);
    OL_TRY(ol_db_query(db, OL_SQL_AUTHOR_FIND, &rows, err, OL_ARG("owner", owner)));
    if (ol_rows_next(&rows)) {
        balance = ol_col_usd(&rows);
        total = ol_col_usd(&rows);
    }
    OL_TRY(ol_rows_end(&rows, err));
    if (!ol_usd_add(balance, credit->amount, &balance) ||
        !ol_usd_add(total, credit->amount, &total))
        return ol_fail(err, OL_ERR_AMOUNT_RANGE, "Amount out of range");
    OL_TRY(ol_db_run(db, OL_SQL_AUTHOR_PUT, err, OL_ARG("owner", owner), OL_ARG("balance", balance),
                     OL_ARG("total_earned", total), OL_ARG("now", at_ms)));
    return ol_db_run(
        db, OL_SQL_EARNING_INSERT, err, OL_ARG("owner", owner), OL_ARG("source", (int)EARNED_HTTPS),
        OL_ARG("project_id", credit->project_id), OL_ARG("attached", credit->attached),
        OL_ARG("refund", credit->refund), OL_ARG("amount", credit->amount),
        ol_arg_null("transaction_hash"), ol_arg_null("caller"), ol_arg_null("request_id"),
        OL_ARG("call_id", credit->call_id), OL_ARG("key_id", credit->key_id), OL_ARG("now", at_ms));
}
