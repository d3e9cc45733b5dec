#include "lib/near/rpc_chain.h"

#include <stdio.h>
#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"

enum { RECEIPTS_MAX = 100000, LOGS_MAX = 100000 };

static void tell(ol_rpc_fault *ret_fault, const ol_rpc_answer *answer)
{
    if (ret_fault != NULL)
        *ret_fault = answer->fault;
}

/* ---- heads ---- */

typedef struct header {
    uint64_t height;
    ol_str hash;
    uint64_t timestamp;
} header;

static const ol_json_field HEADER_FIELDS[] = {
    {"height", OL_BIND_U64, OL_REQUIRED, offsetof(header, height)},
    {"hash", OL_BIND_TEXT, OL_REQUIRED, offsetof(header, hash)},
    {"timestamp", OL_BIND_U64, OL_OPTIONAL, offsetof(header, timestamp)},
};
static const ol_json_table HEADER = {"BlockHeader", HEADER_FIELDS, OL_COUNT(HEADER_FIELDS)};

static ol_rc head_decode(const ol_json *block, ol_block_head *ret, ol_err *err)
{
    ol_json part;
    header it = {0};
    ol_arena arena = ol_arena_new(OL_KIB(16)); /* a hash with escapes, should there be one */
    ol_rc rc = ol_json_find(block, OL_STR("header"), &part)
                   ? ol_json_bind_value(&part, &HEADER, &it, &arena, err)
                   : ol_fail(err, OL_ERR_SHAPE, "block without a header");
    if (rc == OL_OK && (it.hash.len >= sizeof ret->hash_text ||
                        !ol_base58_decode_fixed(it.hash, ret->hash, sizeof ret->hash)))
        rc = ol_fail(err, OL_ERR_SHAPE, "block hash is none");
    if (rc == OL_OK) {
        ret->height = it.height;
        ret->timestamp_ns = it.timestamp;
        (void)snprintf(ret->hash_text, sizeof ret->hash_text, "%.*s", OL_FMT(it.hash));
    }
    ol_arena_deinit(&arena);
    return rc;
}

ol_rc ol_rpc_block_head(const ol_rpc *rpc, ol_str finality_or_block, ol_block_head *ret,
                        ol_rpc_fault *ret_fault, ol_err *err)
{
    char storage[256];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_buf body = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    ol_rpc_answer answer = {.fault = OL_RPC_LOST};
    ol_buf_add_char(&params, '{');
    ol_rpc_add_block(&params, finality_or_block);
    ol_buf_add_char(&params, '}');
    ol_rc rc = ol_buf_ok(&params)
                   ? ol_rpc_call(rpc, "block", ol_buf_str(&params), &body, &answer, err)
                   : ol_fail(err, OL_ERR_INVALID, "not a block");
    if (rc == OL_OK)
        rc = head_decode(&answer.result, ret, err);
    tell(ret_fault, &answer);
    ol_buf_deinit(&body);
    return rc;
}

ol_rc ol_rpc_key_nonce(const ol_rpc *rpc, ol_str account_id, ol_str public_key, ol_str finality,
                       uint64_t *ret, ol_rpc_fault *ret_fault, ol_err *err)
{
    char storage[1024];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_buf body = ol_buf_new(OL_KIB(64));
    ol_rpc_answer answer = {.fault = OL_RPC_LOST};
    ol_json nonce;
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "request_type", "view_access_key");
    ol_json_put_str(&w, "finality", finality);
    ol_json_put_str(&w, "account_id", account_id);
    ol_json_put_str(&w, "public_key", public_key);
    ol_json_object_end(&w);
    ol_rc rc = ol_buf_ok(&params)
                   ? ol_rpc_call(rpc, "query", ol_buf_str(&params), &body, &answer, err)
                   : ol_fail(err, OL_ERR_INVALID, "account or key too long");
    if (rc == OL_OK && !ol_json_find(&answer.result, OL_STR("nonce"), &nonce))
        rc = ol_fail(err, OL_ERR_SHAPE, "access key without a nonce");
    if (rc == OL_OK)
        rc = ol_json_u64(&nonce, ret, err);
    tell(ret_fault, &answer);
    ol_buf_deinit(&body);
    return rc;
}

