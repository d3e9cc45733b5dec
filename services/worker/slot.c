#include "services/worker/slot.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/codec/utf8.h"
#include "services/worker/chain_job.h"
#include "services/worker/compile.h"
#include "services/worker/gate.h"
#include "services/worker/report.h"
#include "services/worker/secrets.h"
#include "services/worker/variables.h"

enum {
    ERROR_PAUSE_FIRST_MS = 100,
    ERROR_PAUSE_LAST_MS = 5000, /* Worker 1 */
    EMPTY_PAUSE_MS = 1000,      /* Worker 1: when the poll came back at once */
    OLD_SECONDS = 60,           /* a request of that age may be over */
};
#define SLOT_ARENA_BYTES OL_MIB(64)
/* A completion's body also holds the rest of the report. */
#define OUTPUT_BYTES_MAX (OL_COMPLETE_BYTES_MAX - OL_KIB(256))
/* Bytes travel to the contract as numbers, up to four characters each (Worker 8.1). */
#define CHAIN_OUTPUT_BYTES_MAX (4 * OUTPUT_BYTES_MAX)

/* ALLOW_LOOPBACK_ADDRESSES: this machine, and what is public. */
static bool public_or_loopback(const ol_addr *address)
{
    static const uint8_t loopback[16] = {[15] = 1};
    bool own = address->ipv6 ? memcmp(address->bytes, loopback, sizeof loopback) == 0
                             : address->bytes[0] == 127;
    return own || ol_addr_is_public(address);
}

/* ---- life ---- */

