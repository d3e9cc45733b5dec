#include "services/coordinator/chain.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/base/queue.h"
#include "lib/codec/json_bind.h"
#include "lib/near/access_key.h"
#include "lib/near/views.h"
#include "lib/proto/projects_file.h"

enum {
    RPC_MS = 5000,          /* Coordinator 7 */
    ACCESS_KEY_TRIES = 3,   /* Coordinator 7 */
    ACCESS_KEY_PAUSE_S = 3, /* Coordinator 7 */
};
#define PROJECTS_ARENA_BYTES OL_MIB(64)

/* One queue and the threads that serve it: GitHub or the keystore taking its time must not hold up
 * calls. */
typedef struct lane {
    chain *chain;
    ol_queue jobs;
    pthread_t thread[CHAIN_KEYSTORE_THREADS];
    size_t threads;
} lane;

struct chain {
    const coordinator_settings *set;
    lane views;
    lane github;
    lane keystore;
    pthread_rwlock_t lock; /* projects and their memory */
    ol_projects projects;
    ol_arena memory;
};

/* ---- The network. */

static ol_rc rpc_post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    const chain_tools *tools = context;
    ol_http_answer answer;
    static const ol_http_header headers[] = {
        {OL_STR_INIT("content-type"), OL_STR_INIT("application/json")}};
    const ol_http_request request = {
        .method = OL_STR("POST"),
        .url = tools->chain->set->near_rpc_url,
        .header = headers,
        .headers = OL_COUNT(headers),
        .body = ol_str_bytes(body),
        .total_ms = RPC_MS,
    };
    OL_TRY(ol_http_exchange(tools->http, &request, into, &answer, err));
    if (answer.status != 200)
        return ol_fail(err, OL_ERR_NETWORK, "the RPC node answered %d", answer.status);
    return OL_OK;
}

static void *thread_run(void *argument)
{
    lane *it = argument;
    chain_tools tools = {.chain = it->chain};
    const ol_http_options options = {.connect_ms = RPC_MS};
    tools.http = ol_http_client_new(&options);
    tools.rpc = (ol_rpc){.post = rpc_post, .context = &tools};
    OL_ASSERT(tools.http != NULL);
    chain_job *job;
    while ((job = ol_queue_pop(&it->jobs, -1)) != NULL)
        job->run(job, &tools);
    ol_http_client_free(tools.http);
    return NULL;
}

/* ---- The projects file. */

static ol_rc projects_read(const coordinator_settings *set, ol_arena *memory, ol_projects *ret,
                           ol_err *err)
{
    ol_projects_faults faults = {0};
    ol_rc rc = ol_projects_load(set->projects_file.data, memory, ret, &faults, err);
    if (rc != OL_OK && faults.count > 0)
        return ol_fail(err, OL_ERR_SETTINGS, "PROJECTS_FILE: %.900s", faults.text);
    return rc;
}

ol_rc chain_reload(chain *it, ol_err *err)
{
    ol_arena memory = ol_arena_new(PROJECTS_ARENA_BYTES);
    ol_projects projects = {0};
    if (it->set->projects_file.len == 0)
        return OL_OK;
    ol_rc rc = projects_read(it->set, &memory, &projects, err);
    if (rc != OL_OK) {
        ol_arena_deinit(&memory);
        return rc;
    }
    pthread_rwlock_wrlock(&it->lock);
    ol_arena old = it->memory;
    it->memory = memory;
    it->projects = projects;
    pthread_rwlock_unlock(&it->lock);
    ol_arena_deinit(&old);
    OL_LOG(OL_INFO, "projects_loaded", KV("count", projects.count));
    return OL_OK;
}

bool chain_file_find(chain *it, ol_str project_id, ol_arena *arena, chain_project *ret)
{
    pthread_rwlock_rdlock(&it->lock);
    const ol_project *project = ol_projects_find(&it->projects, project_id);
    bool found = project != NULL && ol_arena_copy(arena, project->uuid, &ret->uuid) &&
                 ol_arena_copy(arena, project->active_version, &ret->active_version);
    pthread_rwlock_unlock(&it->lock);
    return found;
}

bool chain_has_rpc(const chain *it)
{
    return it->set->near_rpc_url.len > 0;
}

