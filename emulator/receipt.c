#include "emulator/receipt.h"

/* Room for what a receipt may be (4 MiB, NEAR 1.5) and what surrounds it. */
enum { RECEIPT_BYTES_MAX = 8 << 20, RECEIPT_LIST_MAX = 4096 };

bool ol_receipt_is_refund(const ol_receipt *receipt)
{
    return ol_str_eq(receipt->predecessor_id, OL_STR("system"));
}

static void encode_actions(const ol_receipt *receipt, ol_buf *into)
{
    ol_borsh_add_str(into, receipt->signer_id);
    ol_public_key_encode(&receipt->signer_key, into);
    ol_borsh_add_u128(into, receipt->gas_price.yocto);
    ol_borsh_add_u32(into, (uint32_t)receipt->output_count);
    for (size_t i = 0; i < receipt->output_count; i++) {
        ol_borsh_add_fixed(into, ol_sha256_bytes(&receipt->outputs[i].data_id));
        ol_borsh_add_str(into, receipt->outputs[i].receiver_id);
    }
    ol_borsh_add_u32(into, (uint32_t)receipt->input_count);
    for (size_t i = 0; i < receipt->input_count; i++)
        ol_borsh_add_fixed(into, ol_sha256_bytes(&receipt->inputs[i]));
    ol_actions_encode(receipt->actions, receipt->action_count, into);
    ol_borsh_add_str(into, receipt->refund_to);
}

static void encode_data(const ol_receipt *receipt, ol_buf *into)
{
    ol_borsh_add_fixed(into, ol_sha256_bytes(&receipt->data_id));
    ol_borsh_add_bool(into, receipt->has_data);
    if (receipt->has_data)
        ol_borsh_add_bytes(into, receipt->data);
}

void ol_receipt_encode(const ol_receipt *receipt, ol_buf *into)
{
    ol_borsh_add_u8(into, (uint8_t)receipt->kind);
    ol_borsh_add_str(into, receipt->predecessor_id);
    ol_borsh_add_str(into, receipt->receiver_id);
    ol_borsh_add_fixed(into, ol_sha256_bytes(&receipt->id));
    ol_borsh_add_fixed(into, ol_sha256_bytes(&receipt->transaction_hash));
    switch (receipt->kind) {
    case OL_RECEIPT_ACTION:
    case OL_RECEIPT_YIELD:
        encode_actions(receipt, into);
        break;
    case OL_RECEIPT_DATA:
    case OL_RECEIPT_RESUME:
        encode_data(receipt, into);
        break;
    case OL_RECEIPT_GLOBAL_CODE:
        ol_global_id_encode(&receipt->global, into);
        ol_borsh_add_bytes(into, receipt->code);
        break;
    }
}

/* A list whose count was read; NULL, and the cursor marked, when it cannot be. */
static void *list(ol_borsh *from, ol_arena *arena, size_t count, size_t item_bytes)
{
    void *items = count <= RECEIPT_LIST_MAX && count <= from->rest.len
                      ? ol_arena_array(arena, count, item_bytes)
                      : NULL;
    if (items == NULL && count > 0)
        from->failed = true;
    return items;
}

static void decode_actions(ol_borsh *from, ol_arena *arena, ol_receipt *ret)
{
    ret->signer_id = ol_borsh_str(from);
    ol_public_key_decode(from, &ret->signer_key);
    ret->gas_price = (ol_yocto){ol_borsh_u128(from)};
    size_t count = ol_borsh_u32(from);
    ol_data_receiver *outputs = list(from, arena, count, sizeof *outputs);
    for (size_t i = 0; outputs != NULL && i < count; i++) {
        ol_borsh_fixed(from, outputs[i].data_id.bytes, sizeof outputs[i].data_id.bytes);
        outputs[i].receiver_id = ol_borsh_str(from);
    }
    ret->outputs = outputs;
    ret->output_count = outputs == NULL ? 0 : count;
    count = ol_borsh_u32(from);
    ol_sha256 *inputs = list(from, arena, count, sizeof *inputs);
    for (size_t i = 0; inputs != NULL && i < count; i++)
        ol_borsh_fixed(from, inputs[i].bytes, sizeof inputs[i].bytes);
    ret->inputs = inputs;
    ret->input_count = inputs == NULL ? 0 : count;
    ol_actions_decode(from, arena, &ret->actions, &ret->action_count);
    ret->refund_to = ol_borsh_str(from);
}

static void decode_data(ol_borsh *from, ol_receipt *ret)
{
    ol_borsh_fixed(from, ret->data_id.bytes, sizeof ret->data_id.bytes);
    ret->has_data = ol_borsh_bool(from);
    if (ret->has_data)
        ret->data = ol_borsh_bytes(from);
}

ol_rc ol_receipt_decode(ol_bytes bytes, ol_arena *arena, ol_receipt *ret, ol_err *err)
{
    ol_borsh from = ol_borsh_over(bytes);
    uint8_t kind = ol_borsh_u8(&from);
    if (kind > OL_RECEIPT_GLOBAL_CODE)
        return ol_fail(err, OL_ERR_INVALID, "not a receipt");
    ol_receipt it = {.kind = (ol_receipt_kind)kind};
    it.predecessor_id = ol_borsh_str(&from);
    it.receiver_id = ol_borsh_str(&from);
    ol_borsh_fixed(&from, it.id.bytes, sizeof it.id.bytes);
    ol_borsh_fixed(&from, it.transaction_hash.bytes, sizeof it.transaction_hash.bytes);
    switch (it.kind) {
    case OL_RECEIPT_ACTION:
    case OL_RECEIPT_YIELD:
        decode_actions(&from, arena, &it);
        break;
    case OL_RECEIPT_DATA:
    case OL_RECEIPT_RESUME:
        decode_data(&from, &it);
        break;
    case OL_RECEIPT_GLOBAL_CODE:
        ol_global_id_decode(&from, &it.global);
        it.code = ol_borsh_bytes(&from);
        break;
    }
    if (!ol_borsh_done(&from))
        return ol_fail(err, OL_ERR_INVALID, "not a receipt");
    *ret = it;
    return OL_OK;
}

ol_rc ol_receipt_copy(const ol_receipt *receipt, ol_arena *arena, ol_receipt *ret, ol_err *err)
{
    ol_buf bytes = ol_buf_new(RECEIPT_BYTES_MAX);
    ol_bytes kept = {0};
    ol_receipt_encode(receipt, &bytes);
    bool copied = ol_buf_ok(&bytes) && ol_arena_copy_bytes(arena, ol_buf_bytes(&bytes), &kept);
    ol_buf_deinit(&bytes);
    if (!copied)
        return ol_fail(err, OL_ERR_NO_MEMORY, "no room for a receipt");
    return ol_receipt_decode(kept, arena, ret, err);
}
