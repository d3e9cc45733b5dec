#include "contracts/outlayer/request_event.h"

#include "contracts/outlayer/events.h"

/* Longer inputs stay out of the event (Contract 2). */
enum { INPUT_BYTES_IN_EVENT = 9999 };

/* request_data: JSON that travels as a string. `sender_id` is who signed: consumers that ask who
 * calls must weigh predecessor_id (Contract 16, 13). */
static void write_request_data(ol_json_writer *w, const request_event *it, bool input_in_state)
{
    const request *r = it->request;
    ol_json_object_begin(w);
    ol_json_put_u64(w, "request_id", r->id);
    ol_json_put_str(w, "sender_id", r->signer);
    ol_json_put_str(w, "predecessor_id", r->sender);
    ol_json_put_raw(w, "code_source", r->resolved);
    ol_json_key(w, "resource_limits");
    limits_write(w, &r->limits);
    ol_json_put_str(w, "input_data", input_in_state ? OL_STR("") : r->input);
    ol_json_put_bool(w, "input_data_in_state", input_in_state);
    request_put_secrets(w, r);
    ol_json_put_cstr(w, "response_format", RESPONSE_FORMATS[r->format]);
    ol_json_put_dec(w, "payment", r->payment);
    ol_json_put_dec(w, "attached_usd", r->attached_usd);
    ol_json_put_u64(w, "timestamp", r->timestamp);
    ol_json_put_bool(w, "compile_only", r->compile_only);
    ol_json_put_bool(w, "force_rebuild", it->force_rebuild);
    ol_json_put_bool(w, "store_on_fastfs", it->store_on_fastfs);
    ol_json_put_bool(w, "use_bound_identity", it->use_bound_identity);
    put_text_or_null(w, "project_uuid", it->project_uuid);
    put_text_or_null(w, "project_id", r->project_id);
    if (r->has_max_payment) /* Contract 14 */
        ol_json_put_dec(w, "max_payment", r->max_payment);
    ol_json_object_end(w);
}

/* False when it would be longer than a call may log. */
static bool render(event *e, const call *c, const request_event *it, bool input_in_state)
{
    ol_json_writer *w = event_begin(e, c, "execution_requested");
    ol_json_key(w, "request_data");
    ol_json_text_begin(w);
    write_request_data(w, it, input_in_state);
    ol_json_text_end(w);
    put_hash32(w, "data_id", it->request->data_id);
    ol_json_put_u64(w, "timestamp", it->request->timestamp);
    return event_close(e);
}

/* The rendered length decides, since a quote within the input takes four bytes (Contract 16, 21).
 */
void request_event_log(const call *c, const request_event *it)
{
    event e;
    bool in_state = it->request->input.len > INPUT_BYTES_IN_EVENT;
    if (!in_state && !render(&e, c, it, false))
        in_state = true;
    if (in_state)
        REQUIRE(render(&e, c, it, true), "The request is longer than an event can tell");
    event_log(&e);
}