ol_rc ol_rpc_transaction_bytes_max(const ol_rpc *rpc, uint64_t *ret, ol_err *err)
{
    static const char *const path[] = {"runtime_config", "wasm_config", "limit_config",
                                       "max_transaction_size"};
    ol_buf body = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    ol_rpc_answer answer;
    ol_rc rc = ol_rpc_call(rpc, "EXPERIMENTAL_protocol_config", OL_STR("{\"finality\":\"final\"}"),
                           &body, &answer, err);
    OL_EACH (name, path) {
        if (rc == OL_OK && !ol_json_find(&answer.result, ol_str_of(*name), &answer.result))
            rc = ol_fail(err, OL_ERR_SHAPE, "protocol configuration without %s", *name);
    }
    if (rc == OL_OK)
        rc = ol_json_u64(&answer.result, ret, err);
    ol_buf_deinit(&body);
    return rc;
}

/* ---- outcomes ---- */

typedef struct one_outcome {
    ol_json_texts logs;
    uint64_t gas_burnt;
    ol_json status;
} one_outcome;

static const ol_json_field OUTCOME_FIELDS[] = {
    {"logs", OL_BIND_TEXT_LIST, OL_OPTIONAL, offsetof(one_outcome, logs)},
    {"gas_burnt", OL_BIND_U64, OL_OPTIONAL, offsetof(one_outcome, gas_burnt)},
    {"status", OL_BIND_VALUE, OL_REQUIRED, offsetof(one_outcome, status)},
};
static const ol_json_table OUTCOME = {"ExecutionOutcome", OUTCOME_FIELDS, OL_COUNT(OUTCOME_FIELDS)};

/* `{"outcome":{…}}` of a transaction or a receipt. */
static ol_rc one_decode(const ol_json *with_id, ol_arena *arena, one_outcome *ret, ol_err *err)
{
    ol_json value;
    if (!ol_json_find(with_id, OL_STR("outcome"), &value))
        return ol_fail(err, OL_ERR_SHAPE, "outcome missing");
    return ol_json_bind_value(&value, &OUTCOME, ret, arena, err);
}

static bool failed(const ol_json *status)
{
    ol_json part;
    return ol_json_find(status, OL_STR("Failure"), &part);
}

static void decode_status(const ol_json *status, ol_arena *arena, ol_tx_outcome *it)
{
    ol_json part;
    it->state = OL_TX_UNDER_WAY;
    if (ol_json_find(status, OL_STR("Failure"), &part)) {
        it->state = OL_TX_FAILED;
        it->failure_json = part.raw;
    } else if (ol_json_find(status, OL_STR("SuccessValue"), &part)) {
        it->state = OL_TX_SUCCEEDED;
        if (ol_json_text(&part, arena, &it->value_base64, NULL) != OL_OK)
            it->value_base64 = OL_STR("");
    }
}

typedef struct log_list {
    ol_str *log;
    size_t count;
} log_list;

static void take_logs(const one_outcome *from, log_list *list)
{
    if (failed(&from->status))
        return;
    for (size_t i = 0; i < from->logs.count; i++)
        list->log[list->count++] = from->logs.items[i];
}

