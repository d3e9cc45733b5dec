#include "lib/near/signer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/codec/base58.h"

/* A transaction names a block of the last 86,400 (NEAR 4.2); a minute old is recent. */
static const int64_t BLOCK_FRESH_NS = INT64_C(60000000000);
enum { ACCOUNT_BYTES = 65, KEY_TEXT_BYTES = 64 };

struct ol_signer {
    char account[ACCOUNT_BYTES];
    char public_key[KEY_TEXT_BYTES];
    ol_ed25519_key key;
    pthread_mutex_t lock; /* of what follows, and of the order in which nonces reach the node */
    bool nonce_known;
    uint64_t next_nonce;
    bool block_known;
    int64_t block_taken_ns;
    uint8_t block_hash[32];
};

ol_rc ol_signer_open(ol_str account_id, ol_str secret_key, ol_signer **ret, ol_err *err)
{
    ol_signer *s = calloc(1, sizeof *s);
    ol_arena arena = ol_arena_new(OL_KIB(4));
    if (s == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_rc rc = account_id.len > 0 && account_id.len < sizeof s->account
                   ? ol_near_secret_key_parse(secret_key, &s->key, err)
                   : ol_fail(err, OL_ERR_INVALID, "not an account");
    if (rc != OL_OK) {
        free(s);
        ol_arena_deinit(&arena);
        return rc;
    }
    ol_ed25519_public public = ol_ed25519_public_of(&s->key);
    (void)snprintf(s->account, sizeof s->account, "%.*s", OL_FMT(account_id));
    (void)snprintf(s->public_key, sizeof s->public_key, "%.*s",
                   OL_FMT(ol_near_public_key_format(&public, &arena)));
    ol_arena_deinit(&arena);
    (void)pthread_mutex_init(&s->lock, NULL);
    *ret = s;
    return OL_OK;
}

void ol_signer_close(ol_signer *s)
{
    if (s == NULL)
        return;
    ol_ed25519_key_deinit(&s->key);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

ol_str ol_signer_account(const ol_signer *s)
{
    return ol_str_of(s->account);
}

ol_str ol_signer_public_key(const ol_signer *s)
{
    return ol_str_of(s->public_key);
}

/* ---- under the lock ---- */

/* The key's nonce on the chain; never below what this process gave out already, because what is
 * still in flight will raise it. `over` is one the node refused, and forgotten with it. */
static ol_rc learn_nonce(ol_signer *s, const ol_rpc *rpc, bool from_chain_alone,
                         ol_rpc_answer *ret_answer, ol_err *err)
{
    uint64_t nonce = 0;
    OL_TRY_NOTE(err,
                ol_rpc_key_nonce(rpc, ol_signer_account(s), ol_signer_public_key(s),
                                 OL_STR("optimistic"), &nonce, &ret_answer->fault, err),
                "nonce of %s", s->account);
    if (nonce == UINT64_MAX)
        return ol_fail(err, OL_ERR_RANGE, "the key's nonces are used up");
    if (!s->nonce_known || from_chain_alone || s->next_nonce <= nonce)
        s->next_nonce = nonce + 1;
    s->nonce_known = true;
    return OL_OK;
}

static ol_rc learn_block(ol_signer *s, const ol_rpc *rpc, ol_rpc_answer *ret_answer, ol_err *err)
{
    ol_block_head head;
    OL_TRY_NOTE(err, ol_rpc_block_head(rpc, OL_STR("final"), &head, &ret_answer->fault, err),
                "recent block");
    memcpy(s->block_hash, head.hash, sizeof s->block_hash);
    s->block_taken_ns = ol_mono_ns(ol_clock_real());
    s->block_known = true;
    return OL_OK;
}

static ol_rc prepare(ol_signer *s, const ol_rpc *rpc, ol_rpc_answer *ret_answer, ol_err *err)
{
    bool fresh = s->block_known && ol_mono_ns(ol_clock_real()) - s->block_taken_ns < BLOCK_FRESH_NS;
    if (!s->nonce_known)
        OL_TRY(learn_nonce(s, rpc, false, ret_answer, err));
    if (!fresh)
        OL_TRY(learn_block(s, rpc, ret_answer, err));
    return OL_OK;
}

static ol_rc sign(ol_signer *s, const ol_call *call, ol_signed_tx *ret, ol_err *err)
{
    ol_sha256 hash;
    char storage[OL_BASE58_TEXT_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    const ol_action action = ol_action_call(call->method, call->args, call->gas, call->deposit);
    ol_transaction transaction = {
        .signer_id = ol_signer_account(s),
        .receiver_id = call->receiver_id,
        .nonce = s->next_nonce,
        .actions = &action,
        .action_count = 1,
    };
    memcpy(transaction.block_hash, s->block_hash, sizeof transaction.block_hash);
    ol_buf_clear(&ret->bytes);
    ol_transaction_sign(&transaction, &s->key, &ret->bytes, &hash);
    if (!ol_buf_ok(&ret->bytes))
        return ol_fail(err, OL_ERR_LIMIT, "transaction larger than %zu bytes", ret->bytes.max);
    ol_base58_add(&text, ol_sha256_bytes(&hash));
    OL_ASSERT(ol_buf_ok(&text) && text.len < sizeof ret->hash_text);
    (void)snprintf(ret->hash_text, sizeof ret->hash_text, "%.*s", OL_FMT(ol_buf_str(&text)));
    ret->nonce = s->next_nonce++;
    return OL_OK;
}

ol_rc ol_rpc_resend(const ol_rpc *rpc, const ol_signed_tx *tx, ol_rpc_answer *ret_answer,
                    ol_err *err)
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_buf answer = ol_buf_new(OL_MIB(1));
    ol_tx_outcome outcome;
    ol_rc rc = ol_rpc_send_tx(rpc, ol_buf_bytes(&tx->bytes), OL_STR("NONE"), &arena, &answer,
                              &outcome, ret_answer, err);
    ol_buf_deinit(&answer);
    ol_arena_deinit(&arena);
    return rc;
}

/* What the refusal means for the next try; false when there is none. */
static bool mend(ol_signer *s, const ol_rpc *rpc, const ol_rpc_answer *refusal,
                 ol_rpc_answer *ret_answer, ol_err *err)
{
    if (refusal->fault == OL_RPC_EXPIRED) {
        s->block_known = false;
        return true;
    }
    if (refusal->fault != OL_RPC_BAD_NONCE)
        return false;
    if (refusal->has_key_nonce && refusal->key_nonce < UINT64_MAX) {
        if (s->next_nonce <= refusal->key_nonce)
            s->next_nonce = refusal->key_nonce + 1;
        return true;
    }
    /* Too large: the chain was restored to an earlier state, perhaps. */
    return learn_nonce(s, rpc, true, ret_answer, err) == OL_OK;
}

static ol_rc send_locked(ol_signer *s, const ol_rpc *rpc, const ol_call *call,
                         ol_before_send *before_send, void *context, ol_signed_tx *ret,
                         ol_rpc_answer *ret_answer, ol_err *err)
{
    for (int i = 1;; i++) {
        OL_TRY(prepare(s, rpc, ret_answer, err));
        OL_TRY(sign(s, call, ret, err));
        if (before_send != NULL)
            OL_TRY(before_send(context, ret, err));
        ol_rc rc = ol_rpc_resend(rpc, ret, ret_answer, err);
        const ol_rpc_answer refusal = *ret_answer;
        if (rc == OL_OK || i == OL_SIGNER_TRIES_MAX || !mend(s, rpc, &refusal, ret_answer, err))
            return rc;
    }
}

ol_rc ol_signer_send(ol_signer *s, const ol_rpc *rpc, const ol_call *call,
                     ol_before_send *before_send, void *context, ol_signed_tx *ret,
                     ol_rpc_answer *ret_answer, ol_err *err)
{
    *ret_answer = (ol_rpc_answer){.fault = OL_RPC_REFUSED};
    ret->hash_text[0] = '\0';
    (void)pthread_mutex_lock(&s->lock);
    ol_rc rc = send_locked(s, rpc, call, before_send, context, ret, ret_answer, err);
    (void)pthread_mutex_unlock(&s->lock);
    return rc;
}
