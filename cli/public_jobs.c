#include "cli/public_jobs.h"

#include <stdlib.h>
#include <time.h>

#include "cli/api.h"
#include "lib/codec/json_read.h"

enum {
    PAGE = 100, /* Coordinator 10 */
    PAGE_MS = 5000,
    ANSWER_BYTES_MAX = 1 << 20,
    PAUSE_FIRST_MS = 30, /* doubled each time: some two seconds, and few requests */
    PAUSE_LAST_MS = 960,
};

/* One page, which lives in the arena of the invocation. */
static ol_rc page_fetch(const cli *it, bool on_chain, size_t offset, ol_json *ret, ol_err *err)
{
    OL_AUTO(ol_buf) answer = ol_buf_new(ANSWER_BYTES_MAX);
    cli_failure failure = {0};
    api *a = NULL;
    ol_str text;
    const api_request request = {
        .method = "GET",
        .path = ol_arena_printf(it->arena, "/public/jobs?source=%s&limit=%d&offset=%zu",
                                on_chain ? "near" : "https", PAGE, offset),
        .total_ms = PAGE_MS};
    ol_rc rc = api_open(it, &a, err);
    if (rc == OL_OK)
        rc = api_send(a, &request, &answer, &failure);
    api_close(a);
    OL_TRY(rc);
    if (!ol_arena_copy(it->arena, ol_buf_str(&answer), &text))
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ol_json_parse(text, ret, err));
    return ol_json_kind_of(ret) == OL_JSON_ARRAY
               ? OL_OK
               : ol_fail(err, OL_ERR_PROTOCOL, "the coordinator's list is none");
}

static bool says(const ol_json *job, const char *name, ol_str wanted)
{
    ol_json value;
    return ol_json_find(job, ol_str_of(name), &value) && ol_json_says(&value, wanted);
}

/* ---- what is typical */

static bool cost_of(const ol_json *job, bool on_chain, ol_str project, ol_u128 *ret)
{
    ol_json cost;
    return says(job, "job_type", OL_STR("execute")) && says(job, "status", OL_STR("completed")) &&
           (project.len == 0 || says(job, "project_id", project)) &&
           ol_json_find(job, on_chain ? OL_STR("actual_cost_yocto") : OL_STR("compute_cost_usd"),
                        &cost) &&
           !ol_json_is_null(&cost) && ol_json_u128_text(&cost, ret, NULL) == OL_OK;
}

static int by_amount(const void *a, const void *b)
{
    ol_u128 one = *(const ol_u128 *)a, two = *(const ol_u128 *)b;
    return (one > two) - (one < two);
}

void public_jobs_typical(const cli *it, bool on_chain, ol_str project, ol_u128 *ret,
                         size_t *ret_runs)
{
    ol_u128 cost[PUBLIC_JOBS_LOOKED_AT];
    size_t runs = 0, listed = PAGE;
    for (size_t from = 0; listed == PAGE && from < PUBLIC_JOBS_LOOKED_AT; from += PAGE) {
        ol_json list, job;
        ol_err err = {0};
        if (page_fetch(it, on_chain, from, &list, &err) != OL_OK)
            break;
        listed = 0;
        for (ol_json_iter i = ol_json_iterate(&list); listed < PAGE && ol_json_next_item(&i, &job);
             listed++)
            runs += cost_of(&job, on_chain, project, &cost[runs]);
    }
    *ret_runs = runs;
    if (runs == 0)
        return;
    qsort(cost, runs, sizeof *cost, by_amount);
    *ret = cost[(runs - 1) / 2];
}

/* ---- who answered */

static bool resolve_tx_in(const cli *it, const ol_json *list, ol_str tx, ol_str *ret)
{
    ol_json job, value;
    for (ol_json_iter i = ol_json_iterate(list); ol_json_next_item(&i, &job);) {
        if (!says(&job, "transaction_hash", tx) || !says(&job, "job_type", OL_STR("execute")))
            continue;
        if (ol_json_find(&job, OL_STR("resolve_tx_id"), &value) && !ol_json_is_null(&value))
            (void)ol_json_text(&value, it->arena, ret, NULL);
        return true;
    }
    return false;
}

ol_str public_jobs_resolve_tx(const cli *it, ol_str tx)
{
    ol_str found = OL_STR("");
    ol_err err = {0};
    ol_json list;
    for (long pause_ms = PAUSE_FIRST_MS;
         page_fetch(it, true, 0, &list, &err) == OL_OK && !resolve_tx_in(it, &list, tx, &found) &&
         pause_ms <= PAUSE_LAST_MS;
         pause_ms *= 2)
        (void)nanosleep(&(struct timespec){pause_ms / 1000, pause_ms % 1000 * 1000000}, NULL);
    return found;
}
