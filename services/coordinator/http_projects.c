/* Coordinator 8: UUIDs, prices. */
#include "lib/base/log.h"
#include "services/coordinator/handlers.h"
#include "services/coordinator/project_look.h"
#include "services/coordinator/query.h"

enum { REFRESH_SECONDS_MIN = 3600 };

/* ---- GET /projects/uuid */

typedef struct uuid_query {
    ol_str project_id;
    ol_str version;
} uuid_query;

static const query_field UUID_FIELDS[] = {
    {"project_id", QUERY_TEXT, true, offsetof(uuid_query, project_id)},
    {"version", QUERY_TEXT, false, offsetof(uuid_query, version)},
};

typedef struct uuid_look {
    project_look look; /* first */
    ol_web_request *request;
    ol_str version; /* empty: the active one */
} uuid_look;

static void answer_uuid(const uuid_look *it)
{
    const project_look *look = &it->look;
    json_answer answer;
    if (look->rc != OL_OK) {
        bool missing = look->rc == OL_ERR_PROJECT_NOT_FOUND;
        ol_str text = missing ? ol_str_of(look->err.text)
                              : ol_arena_printf(ol_web_arena(it->request),
                                                "Contract query failed: %s", look->err.text);
        answer_error_json(it->request, missing ? 404 : 502, text);
        return;
    }
    json_answer_begin(&answer);
    ol_json_put_str(&answer.w, "project_id", look->project_id);
    ol_json_put_str(&answer.w, "uuid", look->found.uuid);
    ol_json_put_str(&answer.w, "active_version",
                    it->version.len > 0 ? it->version : look->found.active_version);
    /* The published server calls an answer cached that asked the contract for nothing. */
    ol_json_put_bool(&answer.w, "cached", look->cached && it->version.len > 0);
    json_answer_send(&answer, it->request, 200);
}

static void uuid_looked(project_look *look)
{
    answer_uuid((const uuid_look *)look);
}

void project_uuid_get(ol_web_request *request, void *context)
{
    uuid_query query = {0};
    if (!query_bind(request, UUID_FIELDS, OL_COUNT(UUID_FIELDS), &query))
        return;
    uuid_look *it = OL_ARENA_NEW(ol_web_arena(request), uuid_look);
    if (it == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    it->request = request;
    it->version = query.version;
    it->look.it = context;
    it->look.project_id = query.project_id;
    it->look.arena = ol_web_arena(request);
    it->look.fresh = query.version.len == 0;
    it->look.done = uuid_looked;
    if (project_look_start(&it->look)) {
        answer_uuid(it);
        return;
    }
    ol_web_hold(request);
    if (!project_look_submit(&it->look))
        answer_uuid(it);
}

/* ---- DELETE /projects/cache */

static void forgotten(ol_op *op)
{
    if (op_worked(op, FAILURE_EMPTY))
        ol_web_answer_empty(op_request(op), 204);
}

void project_cache_delete(ol_web_request *request, void *context)
{
    coordinator *it = context;
    uuid_query query = {0};
    if (!query_bind(request, UUID_FIELDS, OL_COUNT(UUID_FIELDS), &query))
        return;
    project_put *op = OP_NEW(request, project_put, forgotten);
    if (op == NULL)
        return;
    op->project_id = query.project_id;
    project_remember(it->domain, op);
}

/* ---- Prices. */

void pricing_get(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_pricing pricing = pricing_now(it->domain);
    json_answer answer;
    json_answer_begin_bare(&answer);
    ol_pricing_encode(&pricing, &answer.w);
    json_answer_send_bare(&answer, request, 200);
}

typedef struct pricing_look {
    pricing_refresh op; /* first */
    chain_job job;
    coordinator *it;
    ol_web_request *request;
} pricing_look;

static void pricing_view(chain_job *job, const chain_tools *tools)
{
    pricing_look *look = (pricing_look *)((char *)job - offsetof(pricing_look, job));
    ol_err err = {0};
    if (chain_pricing_view(tools, ol_web_arena(look->request), &look->op.pricing, &err) != OL_OK) {
        OL_LOG_ERR(OL_WARN, "pricing_failed", &err);
        ol_web_answer_empty(look->request, 500);
        return;
    }
    pricing_put(look->it->domain, &look->op); /* waits: this thread may */
    pricing_get(look->request, look->it);
}

void pricing_refresh_post(ol_web_request *request, void *context)
{
    coordinator *it = context;
    int64_t age_ms = ol_wall_ms(it->clock) - pricing_read_ms(it->domain);
    if (!chain_has_rpc(it->chain) || age_ms < (int64_t)REFRESH_SECONDS_MIN * 1000) {
        pricing_get(request, context);
        return;
    }
    pricing_look *look = OL_ARENA_NEW(ol_web_arena(request), pricing_look);
    if (look == NULL) {
        ol_web_answer_empty(request, 503);
        return;
    }
    look->it = it;
    look->request = request;
    look->job.run = pricing_view;
    ol_web_hold(request);
    if (!chain_submit(it->chain, &look->job))
        ol_web_answer_empty(request, 503);
}