ol_rc ol_tx_outcome_decode(const ol_json *value, ol_arena *arena, ol_tx_outcome *ret, ol_err *err)
{
    ol_tx_outcome it = {.json = *value, .state = OL_TX_UNDER_WAY};
    ol_json status;
    ol_json part;
    ol_json item;
    if (ol_json_find(value, OL_STR("status"), &status))
        decode_status(&status, arena, &it);
    size_t receipts = ol_json_find(value, OL_STR("receipts_outcome"), &part) &&
                              ol_json_kind_of(&part) == OL_JSON_ARRAY
                          ? ol_json_count(&part)
                          : 0;
    if (receipts > RECEIPTS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "outcome of more than %d receipts", RECEIPTS_MAX);
    one_outcome *one = ol_arena_array(arena, receipts + 1, sizeof *one);
    if (one == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    size_t count = 0;
    if (ol_json_find(value, OL_STR("transaction_outcome"), &item))
        OL_TRY_NOTE(err, one_decode(&item, arena, &one[count++], err), "transaction_outcome");
    ol_json_iter each = receipts > 0 ? ol_json_iterate(&part) : (ol_json_iter){0};
    for (size_t i = 0; i < receipts && ol_json_next_item(&each, &item); i++)
        OL_TRY_NOTE(err, one_decode(&item, arena, &one[count++], err), "receipts_outcome");
    size_t logs = 0;
    for (size_t i = 0; i < count; i++)
        logs += one[i].logs.count;
    if (logs > LOGS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "outcome of more than %d logs", LOGS_MAX);
    log_list list = {.log = ol_arena_array(arena, logs + 1, sizeof *list.log)};
    if (list.log == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        take_logs(&one[i], &list);
        if (!ol_u64_add(it.gas_burnt, one[i].gas_burnt, &it.gas_burnt))
            it.gas_burnt = UINT64_MAX;
    }
    it.log = list.log;
    it.logs = list.count;
    *ret = it;
    return OL_OK;
}

/* `{"final_execution_status":"NONE"}` has no outcome yet. */
static ol_rc ask_outcome(const ol_rpc *rpc, const char *method, const ol_buf *params,
                         ol_arena *arena, ol_buf *into, ol_tx_outcome *ret,
                         ol_rpc_answer *ret_answer, ol_err *err)
{
    *ret_answer = (ol_rpc_answer){.fault = OL_RPC_REFUSED};
    if (!ol_buf_ok(params))
        return ol_fail(err, OL_ERR_LIMIT, "transaction too large");
    OL_TRY(ol_rpc_call(rpc, method, ol_buf_str(params), into, ret_answer, err));
    ol_rc rc = ol_tx_outcome_decode(&ret_answer->result, arena, ret, err);
    if (rc != OL_OK)
        ret_answer->fault = OL_RPC_LOST; /* an answer nobody understands tells nothing */
    return rc;
}

ol_rc ol_rpc_send_tx(const ol_rpc *rpc, ol_bytes signed_transaction, ol_str wait_until,
                     ol_arena *arena, ol_buf *into, ol_tx_outcome *ret, ol_rpc_answer *ret_answer,
                     ol_err *err)
{
    ol_buf params = ol_buf_new(ol_base64_text_len(signed_transaction.len) + OL_KIB(1));
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_base64(&w, "signed_tx_base64", signed_transaction);
    ol_json_put_str(&w, "wait_until", wait_until);
    ol_json_object_end(&w);
    ol_rc rc = ask_outcome(rpc, "send_tx", &params, arena, into, ret, ret_answer, err);
    ol_buf_deinit(&params);
    return rc;
}

ol_rc ol_rpc_tx(const ol_rpc *rpc, const char *hash_text, ol_str sender_id, ol_str wait_until,
                ol_arena *arena, ol_buf *into, ol_tx_outcome *ret, ol_rpc_answer *ret_answer,
                ol_err *err)
{
    char storage[512];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&params);
    ol_json_object_begin(&w);
    ol_json_put_cstr(&w, "tx_hash", hash_text);
    ol_json_put_str(&w, "sender_account_id", sender_id);
    ol_json_put_str(&w, "wait_until", wait_until);
    ol_json_object_end(&w);
    return ask_outcome(rpc, "tx", &params, arena, into, ret, ret_answer, err);
}
