#include "lib/broker/broker.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/broker/internal.h"

enum { MS_PER_SECOND = 1000 };

ol_rc ol_broker_open(const ol_broker_plan *plan, ol_broker **ret, ol_err *err)
{
    ol_broker *broker = calloc(1, sizeof *broker);
    if (broker == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    broker->plan = *plan;
    if (broker->plan.allow == NULL)
        broker->plan.allow = ol_addr_is_public;
    if (broker->plan.resolve == NULL)
        broker->plan.resolve = ol_resolve_system;
    if (broker->plan.http_head_ms == 0)
        broker->plan.http_head_ms = OL_HTTP_HEAD_SECONDS * MS_PER_SECOND;
    if (broker->plan.http_idle_ms == 0)
        broker->plan.http_idle_ms = OL_HTTP_IDLE_SECONDS * MS_PER_SECOND;
    ol__rpc_begin(broker);
    *ret = broker;
    return OL_OK;
}

void ol_broker_close(ol_broker *broker)
{
    if (broker == NULL)
        return;
    ol__egress_end(broker);
    ol__rpc_close(broker);
    ol__storage_end(broker);
    ol__service_close(broker);
    free(broker->egress.record);
    free(broker);
}

void ol_broker_begin(ol_broker *broker, const ol_broker_run *run)
{
    ol__egress_end(broker);
    ol__rpc_begin(broker);
    ol__service_drop(broker);
    ol__storage_end(broker);
    broker->vrf = (ol__vrf){0};
    broker->wallet = (ol__wallet){0};
    broker->about = *run;
    broker->known_rows = 0;
    broker->refunded = false;
    broker->refund = OL_USD(0);
    broker->egress.requests = 0;
    broker->egress.timeouts = 0;
    broker->egress.body_bytes = 0;
    broker->egress.records = 0;
}

void ol_broker_end(ol_broker *broker)
{
    ol__egress_end(broker);
    ol__rpc_drop(broker);
    ol__service_drop(broker);
    ol__storage_end(broker);
    broker->run = NULL;
}

bool ol_broker_refund(const ol_broker *broker, ol_usd *ret)
{
    if (broker->refunded)
        *ret = broker->refund;
    return broker->refunded;
}

size_t ol_broker_records(const ol_broker *broker, const ol_egress_record **ret)
{
    *ret = broker->egress.record;
    return broker->egress.records;
}

static bool storage_offered(const ol_broker *broker)
{
    return broker->plan.keystore != NULL && broker->about.storage.project_uuid.len > 0;
}

static bool vrf_offered(const ol_broker *broker)
{
    return broker->plan.keystore != NULL && broker->about.vrf.identity.len > 0;
}

static bool wallet_offered(const ol_broker *broker)
{
    return broker->plan.wallet_token.len > 0 && broker->about.wallet_id.len > 0;
}

/* Host interfaces 6. */
size_t ol_broker_refusals(const ol_broker *broker, ol_frame_refusal into[static OL_HOST_INTERFACES])
{
    size_t n = 0;
    if (broker->plan.rpc_url.len == 0)
        into[n++] = (ol_frame_refusal){OL_HOST_RPC, OL_STR("Failed to instantiate component")};
    if (!storage_offered(broker))
        into[n++] = (ol_frame_refusal){
            OL_HOST_STORAGE,
            OL_STR("WASM imports `near:storage/api` but storage is not configured.\n"
                   "Storage requires: keystore configured + project execution.")};
    if (!vrf_offered(broker))
        into[n++] = (ol_frame_refusal){
            OL_HOST_VRF, OL_STR("WASM imports near:vrf/api but VRF is not available.\n"
                                "VRF requires: keystore configured + blockchain execution with "
                                "request_id.")};
    if (!wallet_offered(broker))
        into[n++] = (ol_frame_refusal){
            OL_HOST_WALLET,
            OL_STR("WASM imports outlayer:wallet/api but wallet is not available.\n"
                   "Wallet requires: X-Wallet-Id header in the execution request.")};
    return n;
}

/* Host interfaces 9. */
static void refund_usd(ol_broker *broker, uint32_t id, uint64_t amount)
{
    char text[128] = "";
    if (broker->refunded) {
        (void)snprintf(text, sizeof text, "refund_usd can only be called once per execution");
    } else if ((ol_u128)amount > broker->about.attached.micro) {
        (void)snprintf(text, sizeof text, "Refund amount %llu exceeds attached USD %s",
                       (unsigned long long)amount, USD(broker->about.attached));
    } else {
        broker->refunded = true;
        broker->refund = OL_USD(amount);
    }
    const ol_host_value answer = {.bytes = ol_str_bytes(ol_str_of(text))};
    ol_run_answer(broker->run, id, OL_FN_PAYMENT_REFUND_USD, &answer, 1);
}

/* ---- callbacks of a run ---- */

static void on_call(void *env, ol_run *run, uint32_t id, ol_host_fn function,
                    const ol_host_value *values, size_t count)
{
    ol_broker *broker = env;
    broker->run = run;
    switch (OL_HOST_FUNCTION[function].interface) {
    case OL_HOST_RPC:
        if (broker->plan.rpc_url.len > 0) {
            ol__rpc_call(broker, id, function, values, count);
            return;
        }
        break;
    case OL_HOST_PAYMENT:
        refund_usd(broker, id, values[0].number);
        return;
    case OL_HOST_HTTP:
        ol__egress_call(broker, id, values, count);
        return;
    case OL_HOST_STORAGE:
        if (storage_offered(broker)) {
            ol__storage_call(broker, id, function, values);
            return;
        }
        break;
    case OL_HOST_VRF:
        if (vrf_offered(broker)) {
            ol__vrf_call(broker, id, function, values);
            return;
        }
        break;
    case OL_HOST_WALLET:
        if (wallet_offered(broker)) {
            ol__wallet_call(broker, id, function, values);
            return;
        }
        break;
    case OL_HOST_INTERFACES:
        break;
    }
    /* The program was refused before it ran: whoever calls is not a guest of ours. */
    ol_run_end(run, OL_RUN_ENGINE_CRASH, OL_STR("host call that was not offered"));
}

static void on_http_open(void *env, ol_run *run, uint32_t id, const ol_frame_http_open *request)
{
    ol_broker *broker = env;
    broker->run = run;
    ol__egress_open(broker, id, request);
}

static void on_http_send(void *env, ol_run *run, uint32_t id, ol_bytes piece, bool last)
{
    ol_broker *broker = env;
    broker->run = run;
    ol__egress_send(broker, id, piece, last);
}

static void on_http_pull(void *env, ol_run *run, uint32_t id)
{
    ol_broker *broker = env;
    broker->run = run;
    ol__egress_pull(broker, id);
}

static void on_http_drop(void *env, ol_run *run, uint32_t id)
{
    ol_broker *broker = env;
    broker->run = run;
    ol__egress_drop(broker, id);
}

static size_t on_poll_add(void *env, struct pollfd *fds, size_t max, int64_t *wake_ns)
{
    ol_broker *broker = env;
    broker->rpc_fds = 0;
    if (broker->rpc.in_loop)
        broker->rpc_fds = ol_http_loop_poll_add(broker->rpc.loop, fds, max, wake_ns);
    broker->service_fds = 0;
    if (broker->service.in_loop)
        broker->service_fds = ol_http_loop_poll_add(broker->service.loop, fds + broker->rpc_fds,
                                                    max - broker->rpc_fds, wake_ns);
    size_t own = broker->rpc_fds + broker->service_fds;
    broker->egress_fds = ol__egress_poll_add(broker, fds + own, max - own, wake_ns);
    return own + broker->egress_fds;
}

static void on_poll_done(void *env, ol_run *run, const struct pollfd *fds, size_t count)
{
    ol_broker *broker = env;
    const size_t own = broker->rpc_fds + broker->service_fds;
    OL_ASSERT(count == own + broker->egress_fds);
    broker->run = run;
    if (broker->rpc.in_loop)
        ol_http_loop_turn(broker->rpc.loop, fds, broker->rpc_fds);
    if (broker->service.in_loop)
        ol_http_loop_turn(broker->service.loop, fds + broker->rpc_fds, broker->service_fds);
    ol__egress_poll_done(broker, fds + own, broker->egress_fds);
}

ol_run_host ol_broker_host(ol_broker *broker)
{
    return (ol_run_host){
        .env = broker,
        .call = on_call,
        .http_open = on_http_open,
        .http_send = on_http_send,
        .http_pull = on_http_pull,
        .http_drop = on_http_drop,
        .poll_add = on_poll_add,
        .poll_done = on_poll_done,
    };
}