const coordinator_settings *chain_settings(const chain *it)
{
    return it->set;
}

/* ---- Start and end. */

static ol_rc lane_open(lane *it, chain *owner, size_t threads, ol_err *err)
{
    it->chain = owner;
    OL_TRY(ol_queue_init(&it->jobs, CHAIN_JOBS_MAX, err));
    while (it->threads < threads) {
        if (pthread_create(&it->thread[it->threads], NULL, thread_run, it) != 0)
            return ol_fail(err, OL_ERR_ENVIRONMENT, "no thread for look-ups");
        it->threads++;
    }
    return OL_OK;
}

static void lane_close(lane *it)
{
    if (it->chain == NULL)
        return;
    ol_queue_close(&it->jobs);
    for (size_t i = 0; i < it->threads; i++)
        (void)pthread_join(it->thread[i], NULL);
    ol_queue_deinit(&it->jobs);
}

ol_rc chain_open(const coordinator_settings *set, chain **ret, ol_err *err)
{
    chain *it = calloc(1, sizeof *it);
    if (it == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    it->set = set;
    pthread_rwlock_init(&it->lock, NULL);
    ol_rc rc = chain_reload(it, err);
    if (rc == OL_OK)
        rc = lane_open(&it->views, it, CHAIN_THREADS, err);
    if (rc == OL_OK)
        rc = lane_open(&it->github, it, 1, err);
    if (rc == OL_OK)
        rc = lane_open(&it->keystore, it, CHAIN_KEYSTORE_THREADS, err);
    if (rc != OL_OK) {
        chain_close(it);
        return rc;
    }
    *ret = it;
    return OL_OK;
}

void chain_close(chain *it)
{
    if (it == NULL)
        return;
    lane_close(&it->keystore);
    lane_close(&it->github);
    lane_close(&it->views);
    ol_arena_deinit(&it->memory);
    pthread_rwlock_destroy(&it->lock);
    free(it);
}

bool chain_submit(chain *it, chain_job *job)
{
    return ol_queue_push(&it->views.jobs, job);
}

bool chain_submit_github(chain *it, chain_job *job)
{
    return ol_queue_push(&it->github.jobs, job);
}

bool chain_submit_keystore(chain *it, chain_job *job)
{
    return ol_queue_push(&it->keystore.jobs, job);
}

/* ---- Views. */

ol_rc chain_project_view(const chain_tools *tools, ol_str project_id, ol_arena *arena,
                         chain_project *ret, ol_err *err)
{
    ol_project_view view = {0};
    ol_rc rc =
        ol_view_project(&tools->rpc, tools->chain->set->contract_id, project_id, arena, &view, err);
    if (rc == OL_ERR_NETWORK) {
        OL_LOG_ERR(OL_WARN, "chain_view_failed", err, KV("method", "get_project"));
        return ol_fail(err, OL_ERR_NETWORK, "Failed to call get_project");
    }
    OL_TRY(rc);
    *ret = (chain_project){
        .uuid = view.uuid, .active_version = view.active_version, .owner = view.owner};
    return OL_OK;
}

/* The contract's names differ from the wire's in two members. */
typedef struct pricing_view {
    ol_pricing pricing;
} pricing_view;

#define PRICE(name, member) {name, OL_BIND_DEC, OL_OPTIONAL, offsetof(pricing_view, pricing.member)}

static const ol_json_field PRICING_FIELDS[] = {
    PRICE("base_fee", base_fee),
    PRICE("per_million_instructions_fee", per_million_instructions_fee),
    PRICE("per_ms_fee", per_ms_fee),
    PRICE("per_compile_ms_fee", per_compile_ms_fee),
    PRICE("base_fee_usd", base_fee_usd),
    PRICE("per_million_instructions_fee_usd", per_million_instructions_fee_usd),
    PRICE("per_sec_fee_usd", per_sec_fee_usd),
    PRICE("per_compile_ms_fee_usd", per_compile_ms_fee_usd),
};
static const ol_json_table PRICING_TABLE = {"PricingFull", PRICING_FIELDS,
                                            OL_COUNT(PRICING_FIELDS)};

static ol_rc limit_read(ol_json_iter *items, uint64_t *ret, ol_err *err)
{
    ol_json item;
    if (!ol_json_next_item(items, &item))
        return ol_fail(err, OL_ERR_SHAPE, "get_max_limits is too short");
    return ol_json_u64(&item, ret, err);
}

ol_rc chain_pricing_view(const chain_tools *tools, ol_arena *arena, ol_pricing *ret, ol_err *err)
{
    pricing_view view = {.pricing = ol_pricing_fallback()};
    ol_str contract = tools->chain->set->contract_id;
    ol_str text;
    ol_json limits;
    OL_TRY(ol_rpc_view(&tools->rpc, contract, OL_STR("get_pricing_full"), OL_STR("{}"), arena,
                       &text, err));
    OL_TRY(ol_json_bind(text, &PRICING_TABLE, &view, arena, err));
    OL_TRY(ol_rpc_view(&tools->rpc, contract, OL_STR("get_max_limits"), OL_STR("{}"), arena, &text,
                       err));
    OL_TRY(ol_json_parse(text, &limits, err));
    if (ol_json_kind_of(&limits) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_SHAPE, "get_max_limits is no array");
    ol_json_iter items = ol_json_iterate(&limits);
    OL_TRY(limit_read(&items, &view.pricing.instructions_max, err));
    OL_TRY(limit_read(&items, &view.pricing.execution_seconds_max, err));
    OL_TRY(limit_read(&items, &view.pricing.compilation_seconds_max, err));
    *ret = view.pricing;
    return OL_OK;
}

/* A node says that a key is unknown in one of several ways, all of them with `error`. */
static ol_rc access_key_try(const chain_tools *tools, ol_str account_id, ol_str public_key,
                            const char *finality, ol_arena *arena, chain_access_key *ret,
                            ol_err *err)
{
    ol_buf request = ol_buf_new(OL_KIB(16));
    ol_buf answer = ol_buf_new(CHAIN_ANSWER_BYTES_MAX);
    ol_buf params = ol_buf_new(OL_KIB(16));
    ol_json root;
    ol_json result;
    ol_json inner;
    ol_access_key key;
    *ret = (chain_access_key){0};
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "request_type", "view_access_key");
    ol_json_put_cstr(&w, "finality", finality);
    ol_json_put_str(&w, "account_id", account_id);
    ol_json_put_str(&w, "public_key", public_key);
    ol_json_object_end(&w);
    ol_rpc_envelope(&request, OL_STR("access-key"), OL_STR("query"), ol_buf_str(&params));
    ol_rc rc = rpc_post(tools->rpc.context, ol_buf_str(&request), &answer, err);
    if (rc == OL_OK)
        rc = ol_json_parse(ol_buf_str(&answer), &root, err);
    if (rc == OL_OK)
        ret->found = ol_json_find(&root, OL_STR("result"), &result) &&
                     ol_json_find(&result, OL_STR("permission"), &inner);
    if (ret->found && ol_access_key_read(&result, arena, &key, NULL) == OL_OK) {
        ret->is_worker = ol_access_key_is_worker(&key, tools->chain->set->contract_id);
        ret->full_access = key.full_access;
    }
    ol_buf_deinit(&params);
    ol_buf_deinit(&request);
    ol_buf_deinit(&answer);
    return rc;
}

ol_rc chain_access_key_view(const chain_tools *tools, ol_str public_key, ol_arena *arena,
                            chain_access_key *ret, ol_err *err)
{
    ol_rc rc = OL_OK;
    for (int i = 0; i < ACCESS_KEY_TRIES; i++) {
        if (i > 0)
            (void)nanosleep(&(struct timespec){.tv_sec = ACCESS_KEY_PAUSE_S}, NULL);
        rc = access_key_try(tools, tools->chain->set->operator_account_id, public_key, "optimistic",
                            arena, ret, err);
        if (rc == OL_OK)
            return OL_OK;
    }
    return rc;
}

ol_rc chain_account_key_view(const chain_tools *tools, ol_str account_id, ol_str public_key,
                             ol_arena *arena, chain_access_key *ret, ol_err *err)
{
    return access_key_try(tools, account_id, public_key, "final", arena, ret, err);
}
