#include "services/keystore/gates.h"

#include "services/keystore/answer.h"

static bool refuse_err(ol_web_request *request, keystore *ks, const ol_err *err)
{
    (void)atomic_fetch_add(&ks->refused, 1); /* counted, not logged: strangers write no logs */
    (void)answer_failure(request, err);
    return false;
}

static bool refuse(ol_web_request *request, keystore *ks, ol_rc rc, const char *text)
{
    ol_err err;
    (void)ol_fail(&err, rc, "%s", text);
    return refuse_err(request, ks, &err);
}

unsigned request_token(const keystore *ks, const ol_web_request *request)
{
    ol_str token;
    return ol_web_bearer(request, &token) ? tokens_kind(&ks->tokens, token) : (unsigned)TOKEN_NONE;
}

ol_rc request_reader(keystore *ks, const ol_web_request *request, session *ret, bool *ret_seals,
                     ol_err *err)
{
    ol_str id;
    *ret_seals = false;
    if (!ol_web_header(request, "x-tee-session", &id))
        return OL_OK;
    ol_rc rc = session_reader(ks->sessions, id, ret, err);
    if (rc == OL_OK)
        *ret_seals = ret->seals;
    return ks->set->require_sessions ? rc : OL_OK;
}

static bool ready(ol_web_request *request, keystore *ks)
{
    return atomic_load(&ks->ready) ||
           refuse(request, ks, OL_ERR_UNAUTHORIZED,
                  "Keystore not ready. Waiting for DAO approval and master key from MPC.");
}

/* A token of one of `kinds`, with the texts of Keystore 4. */
static bool token_pass(ol_web_request *request, keystore *ks, unsigned kinds, const char *wrong)
{
    ol_str text;
    if (!ol_web_header(request, "authorization", &text))
        return refuse(request, ks, OL_ERR_UNAUTHORIZED, "Missing Authorization header");
    if (!ol_web_bearer(request, &text))
        return refuse(request, ks, OL_ERR_UNAUTHORIZED, "Invalid Authorization format");
    if ((request_token(ks, request) & kinds) == 0)
        return refuse(request, ks, OL_ERR_UNAUTHORIZED, wrong);
    return true;
}

static bool session_pass(ol_web_request *request, keystore *ks)
{
    ol_str id;
    session found;
    ol_err err;
    if (!ks->set->require_sessions)
        return true;
    if (!ol_web_header(request, "x-tee-session", &id))
        return refuse(request, ks, OL_ERR_FORBIDDEN,
                      "TEE session required. Register via /tee-challenge + /register-tee");
    if (session_find(ks->sessions, id, &found, &err) == OL_OK)
        return true;
    return refuse_err(request, ks, &err);
}

static bool pass_ready(ol_web_request *request, void *context)
{
    return ready(request, context);
}

static bool pass_worker_bare(ol_web_request *request, void *context)
{
    return token_pass(request, context, TOKEN_WORKER, "Invalid worker token") &&
           ready(request, context);
}

static bool pass_worker(ol_web_request *request, void *context)
{
    return pass_worker_bare(request, context) && session_pass(request, context);
}

static bool pass_coordinator(ol_web_request *request, void *context)
{
    return token_pass(request, context, TOKEN_COORDINATOR, "Invalid coordinator token") &&
           ready(request, context);
}

static bool pass_entry(ol_web_request *request, void *context)
{
    return token_pass(request, context, TOKEN_WORKER | TOKEN_COORDINATOR, "Invalid token") &&
           ready(request, context);
}

static bool pass_either(ol_web_request *request, void *context)
{
    return pass_entry(request, context) &&
           ((request_token(context, request) & TOKEN_COORDINATOR) != 0 ||
            session_pass(request, context));
}

const ol_web_gate GATE_READY = {"ready", pass_ready};
const ol_web_gate GATE_WORKER = {"worker", pass_worker};
const ol_web_gate GATE_WORKER_BARE = {"worker without session", pass_worker_bare};
const ol_web_gate GATE_COORDINATOR = {"coordinator", pass_coordinator};
const ol_web_gate GATE_EITHER = {"coordinator or worker", pass_either};
const ol_web_gate GATE_ENTRY = {"coordinator or worker, before a session", pass_entry};
