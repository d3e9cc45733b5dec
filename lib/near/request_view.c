#include "lib/near/request_view.h"

#include <string.h>

#include "lib/codec/json_bind.h"
#include "lib/codec/json_write.h"

typedef struct draft {
    ol_request_view view;
    ol_bytes data_id;
} draft;

static const ol_json_field FIELDS[] = {
    {"request_id", OL_BIND_U64, OL_REQUIRED, offsetof(draft, view.request_id)},
    {"data_id", OL_BIND_BYTE_ARRAY, OL_REQUIRED, offsetof(draft, data_id)},
    {"input_data", OL_BIND_TEXT, OL_OPTIONAL, offsetof(draft, view.input_data)},
    {"timestamp", OL_BIND_U64, OL_OPTIONAL, offsetof(draft, view.timestamp_ns)},
    {"payment", OL_BIND_U128, OL_OPTIONAL, offsetof(draft, view.payment)},
};
static const ol_json_table TABLE = {"ExecutionRequest", FIELDS, OL_COUNT(FIELDS)};

/* A view's JSON and the height it was taken at. */
static ol_rc view(const ol_rpc *rpc, ol_str contract, const char *method, ol_str args,
                  ol_str finality, ol_arena *arena, ol_json *ret, uint64_t *ret_height, ol_err *err)
{
    char storage[1024];
    ol_buf params = ol_buf_over(storage, sizeof storage);
    ol_buf body = ol_buf_new(OL_RPC_BODY_BYTES_MAX);
    ol_rpc_answer answer;
    ol_json part;
    ol_bytes bytes;
    ol_rpc_add_call_function(&params, contract, ol_str_of(method), ol_str_bytes(args), finality);
    ol_rc rc = ol_buf_ok(&params)
                   ? ol_rpc_call(rpc, "query", ol_buf_str(&params), &body, &answer, err)
                   : ol_fail(err, OL_ERR_INVALID, "contract id too long");
    if (rc == OL_OK && !(ol_json_find(&answer.result, OL_STR("block_height"), &part) &&
                         ol_json_u64(&part, ret_height, NULL) == OL_OK))
        *ret_height = 0;
    if (rc == OL_OK && !(ol_json_find(&answer.result, OL_STR("result"), &part) &&
                         ol_json_byte_array(&part, arena, &bytes, NULL) == OL_OK))
        rc = ol_fail(err, OL_ERR_PROTOCOL, "%s: no bytes", method);
    if (rc == OL_OK &&
        ol_json_parse_within(ol_bytes_str(bytes),
                             (ol_json_limits){OL_RPC_BODY_BYTES_MAX, OL_JSON_DEPTH_MAX}, ret,
                             NULL) != OL_OK)
        rc = ol_fail(err, OL_ERR_PROTOCOL, "%s answered no JSON", method);
    ol_buf_deinit(&body);
    return rc;
}

ol_rc ol_view_request(const ol_rpc *rpc, ol_str contract, uint64_t request_id, ol_str finality,
                      ol_arena *arena, bool *ret_found, ol_request_view *ret, uint64_t *ret_height,
                      ol_err *err)
{
    draft it = {0};
    ol_json value;
    ol_str args = ol_arena_printf(arena, "{\"request_id\":%llu}", (unsigned long long)request_id);
    OL_TRY(view(rpc, contract, "get_request", args, finality, arena, &value, ret_height, err));
    *ret_found = !ol_json_is_null(&value);
    if (!*ret_found)
        return OL_OK;
    OL_TRY_NOTE(err, ol_json_bind_value(&value, &TABLE, &it, arena, err), "get_request");
    if (it.data_id.len != OL_DATA_ID_BYTES)
        return ol_fail(err, OL_ERR_PROTOCOL, "get_request: data id of %zu bytes", it.data_id.len);
    memcpy(it.view.data_id, it.data_id.data, OL_DATA_ID_BYTES);
    *ret = it.view;
    return OL_OK;
}

ol_rc ol_view_pending(const ol_rpc *rpc, ol_str contract, uint64_t from_index, ol_arena *arena,
                      const uint64_t **ret, size_t *ret_count, ol_err *err)
{
    ol_json value;
    ol_json item;
    uint64_t height;
    size_t count = 0;
    ol_str args = ol_arena_printf(arena, "{\"from_index\":%llu,\"limit\":%d}",
                                  (unsigned long long)from_index, OL_PENDING_PAGE);
    OL_TRY(view(rpc, contract, "get_pending_request_ids", args, OL_STR("final"), arena, &value,
                &height, err));
    uint64_t *ids = ol_arena_array(arena, OL_PENDING_PAGE, sizeof *ids);
    if (ids == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (ol_json_kind_of(&value) != OL_JSON_ARRAY)
        return ol_fail(err, OL_ERR_PROTOCOL, "get_pending_request_ids: no list");
    ol_json_iter each = ol_json_iterate(&value);
    while (count < OL_PENDING_PAGE && ol_json_next_item(&each, &item))
        OL_TRY_NOTE(err, ol_json_u64(&item, &ids[count++], err), "get_pending_request_ids");
    *ret = ids;
    *ret_count = count;
    return OL_OK;
}
