#include "services/coordinator/auth.h"

#include "lib/base/log.h"
#include "lib/crypto/secret.h"
#include "services/coordinator/coordinator.h"
#include "services/coordinator/workers.h"

/* Any token hash picks its slot by its first bytes: what is stored is a hash, so where it lies
 * tells nothing, and it is compared in constant time. */
static token_slot *slot_of(coordinator *it, const ol_sha256 *hash)
{
    return &it->tokens.slot[(hash->bytes[0] | (size_t)hash->bytes[1] << 8) % TOKEN_CACHE_SLOTS];
}

static ol_rc token_look(coordinator *it, ol_web_request *request, const ol_sha256 *hash,
                        int64_t now_ms, ol_err *err)
{
    worker_token token;
    token_slot *slot = slot_of(it, hash);
    if (slot->until_ms <= now_ms || !ol_sha256_eq(&slot->hash, hash)) {
        OL_TRY(worker_token_find(it->domain, hash, ol_web_arena(request), &token, err));
        *slot = (token_slot){.hash = *hash, .id = token.id, .until_ms = now_ms + TOKEN_CACHE_MS};
    }
    ol_web_tag_set(request, slot->id);
    return OL_OK;
}

static bool worker_pass(ol_web_request *request, void *context)
{
    coordinator *it = context;
    ol_str token;
    ol_err err = {0};
    if (ol_web_bearer(request, &token)) {
        ol_sha256 hash = ol_sha256_of(ol_str_bytes(token));
        ol_rc rc = token_look(it, request, &hash, ol_mono_ns(it->clock) / 1000000, &err);
        if (rc == OL_OK)
            return true;
        if (rc != OL_ERR_UNAUTHORIZED) {
            answer_failure(request, FAILURE_EMPTY, &err);
            return false;
        }
    }
    if (!it->set->require_auth)
        return true;
    ol_web_answer_empty(request, 401);
    return false;
}

int64_t worker_token_id(const ol_web_request *request)
{
    return ol_web_tag(request);
}

/* 401 absent or malformed, 403 wrong, both with an empty body. */
static bool admin_pass(ol_web_request *request, void *context)
{
    const coordinator *it = context;
    ol_str token;
    if (!ol_web_bearer(request, &token)) {
        ol_web_answer_empty(request, 401);
        return false;
    }
    bool same = ol_bytes_eq_secret(ol_str_bytes(token), ol_str_bytes(it->set->admin_token));
    OL_LOG(OL_INFO, "admin_auth", KV("path", ol_web_path(request)), KV("granted", same));
    if (!same)
        ol_web_answer_empty(request, 403);
    return same;
}

const ol_web_gate GATE_WORKER = {"worker", worker_pass};
const ol_web_gate GATE_ADMIN = {"admin", admin_pass};
