#include "contracts/outlayer/response.h"

#include <stddef.h>

#include "lib/codec/utf8.h"

/* Longer texts are cut: they go into an event and back to the caller. */
enum { LAYOUT = 1, LAYOUT_PARKED = 2, TEXT_BYTES_MAX = 4096, FIXED_BYTES_MAX = 96 };

typedef enum flag { FLAG_SUCCESS = 1, FLAG_COMPILE = 2, FLAG_REFUND = 4 } flag;

typedef struct arguments {
    ol_str error;
    ol_str note;
    metrics used;
    uint64_t refund_usd;
    ol_json output;
    bool has_output;
    bool has_refund;
    bool success;
} arguments;

response response_read(call *c, const ol_json *value)
{
    static const ol_json_field FIELDS[] = {
        {"success", OL_BIND_BOOL, OL_REQUIRED, offsetof(arguments, success)},
        {"output", OL_BIND_VALUE, OL_OPTIONAL, offsetof(arguments, output),
         .has = offsetof(arguments, has_output)},
        {"error", OL_BIND_TEXT, OL_OPTIONAL, offsetof(arguments, error)},
        {"resources_used", OL_BIND_OBJECT, OL_REQUIRED, offsetof(arguments, used),
         .sub = &METRICS_TABLE},
        {"compilation_note", OL_BIND_TEXT, OL_OPTIONAL, offsetof(arguments, note)},
        {"refund_usd", OL_BIND_U64, OL_OPTIONAL, offsetof(arguments, refund_usd),
         .has = offsetof(arguments, has_refund)},
    };
    static const ol_json_table RESPONSE = {"arguments", FIELDS, OL_COUNT(FIELDS)};
    arguments a = {0};
    call_bind(c, value, &RESPONSE, &a);
    response it = {.success = a.success,
                   .error = ol_utf8_cut(a.error, TEXT_BYTES_MAX),
                   .used = a.used,
                   .note = ol_utf8_cut(a.note, TEXT_BYTES_MAX),
                   .has_refund = a.has_refund,
                   .refund_usd = a.refund_usd};
    if (a.has_output)
        it.output = output_read(c, &a.output);
    return it;
}

static void add_response(ol_buf *into, const response *it)
{
    unsigned flags = (it->success ? FLAG_SUCCESS : 0) |
                     (it->used.has_compile_ms ? FLAG_COMPILE : 0) |
                     (it->has_refund ? FLAG_REFUND : 0);
    ol_borsh_add_u8(into, (uint8_t)flags);
    state_add_text_or_null(into, it->error);
    state_add_number(into, it->used.instructions);
    state_add_number(into, it->used.time_ms);
    state_add_number(into, it->used.compile_ms);
    state_add_text_or_null(into, it->note);
    state_add_number(into, it->refund_usd);
    ol_borsh_add_u8(into, (uint8_t)it->output.kind);
    state_add_text(into, it->output.json);
}

static bool read_response(ol_borsh *from, response *ret)
{
    unsigned flags = ol_borsh_u8(from);
    *ret = (response){.success = (flags & FLAG_SUCCESS) != 0,
                      .has_refund = (flags & FLAG_REFUND) != 0};
    ret->used.has_compile_ms = (flags & FLAG_COMPILE) != 0;
    ret->error = state_text_or_null(from);
    ret->used.instructions = (uint64_t)state_number(from);
    ret->used.time_ms = (uint64_t)state_number(from);
    ret->used.compile_ms = (uint64_t)state_number(from);
    ret->note = state_text_or_null(from);
    ret->refund_usd = (uint64_t)state_number(from);
    ret->output.kind = (output_kind)ol_borsh_u8(from);
    ret->output.json = state_text(from);
    return ol_borsh_done(from);
}

bool response_send(const request *r, const response *it)
{
    ol_buf *payload =
        state_begin(LAYOUT, FIXED_BYTES_MAX + it->error.len + it->note.len + it->output.json.len);
    add_response(payload, it);
    if (payload->len <= NEAR_YIELD_PAYLOAD_MAX)
        return near_resume(r->data_id, state_end(payload));
    near_storage_write(state_key_u64(RECORD_RESPONSE, r->id), state_end(payload));
    ol_buf *marker = state_begin(LAYOUT_PARKED, 0);
    return near_resume(r->data_id, state_end(marker));
}

/* Nothing here may end the call: it runs in the callback. */
bool response_receive(uint64_t request_id, ol_bytes payload, response *ret)
{
    ol_borsh from = ol_borsh_over(payload);
    uint8_t layout = ol_borsh_u8(&from);
    if (layout == LAYOUT_PARKED) {
        ol_bytes parked;
        if (!near_storage_take(state_key_u64(RECORD_RESPONSE, request_id), &parked))
            return false;
        from = ol_borsh_over(parked);
        layout = ol_borsh_u8(&from);
    }
    return layout == LAYOUT && read_response(&from, ret);
}
