#include "lib/near/rpc_answer.h"

#include "lib/codec/json_write.h"

static const char *const NAMES[] = {
    [OL_RPC_FINE] = "fine",
    [OL_RPC_LOST] = "lost",
    [OL_RPC_TIMEOUT] = "timeout",
    [OL_RPC_SERVER] = "server",
    [OL_RPC_CONGESTED] = "congested",
    [OL_RPC_UNKNOWN_BLOCK] = "unknown_block",
    [OL_RPC_UNKNOWN_CHUNK] = "unknown_chunk",
    [OL_RPC_UNKNOWN_TRANSACTION] = "unknown_transaction",
    [OL_RPC_UNKNOWN_RECEIPT] = "unknown_receipt",
    [OL_RPC_UNKNOWN_ACCOUNT] = "unknown_account",
    [OL_RPC_UNKNOWN_KEY] = "unknown_key",
    [OL_RPC_BAD_NONCE] = "bad_nonce",
    [OL_RPC_EXPIRED] = "expired",
    [OL_RPC_INVALID_TRANSACTION] = "invalid_transaction",
    [OL_RPC_REFUSED] = "refused",
};

const char *ol_rpc_fault_name(ol_rpc_fault fault)
{
    return NAMES[fault];
}

bool ol_rpc_fault_passes(ol_rpc_fault fault)
{
    return fault == OL_RPC_LOST || fault == OL_RPC_TIMEOUT || fault == OL_RPC_SERVER ||
           fault == OL_RPC_CONGESTED;
}

static ol_rc rc_of(ol_rpc_fault fault)
{
    switch (fault) {
    case OL_RPC_FINE:
        return OL_OK;
    case OL_RPC_LOST:
        return OL_ERR_NETWORK;
    case OL_RPC_TIMEOUT:
        return OL_ERR_TIMEOUT;
    case OL_RPC_SERVER:
    case OL_RPC_CONGESTED:
        return OL_ERR_UNAVAILABLE;
    case OL_RPC_UNKNOWN_BLOCK:
    case OL_RPC_UNKNOWN_CHUNK:
    case OL_RPC_UNKNOWN_TRANSACTION:
    case OL_RPC_UNKNOWN_RECEIPT:
    case OL_RPC_UNKNOWN_ACCOUNT:
    case OL_RPC_UNKNOWN_KEY:
        return OL_ERR_NOT_FOUND;
    case OL_RPC_BAD_NONCE:
    case OL_RPC_EXPIRED:
    case OL_RPC_INVALID_TRANSACTION:
    case OL_RPC_REFUSED:
        return OL_ERR_INVALID;
    }
    return OL_ERR_INTERNAL;
}

/* Causes by name (NEAR 5.3). */
static const struct {
    const char *cause;
    ol_rpc_fault fault;
} CAUSES[] = {
    {"UNKNOWN_BLOCK", OL_RPC_UNKNOWN_BLOCK},
    {"UNKNOWN_CHUNK", OL_RPC_UNKNOWN_CHUNK},
    {"UNKNOWN_TRANSACTION", OL_RPC_UNKNOWN_TRANSACTION},
    {"UNKNOWN_RECEIPT", OL_RPC_UNKNOWN_RECEIPT},
    {"UNKNOWN_ACCOUNT", OL_RPC_UNKNOWN_ACCOUNT},
    {"UNKNOWN_ACCESS_KEY", OL_RPC_UNKNOWN_KEY},
    {"TIMEOUT_ERROR", OL_RPC_TIMEOUT},
    {"INTERNAL_ERROR", OL_RPC_SERVER},
    {"UNAVAILABLE_SHARD", OL_RPC_SERVER},
    {"NO_SYNCED_BLOCKS", OL_RPC_SERVER},
    {"NOT_SYNCED_YET", OL_RPC_SERVER},
};

/* `{"InvalidNonce":{"tx_nonce":…,"ak_nonce":…}}`, `"Expired"` and their kind. */
static ol_rpc_fault fault_of_transaction(const ol_json *error, ol_rpc_answer *ret)
{
    ol_json inner;
    ol_json nonce;
    if (ol_json_kind_of(error) == OL_JSON_STRING)
        return ol_json_says(error, OL_STR("Expired")) ? OL_RPC_EXPIRED : OL_RPC_INVALID_TRANSACTION;
    if (ol_json_find(error, OL_STR("InvalidNonce"), &inner)) {
        ret->has_key_nonce = ol_json_find(&inner, OL_STR("ak_nonce"), &nonce) &&
                             ol_json_u64(&nonce, &ret->key_nonce, NULL) == OL_OK;
        return OL_RPC_BAD_NONCE;
    }
    if (ol_json_find(error, OL_STR("NonceTooLarge"), &inner))
        return OL_RPC_BAD_NONCE;
    if (ol_json_find(error, OL_STR("ShardCongested"), &inner) ||
        ol_json_find(error, OL_STR("ShardStuck"), &inner))
        return OL_RPC_CONGESTED;
    return OL_RPC_INVALID_TRANSACTION;
}

