/* Money that a token transfer brings to a payment key (Worker 11): the key's plaintext is opened by
 * the keystore, its balance raised, sealed again for the contract, and credited at the coordinator.
 *
 * Exactly once, whatever is repeated: the sealed plaintext names the transfers it holds (`applied`,
 * newest last), so that a task that comes again finds on the chain whether its answer was taken. */
#ifndef WORKER_TOP_UP_H
#define WORKER_TOP_UP_H

#include "lib/broker/keystore_link.h"
#include "lib/near/rpc.h"
#include "services/worker/coordinator.h"

typedef struct top_up {
    ol_str data_id; /* of the yield, 64 hex digits */
    ol_str owner;
    uint32_t nonce;
    bool again;         /* the task was delivered before: what the contract refuses now is over */
    ol_u128 amount;     /* 0: the key was made, nothing was paid */
    ol_bytes encrypted; /* the key as it was when the transfer came */
} top_up;

typedef struct top_up_tools {
    const ol_rpc *rpc;
    ol_str contract_id;
    ol_keystore_link *keystore;
    ol_http_client *client;
    coordinator *coordinator;
    /* resume_topup {data_id, result}: until its outcome is known. OL_ERR_INVALID: the contract
     * refused it. OL_OK: it was accepted; what it does comes a block later. */
    ol_rc (*resume)(void *context, ol_str data_id, ol_str result_json, ol_err *err);
    bool (*pause)(void *context, int ms); /* true: the worker stops, give up */
    void *context;
} top_up_tools;

/* OL_OK: the task is over. Anything else: it comes again. */
ol_rc top_up_perform(const top_up *it, const top_up_tools *tools, ol_err *err);

#endif
