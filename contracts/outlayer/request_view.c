/* Views of pending requests (Contract 10). */
#include <stddef.h>

#include "contracts/outlayer/book.h"
#include "contracts/outlayer/methods.h"
#include "contracts/outlayer/paging.h"
#include "contracts/outlayer/response.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

void method_get_request(call *c)
{
    request r;
    if (!request_load(request_id_argument(c), &r)) {
        answer_null();
        return;
    }
    ol_json_writer *w = answer_begin();
    ol_json_object_begin(w);
    ol_json_put_u64(w, "request_id", r.id);
    put_hash32(w, "data_id", r.data_id);
    ol_json_put_str(w, "sender_id", r.sender);
    ol_json_put_raw(w, "execution_source", r.source);
    ol_json_put_raw(w, "resolved_source", r.resolved);
    ol_json_key(w, "resource_limits");
    limits_write(w, &r.limits);
    ol_json_put_u128(w, "payment", r.payment);
    ol_json_put_u64(w, "timestamp", r.timestamp);
    request_put_secrets(w, &r);
    ol_json_put_cstr(w, "response_format", RESPONSE_FORMATS[r.format]);
    put_text_or_null(w, "input_data", request_input(&r));
    ol_json_put_str(w, "payer_account_id", r.payer);
    ol_json_put_u128(w, "attached_usd", r.attached_usd);
    output stored = {.kind = OUTPUT_NONE};
    bool submitted = output_load(r.id, &stored);
    ol_json_key(w, "pending_output");
    output_write_stored(w, &stored);
    ol_json_put_bool(w, "output_submitted", submitted);
    if (!ol_str_eq(r.signer, r.sender)) /* Contract 14: who may be given secrets */
        ol_json_put_str(w, "signer_id", r.signer);
    ol_json_object_end(w);
    answer_end(w);
}

void method_get_pending_output(call *c)
{
    output stored = {.kind = OUTPUT_NONE};
    (void)output_load(request_id_argument(c), &stored);
    ol_json_writer *w = answer_begin();
    output_write(w, &stored);
    answer_end(w);
}

void method_has_pending_output(call *c)
{
    answer_bool(near_storage_has(state_key_u64(RECORD_OUTPUT, request_id_argument(c))));
}

typedef struct pending_arguments {
    page page;
} pending_arguments;

void method_get_pending_request_ids(call *c)
{
    static const ol_json_field FIELDS[] = {
        PAGE_FIELDS(pending_arguments, page),
    };
    static const ol_json_table ARGUMENTS = {"arguments", FIELDS, OL_COUNT(FIELDS)};
    pending_arguments a = {{0, PAGE_DEFAULT}};
    call_arguments(c, &ARGUMENTS, &a);
    uint64_t ids[PAGE_MAX];
    size_t count = book_pending(&c->config.book, a.page.from, ids,
                                a.page.limit < PAGE_MAX ? (size_t)a.page.limit : PAGE_MAX);
    ol_json_writer *w = answer_begin();
    ol_json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        ol_json_add_u64(w, ids[i]);
    ol_json_array_end(w);
    answer_end(w);
}