ol_rc slot_init(slot *s, worker *w, ol_err *err)
{
    const worker_settings *cfg = w->settings;
    ol_addr_allow_fn *allow = cfg->allow_loopback ? public_or_loopback : ol_addr_is_public;
    *s = (slot){.worker = w,
                .output = ol_buf_new(OUTPUT_BYTES_MAX),
                .chain_output = ol_buf_new(CHAIN_OUTPUT_BYTES_MAX)};
    (void)snprintf(s->ca_file, sizeof s->ca_file, "%.*s", OL_FMT(cfg->ca_file));
    const char *ca = s->ca_file[0] != '\0' ? s->ca_file : NULL;
    s->inner = ol_http_client_new(&(ol_http_options){.ca_file = ca});
    const ol_broker_plan plan = {
        .ca_file = ca,
        .allow = allow,
        .rpc_url = cfg->rpc_proxy ? cfg->rpc_proxy_url : (ol_str){NULL, 0},
        .rpc_calls_max = cfg->rpc_calls_max,
        .rpc_transactions = cfg->rpc_transactions,
        .keystore = w->keystore,
        .keystore_client = s->inner,
        .coordinator_url = cfg->api_url,
        .coordinator_token = cfg->api_token,
        .wallet_token = cfg->api_token,
    };
    s->coordinator = coordinator_open(cfg, w->id);
    s->web = ol_http_client_new(&(ol_http_options){.ca_file = ca, .allow = allow});
    s->node = node_open(cfg);
    if (s->coordinator == NULL || s->web == NULL || s->inner == NULL || s->node == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    coordinator_use_session(s->coordinator, w->session);
    coordinator_use_life(s->coordinator, w->life);
    return ol_broker_open(&plan, &s->broker, err);
}

void slot_deinit(slot *s)
{
    ol_broker_close(s->broker);
    ol_http_client_free(s->web);
    ol_http_client_free(s->inner);
    node_close(s->node);
    coordinator_close(s->coordinator);
    ol_buf_deinit(&s->output);
    ol_buf_deinit(&s->chain_output);
}

/* ---- one task ---- */

typedef struct attempt {
    slot *slot;
    const ol_claim_answer *claim;
    ol_arena *arena;
    ol_resource_limits limits;
    const code *code;
    resolved_code from;
    ol_arena secrets; /* wiped with the attempt */
    const variable *secret;
    size_t secret_count;
    ol_run_result result;
    outcome outcome;
    bool unwanted; /* a request nobody waits for any more: reported, not delivered */
} attempt;

/* Failure before the guest ran. */
static void refuse(attempt *a, ol_error_class class, const ol_err *err)
{
    a->outcome.success = false;
    a->outcome.nothing_ran = true;
    a->outcome.class = class;
    a->outcome.error = ol_err_text(err);
}

/* Chain tasks carry their source (the contract has resolved a project already); HTTPS tasks name a
 * project (Worker 4). */
static ol_rc resolve(attempt *a, resolved_code *ret, ol_err *err)
{
    const ol_task *task = &a->claim->task;
    if (!task->is_https_call)
        return chain_code(task, &a->claim->job, a->arena, ret, err);
    return projects_resolve(a->slot->worker->projects, node_rpc(a->slot->node), task->project_id,
                            task->version_key, a->arena, ret, err);
}

static bool get_code(attempt *a, ol_str *ret_uuid, ol_err *err)
{
    slot *s = a->slot;
    if (resolve(a, &a->from, err) != OL_OK) {
        refuse(a, OL_CLASS_FAILED, err);
        return false;
    }
    ol_rc rc = codes_get(s->worker->codes, s->coordinator, s->web, &a->from, &a->code, err);
    if (rc != OL_OK) {
        refuse(a,
               rc == OL_ERR_COMPILE ? OL_CLASS_COMPILATION_FAILED
               : rc == OL_ERR_WASM  ? OL_CLASS_EXECUTION_FAILED
                                    : OL_CLASS_FAILED,
               err);
        return false;
    }
    *ret_uuid = a->from.uuid;
    return true;
}

/* Worker 7.1. */
static bool get_secrets(attempt *a, ol_err *err)
{
    const slot *s = a->slot;
    ol_error_class class = OL_CLASS_FAILED;
    const secrets_ask ask = {
        .task = &a->claim->task,
        .source = &a->from.source,
        .executed_wasm_sha256 = ol_sha256_hex_str(&a->code->content),
        .link = s->worker->keystore,
        .client = s->inner,
        .coordinator = s->coordinator,
    };
    if (secrets_get(&ask, &a->secrets, &a->secret, &a->secret_count, &class, err) == OL_OK)
        return true;
    refuse(a, class, err);
    return false;
}

/* Where the run's rows lie and whose randomness it draws (Worker 7.4). */
static void offer_services(const attempt *a, ol_str project_uuid, ol_broker_run *about)
{
    const ol_task *task = &a->claim->task;
    ol_str user = task->user_account_id;
    about->storage = (ol_broker_storage){
        .project_uuid = project_uuid,
        .wasm_hash = ol_sha256_hex_str(&a->code->content),
        .account = user.len > 0 ? user : OL_STR("anonymous"),
    };
    about->wallet_id = task->wallet_id;
    about->vrf = (ol_broker_vrf){
        .request_id = task->request_id,
        .identity = task->payment_key_owner.len > 0 ? task->payment_key_owner
                    : user.len > 0                  ? user
                                                    : task->context.sender_id,
    };
}

static uint64_t stdout_bytes_max(const ol_resource_limits *limits)
{
    uint64_t mb = limits->memory_mb_max < OL_STDOUT_MB_MAX ? limits->memory_mb_max
                                                           : OL_STDOUT_MB_MAX; /* Worker 7.2 */
    return mb * OL_MIB(1);
}

static ol_rc execute(attempt *a, ol_str project_uuid, ol_err *err)
{
    slot *s = a->slot;
    worker *w = s->worker;
    const ol_task *task = &a->claim->task;
    const code *program = a->code;
    const bool component = program->target == OL_TARGET_P2;
    ol_frame_refusal refusals[OL_HOST_INTERFACES];
    const ol_frame_pair *variables;
    size_t variables_count;
    /* Host interfaces 9: what the guest may give back of. */
    const ol_opt_u128 attached = task_deposit_usd(task);
    const run_facts facts = {
        .network_id = w->network_id,
        .limits = a->limits,
        .sender_id = task->payment_key_owner.data != NULL ? task->payment_key_owner
                                                          : task->context.sender_id,
        .project_uuid = project_uuid,
        .rpc_available = component && w->settings->rpc_proxy && w->settings->rpc_proxy_url.len > 0,
    };
    OL_TRY(variables_build(task, &facts, a->secret, a->secret_count, &a->secrets, &variables,
                           &variables_count, err));
    ol_broker_run about = {
        .network =
            ol_network_policy_of(&program->manifest, ol_project_is_connector(task->project_id)),
        .attached = OL_USD(attached.has ? attached.value : 0),
        .instructions_max = a->limits.instructions_max,
    };
    offer_services(a, project_uuid, &about);
    ol_run_job job = {
        .artifact_id = ol_sha256_bytes(&program->id),
        .artifact_fd = program->memfd.n,
        .target = program->target,
        .seconds = (unsigned)a->limits.seconds_max,
        .frame = {.instructions = a->limits.instructions_max,
                  .memory_bytes = a->limits.memory_mb_max * OL_MIB(1),
                  .stdout_bytes_max = stdout_bytes_max(&a->limits),
                  .stderr_bytes_max = OL_STDERR_BYTES_MAX,
                  .http = true,
                  .variables = variables,
                  .variables_count = variables_count,
                  .input = ol_str_bytes(task->input_data)},
    };
    ol_broker_begin(s->broker, &about);
    job.frame.refusals_count = ol_broker_refusals(s->broker, refusals);
    memcpy(job.frame.refusals, refusals, sizeof refusals);
    const ol_run_host host = ol_broker_host(s->broker);
    ol_rc rc = ol_run_execute(w->runner, &job, &host, &a->result, err);
    ol_broker_end(s->broker);
    return rc;
}

/* Infrastructure, or the guest (Worker 9)? */
static ol_error_class class_of(ol_run_class class)
{
    return class == OL_RUN_ENGINE_CRASH ? OL_CLASS_FAILED : OL_CLASS_EXECUTION_FAILED;
}

/* Engine 2: after some traps the engine's counter is behind by whatever the last loop did. Such a
 * run is billed one instruction for each nanosecond it took, an eighth of the slowest metered speed
 * (Engine 10), when that is more than the reading. */
static uint64_t instructions_billed(const ol_run_result *r, uint64_t limit)
{
    uint64_t elapsed_ns = r->duration_ns > 0 ? (uint64_t)r->duration_ns : 0;
    if (r->class != OL_RUN_TRAP || r->instructions_exact || elapsed_ns <= r->instructions)
        return r->instructions;
    return elapsed_ns < limit ? elapsed_ns : limit;
}

/* Refused while loading: an import nobody has, no entry, an initial memory beyond the limit.
 * Without any memory no code of the guest has done anything; where it has had some, or the counter
 * may be behind, a start function may have worked, and the call is charged. */
static bool never_started(const ol_run_result *r)
{
    return (r->class == OL_RUN_LOAD_ERROR || r->class == OL_RUN_MEMORY) && r->instructions == 0 &&
           r->instructions_exact && r->memory_bytes_peak == 0;
}

static void judge(attempt *a, ol_err *err)
{
    outcome *o = &a->outcome;
    slot *s = a->slot;
    const ol_run_result *r = &a->result;
    o->instructions = instructions_billed(r, a->limits.instructions_max);
    o->time_ms = (uint64_t)(r->duration_ns / 1000000);
    if (r->class != OL_RUN_OK) {
        o->nothing_ran = never_started(r);
        o->class = class_of(r->class);
        o->error = r->text;
        return;
    }
    ol_buf_clear(&s->output);
    if (ol_output_encode(a->claim->task.response_format, r->output, &s->output, err) != OL_OK) {
        o->class = OL_CLASS_EXECUTION_FAILED; /* Worker 7.3: the refund is dropped */
        o->error = ol_err_text(err);
        return;
    }
    o->success = true;
    o->output_json = ol_buf_str(&s->output);
    o->refunded = ol_broker_refund(s->broker, &o->refund);
}

/* A request that has waited long may be answered, cancelled or timed out by now. */
static bool is_over(attempt *a)
{
    const ol_task *task = &a->claim->task;
    const ol_opt_u64 asked_ns = task->context.block_timestamp;
    bool pending = true;
    ol_err err;
    uint64_t now_ms = (uint64_t)ol_wall_ms(ol_clock_real());
    if (!asked_ns.has || now_ms < asked_ns.value / 1000000 + OLD_SECONDS * 1000)
        return false;
    return delivery_pending(node_rpc(a->slot->node), a->slot->worker->settings, task->request_id,
                            task->data_id, 0, &pending, &err) == OL_OK &&
           !pending;
}

static void run(attempt *a, ol_err *err)
{
    ol_str uuid;
    if (!get_code(a, &uuid, err) || !get_secrets(a, err))
        return;
    a->outcome.content = ol_sha256_hex_str(&a->code->content);
    codes_engine(a->slot->worker->codes, &a->outcome.engine, &a->outcome.metering_profile);
    if (execute(a, uuid, err) == OL_OK)
        judge(a, err);
    else
        refuse(a, OL_CLASS_FAILED, err);
}

static void perform(attempt *a, ol_err *err)
{
    const ol_claim_answer *claim = a->claim;
    slot *s = a->slot;
    ol_error_class class;
    a->limits = gate_limits(s->worker->settings, &claim->task.limits);
    if (gate_check(&claim->task, &claim->job, s->worker->deliveries != NULL, &class, err) !=
        OL_OK) {
        refuse(a, class, err);
    } else if (claim->job.kind == OL_JOB_COMPILE) {
        compile_perform(claim, s->coordinator, s->web, a->arena, &a->outcome, err);
    } else if (claim->task.is_https_call) {
        run(a, err);
    } else if (is_over(a)) {
        a->unwanted = true;
        (void)ol_fail(err, OL_ERR_NOT_FOUND, "Request %llu is not pending on the contract any more",
                      (unsigned long long)claim->task.request_id);
        refuse(a, OL_CLASS_FAILED, err);
    } else if (claim->task.compile_only && claim->task.compile_result.data != NULL) {
        a->outcome.success = true; /* nothing is executed: the answer is what was compiled */
    } else {
        run(a, err);
    }
}

static void log_outcome(const attempt *a, const ol_err *err)
{
    const ol_claim_answer *claim = a->claim;
    const outcome *o = &a->outcome;
    if (o->success)
        OL_LOG(OL_INFO, "job_done", KV("job_id", (long)claim->job.job_id),
               KV("call_id", claim->task.call_id), KV("request_id", claim->task.request_id),
               KV("project", claim->task.project_id), KV("instructions", o->instructions),
               KV("ms", o->time_ms), KV("output_bytes", o->output_json.len));
    else
        OL_LOG(OL_INFO, "job_failed", KV("job_id", (long)claim->job.job_id),
               KV("call_id", claim->task.call_id), KV("request_id", claim->task.request_id),
               KV("project", claim->task.project_id), KV("class", ol_error_class_name(o->class)),
               KV("run_class",
                  a->result.text.data != NULL ? ol_run_class_name(a->result.class) : "none"),
               KV("instructions", o->instructions), KV("ms", o->time_ms),
               KV("note", a->result.note[0] != '\0' ? a->result.note
                          : err->notes > 0          ? err->note[0]
                                                    : ""));
    if (a->slot->worker->settings->print_stderr && a->result.errors.len > 0)
        OL_LOG(OL_INFO, "guest_stderr", KV("job_id", (long)claim->job.job_id),
               KV("text", ol_bytes_str(a->result.errors)));
}

/* A result the coordinator finds too large is a failure of the run, and still reported. */
static void tell_outcome(attempt *a)
{
    slot *s = a->slot;
    ol_err err = {0};
    ol_rc rc = report_outcome(s->coordinator, a->claim, &a->outcome, &s->worker->draining, &err);
    if (rc == OL_ERR_LIMIT && a->outcome.success) {
        a->outcome.success = false;
        a->outcome.class = OL_CLASS_EXECUTION_FAILED;
        a->outcome.output_json = (ol_str){NULL, 0};
        a->outcome.error = OL_STR("Output too large: the coordinator refused it");
        rc = report_outcome(s->coordinator, a->claim, &a->outcome, &s->worker->draining, &err);
    }
    if (rc != OL_OK)
        OL_LOG_ERR(OL_ERROR, "report_lost", &err, KV("job_id", (long)a->claim->job.job_id));
}

/* For the note of a run whose code was there already. */
static ol_str cached_since(attempt *a)
{
    const ol_job_info *job = &a->claim->job;
    view_cache *known = a->slot->worker->wasm_created;
    cached_view view = {.second = OL_STR("")};
    ol_err err;
    if (!a->outcome.success || job->compile_time_ms.has || job->wasm_checksum.len == 0)
        return (ol_str){NULL, 0};
    if (view_cache_find(known, job->wasm_checksum, a->arena, &view))
        return view.first;
    if (coordinator_wasm_created(a->slot->coordinator, job->wasm_checksum, a->arena, &view.first,
                                 &err) == OL_OK &&
        view.first.data != NULL)
        view_cache_store(known, job->wasm_checksum, &view);
    return view.first;
}

/* To the chain and then to the coordinator, by others; this slot goes on. */
static void hand_over(attempt *a)
{
    slot *s = a->slot;
    ol_err err = {0};
    const chain_outcome chain = {.claim = a->claim,
                                 .outcome = &a->outcome,
                                 .written = a->result.output,
                                 .cached_since = cached_since(a)};
    if (chain_deliver(s->worker->deliveries, &chain, &s->chain_output, &err) == OL_OK)
        return;
    OL_LOG_ERR(OL_ERROR, "delivery_refused", &err, KV("job_id", (long)a->claim->job.job_id));
    refuse(a, OL_CLASS_FAILED, &err);
    tell_outcome(a);
}

static void serve(slot *s, const ol_claim_answer *claim, ol_arena *arena)
{
    ol_err err = {0};
    attempt a = {
        .slot = s, .claim = claim, .arena = arena, .secrets = ol_arena_new(SECRETS_BYTES_MAX)};
    (void)atomic_fetch_add(&s->worker->busy, 1);
    OL_LOG(OL_DEBUG, "job_started", KV("job_id", (long)claim->job.job_id),
           KV("request_id", claim->task.request_id));
    perform(&a, &err);
    log_outcome(&a, &err);
    bool to_chain = !claim->task.is_https_call && claim->job.kind == OL_JOB_EXECUTE &&
                    s->worker->deliveries != NULL && !a.unwanted;
    if (to_chain)
        hand_over(&a);
    else
        tell_outcome(&a);
    report_extras(s->coordinator, s->worker->settings, claim, &a.outcome, &a.result, a.code,
                  s->broker);
    ol_run_result_deinit(&a.result);
    ol_arena_wipe(&a.secrets);
    if (a.code != NULL)
        codes_release(s->worker->codes, a.code);
    (void)atomic_fetch_sub(&s->worker->busy, 1);
}

/* ---- the loop ---- */

/* One poll and what it brought. Returns how long to wait before the next. */
static int turn(slot *s, int last_pause_ms)
{
    const ol_clock *clock = ol_clock_real();
    ol_arena arena = ol_arena_new(SLOT_ARENA_BYTES);
    ol_claim_answer claim;
    bool some = false;
    ol_err err = {0};
    int64_t began_ns = ol_mono_ns(clock);
    ol_rc rc = coordinator_poll(s->coordinator, &arena, &claim, &some, &err);
    int pause_ms = 0;
    if (rc != OL_OK) {
        bool asked_to_stop = atomic_load(&s->worker->draining);
        pause_ms = last_pause_ms == 0                        ? ERROR_PAUSE_FIRST_MS
                   : last_pause_ms * 2 > ERROR_PAUSE_LAST_MS ? ERROR_PAUSE_LAST_MS
                                                             : last_pause_ms * 2;
        if (!asked_to_stop)
            OL_LOG_ERR(OL_WARN, "poll_failed", &err, KV("pause_ms", pause_ms));
    } else {
        atomic_store(&s->worker->poll_s, (int64_t)time(NULL));
        if (some && claim.has_job)
            serve(s, &claim, &arena);
        else if (ol_mono_ns(clock) - began_ns < (int64_t)EMPTY_PAUSE_MS * 1000000)
            pause_ms = EMPTY_PAUSE_MS;
    }
    ol_arena_deinit(&arena);
    return pause_ms;
}

void *slot_run(void *context)
{
    slot *s = context;
    int pause_ms = 0;
    while (!atomic_load(&s->worker->draining)) {
        pause_ms = turn(s, pause_ms);
        if (pause_ms > 0 && worker_pause(s->worker, pause_ms))
            break;
    }
    return NULL;
}
