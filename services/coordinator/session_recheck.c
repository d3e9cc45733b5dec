#include "services/coordinator/session_recheck.h"

#include <stdlib.h>

#include "lib/base/log.h"
#include "lib/codec/json_write.h"
#include "lib/near/access_key.h"
#include "lib/near/rpc_answer.h"
#include "services/coordinator/workers.h"

typedef struct recheck {
    chain_job job; /* first */
    coordinator *it;
} recheck;

/* Does the operator's account certainly not hold this as a session key any more? */
static bool is_gone(const coordinator *it, const ol_rpc *rpc, ol_str public_key, ol_arena *arena)
{
    ol_access_key key;
    ol_rpc_answer answer = {.fault = OL_RPC_LOST};
    ol_err err;
    OL_AUTO(ol_buf) params = ol_buf_new(OL_KIB(16));
    OL_AUTO(ol_buf) body = ol_buf_new(CHAIN_ANSWER_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "request_type", "view_access_key");
    ol_json_put_cstr(&w, "finality", "final");
    ol_json_put_str(&w, "account_id", it->set->operator_account_id);
    ol_json_put_str(&w, "public_key", public_key);
    ol_json_object_end(&w);
    if (ol_rpc_call(rpc, "query", ol_buf_str(&params), &body, &answer, &err) != OL_OK)
        return answer.fault == OL_RPC_UNKNOWN_KEY || answer.fault == OL_RPC_UNKNOWN_ACCOUNT;
    return !it->set->any_operator_key &&
           ol_access_key_read(&answer.result, arena, &key, NULL) == OL_OK &&
           !ol_access_key_is_worker(&key, it->set->contract_id);
}

static void round_run(chain_job *job, const chain_tools *tools)
{
    recheck *round = (recheck *)job;
    coordinator *it = round->it;
    OL_AUTO(ol_arena) arena = ol_arena_new(OL_MIB(16));
    tee_session_row *row;
    size_t count = 0;
    ol_err err = {0};
    free(round);
    if (tee_sessions_list(it->domain, &arena, &row, &count, &err) != OL_OK)
        OL_LOG_ERR(OL_WARN, "sessions_recheck_failed", &err);
    for (size_t i = 0; i < count; i++) {
        tee_session_ending ending = {.session_id = row[i].session_id};
        if (!is_gone(it, &tools->rpc, row[i].public_key, &arena))
            continue;
        tee_session_end(it->domain, &ending);
        if (ending.ended)
            OL_LOG(OL_INFO, "session_ended", KV("public_key", row[i].public_key),
                   KV("why", "its access key is gone"));
    }
}

void sessions_recheck(coordinator *it)
{
    recheck *round = malloc(sizeof *round);
    if (round == NULL)
        return;
    *round = (recheck){.job = {.run = round_run}, .it = it};
    if (!chain_submit(it->chain, &round->job))
        free(round);
}
