/* The supervisor's side of host calls: outgoing HTTP, NEAR RPC, refunds (Host interfaces 5-9).
 *
 * One broker belongs to one thread and serves one run after another:
 *
 *   ol_broker_begin(broker, &about);
 *   const ol_run_host host = ol_broker_host(broker);
 *   OL_TRY(ol_run_execute(runner, &job, &host, &result, err));
 *   … ol_broker_refund, ol_broker_records …
 *   ol_broker_end(broker);
 *
 * Nothing of a guest's arguments is logged or put into errors of the operator. */
#ifndef OL_BROKER_BROKER_H
#define OL_BROKER_BROKER_H

#include "lib/base/money.h"
#include "lib/broker/keystore_link.h"
#include "lib/broker/policy.h"
#include "lib/net/resolve.h"
#include "lib/run/runner.h"

typedef struct ol_broker ol_broker;

typedef struct ol_broker_plan {
    const char *ca_file;     /* authorities in place of the system's, or NULL */
    ol_addr_allow_fn *allow; /* NULL: public addresses alone */
    ol_resolve_fn *resolve;  /* NULL: the system's */
    void *resolve_context;
    ol_str rpc_url;                  /* empty: near:rpc/api is not offered; borrowed */
    uint64_t rpc_calls_max;          /* NEAR_RPC_PROXY_MAX_CALLS */
    bool rpc_transactions;           /* NEAR_RPC_PROXY_ALLOW_TRANSACTIONS */
    ol_keystore_link *keystore;      /* NULL: neither near:storage nor near:vrf is offered */
    ol_http_client *keystore_client; /* opens its sessions, on the run's thread; borrowed */
    ol_str coordinator_url;          /* near:storage's rows; without a slash at the end */
    ol_str coordinator_token;
    ol_str wallet_token;   /* X-Internal-Wallet-Auth; empty: outlayer:wallet is not offered */
    uint32_t http_head_ms; /* 0: 30 s (Host interfaces 5); tests shorten it */
    uint32_t http_idle_ms; /* 0: 30 s */
} ol_broker_plan;

/* Whose rows a run keeps; project_uuid empty: near:storage is not offered (Host interfaces 8). */
typedef struct ol_broker_storage {
    ol_str project_uuid;
    ol_str wasm_hash;
    ol_str account;
} ol_broker_storage;

/* Of whom randomness is drawn; identity empty: near:vrf is not offered (Host interfaces 10). */
typedef struct ol_broker_vrf {
    uint64_t request_id;
    ol_str identity;
} ol_broker_vrf;

/* What a run may do; borrowed until ol_broker_end. */
typedef struct ol_broker_run {
    ol_network_policy network;
    ol_usd attached;           /* what refund-usd can give back */
    uint64_t instructions_max; /* for the text of a penalty */
    ol_broker_storage storage;
    ol_broker_vrf vrf;
    ol_str wallet_id; /* empty: outlayer:wallet is not offered (Host interfaces 11) */
} ol_broker_run;

ol_rc ol_broker_open(const ol_broker_plan *plan, ol_broker **ret, ol_err *err);
void ol_broker_close(ol_broker *broker); /* NULL is fine */

void ol_broker_begin(ol_broker *broker, const ol_broker_run *run);
ol_run_host ol_broker_host(ol_broker *broker);
/* Drops what is still under way. Records and refund can be read until the next begin. */
void ol_broker_end(ol_broker *broker);

/* Which packages the run begun is refused, and with which text (Host interfaces 6). Texts are
 * constants. Returns how many were written. */
size_t ol_broker_refusals(const ol_broker *broker,
                          ol_frame_refusal into[static OL_HOST_INTERFACES]);

/* refund-usd was accepted: *ret is the amount. It counts only when the run succeeds. */
bool ol_broker_refund(const ol_broker *broker, ol_usd *ret);

typedef struct ol_egress_record {
    char host[254]; /* NUL-terminated; cut */
    int64_t bytes;  /* declared content-length of the request, or -1 */
    bool allowed;
    const char *reason; /* why not, in a word; NULL when allowed */
} ol_egress_record;

/* In order of the attempts. They die at the next begin. */
size_t ol_broker_records(const ol_broker *broker, const ol_egress_record **ret);

#endif