static ol_rpc_fault fault_of_error(const ol_json *error, ol_rpc_answer *ret)
{
    ol_json data;
    ol_json inner;
    ol_json cause;
    if (ol_json_find(error, OL_STR("data"), &data)) {
        if (ol_json_find(&data, OL_STR("TxExecutionError"), &inner) &&
            ol_json_find(&inner, OL_STR("InvalidTxError"), &inner))
            return fault_of_transaction(&inner, ret);
        if (ol_json_says(&data, OL_STR("Timeout")))
            return OL_RPC_TIMEOUT;
    }
    if (ol_json_find(error, OL_STR("cause"), &cause) &&
        ol_json_find(&cause, OL_STR("name"), &inner)) {
        OL_EACH (row, CAUSES) {
            if (ol_json_says(&inner, ol_str_of(row->cause)))
                return row->fault;
        }
        if (ol_json_says(&inner, OL_STR("INVALID_TRANSACTION")))
            return OL_RPC_INVALID_TRANSACTION;
    }
    if (ol_json_find(error, OL_STR("name"), &inner) &&
        ol_json_says(&inner, OL_STR("INTERNAL_ERROR")))
        return OL_RPC_SERVER;
    return OL_RPC_REFUSED;
}

/* The most telling words: data, the error's info, its message. */
static ol_rc refuse(const ol_json *error, ol_rpc_fault fault, ol_err *err)
{
    static const char *const members[] = {"data", "cause", "message"};
    ol_json value;
    OL_EACH (member, members) {
        if (ol_json_find(error, ol_str_of(*member), &value) && !ol_json_is_null(&value))
            return ol_fail(err, rc_of(fault), "%.*s", OL_FMT(ol_str_slice(value.raw, 0, 600)));
    }
    return ol_fail(err, rc_of(fault), "%.*s", OL_FMT(ol_str_slice(error->raw, 0, 600)));
}

/* A `query` tells some refusals in its result (NEAR 5.3). */
static ol_rc read_result(const ol_json *result, ol_rpc_answer *ret, ol_err *err)
{
    ol_json error;
    size_t at;
    if (ol_json_find(result, OL_STR("error"), &error) &&
        ol_json_kind_of(&error) == OL_JSON_STRING) {
        ret->fault =
            ol_str_find(error.raw, OL_STR("access key"), &at) ? OL_RPC_UNKNOWN_KEY : OL_RPC_REFUSED;
        ol_str words = ol_str_slice(error.raw, 1, error.raw.len - 1);
        return ol_fail(err, rc_of(ret->fault), "%.*s",
                       OL_FMT(words.len > 0 ? words : OL_STR("the query failed")));
    }
    ret->fault = OL_RPC_FINE;
    ret->result = *result;
    return OL_OK;
}

ol_rc ol_rpc_answer_read(ol_str body, ol_rpc_answer *ret, ol_err *err)
{
    ol_json root;
    ol_json part;
    *ret = (ol_rpc_answer){.fault = OL_RPC_LOST};
    if (ol_json_parse_within(body, (ol_json_limits){OL_RPC_BODY_BYTES_MAX, OL_JSON_DEPTH_MAX},
                             &root, NULL) != OL_OK)
        return ol_fail(err, OL_ERR_NETWORK, "RPC answer is not JSON");
    if (ol_json_find(&root, OL_STR("error"), &part) && !ol_json_is_null(&part)) {
        ret->fault = fault_of_error(&part, ret);
        return refuse(&part, ret->fault, err);
    }
    if (!ol_json_find(&root, OL_STR("result"), &part))
        return ol_fail(err, OL_ERR_NETWORK, "RPC answer without a result");
    return read_result(&part, ret, err);
}

ol_rc ol_rpc_call(const ol_rpc *rpc, const char *method, ol_str params_json, ol_buf *into,
                  ol_rpc_answer *ret, ol_err *err)
{
    ol_buf body = ol_buf_new(params_json.len + OL_KIB(1));
    *ret = (ol_rpc_answer){.fault = OL_RPC_LOST};
    ol_buf_clear(into);
    ol_rpc_envelope(&body, OL_STR("outlayer"), ol_str_of(method), params_json);
    ol_rc rc = ol_buf_ok(&body) ? rpc->post(rpc->context, ol_buf_str(&body), into, err)
                                : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    ol_buf_deinit(&body);
    if (rc != OL_OK)
        return ol_note(err, "%s", method);
    rc = ol_rpc_answer_read(ol_buf_str(into), ret, err);
    return rc == OL_OK ? OL_OK : ol_note(err, "%s: %s", method, NAMES[ret->fault]);
}
