#include "services/worker/answer.h"

#include "lib/codec/json_write.h"
#include "lib/codec/utf8.h"
#include "lib/near/event_log.h"

void answer_output_write(ol_format format, ol_bytes written, ol_str encoded, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    switch (format) {
    case OL_FORMAT_TEXT:
        ol_json_put_raw(&w, "Text", encoded);
        break;
    case OL_FORMAT_JSON:
        ol_json_put_raw(&w, "Json", encoded);
        break;
    case OL_FORMAT_BYTES:
        ol_json_put_byte_array(&w, "Bytes", written);
        break;
    }
    ol_json_object_end(&w);
}

/* ---- the parts of a response ---- */

static void put_optional(ol_json_writer *w, const char *key, ol_str text)
{
    if (text.data == NULL)
        ol_json_put_null(w, key);
    else
        ol_json_put_str(w, key, text);
}

static void put_resources(ol_json_writer *w, const answer *it)
{
    ol_json_key(w, "resources_used");
    ol_json_object_begin(w);
    ol_json_put_u64(w, "instructions", it->instructions);
    ol_json_put_u64(w, "time_ms", it->time_ms);
    if (it->compile_time_ms.has)
        ol_json_put_u64(w, "compile_time_ms", it->compile_time_ms.value);
    else
        ol_json_put_null(w, "compile_time_ms");
    ol_json_object_end(w);
}

/* What follows `success` and `output`, in both calls. */
static void put_rest(ol_json_writer *w, const answer *it)
{
    put_optional(w, "error", it->success ? (ol_str){NULL, 0} : it->error);
    put_resources(w, it);
    put_optional(w, "compilation_note", it->note);
    if (it->success && it->refund_usd.has)
        ol_json_put_u128(w, "refund_usd", it->refund_usd.value);
    else
        ol_json_put_null(w, "refund_usd");
}

static void put_response(ol_json_writer *w, const answer *it)
{
    ol_json_object_begin(w);
    ol_json_put_bool(w, "success", it->success);
    if (it->success && it->output_json.data != NULL)
        ol_json_put_raw(w, "output", it->output_json);
    else
        ol_json_put_null(w, "output");
    put_rest(w, it);
    ol_json_object_end(w);
}

static bool fits_inline(const answer *it)
{
    char storage[ANSWER_INLINE_BYTES - 1];
    ol_buf probe = ol_buf_over(storage, sizeof storage);
    ol_json_writer w = ol_json_writer_over(&probe);
    put_response(&w, it);
    return ol_buf_ok(&probe);
}

/* ---- the two calls ---- */

static void write_resolve(const answer *it, uint64_t request_id, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "request_id", request_id);
    ol_json_key(&w, "response");
    put_response(&w, it);
    ol_json_object_end(&w);
}

static void write_submit(const answer *it, uint64_t request_id, ol_buf *into)
{
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "request_id", request_id);
    ol_json_put_raw(&w, "output", it->output_json);
    ol_json_put_bool(&w, "success", it->success);
    put_rest(&w, it);
    ol_json_object_end(&w);
}

/* A failure that fits: the error cut at a character, then without its note; an error whose
 * characters are escaped to several bytes each is cut shorter. */
static void write_failure(const answer *it, uint64_t request_id, ol_buf *into)
{
    char storage[ANSWER_ERROR_BYTES + 64];
    answer cut = *it;
    size_t bytes_max = ANSWER_ERROR_BYTES;
    cut.success = false;
    for (;;) {
        ol_buf text = ol_buf_over(storage, sizeof storage);
        ol_buf_add_str(&text, ol_utf8_cut(it->error, bytes_max));
        ol_buf_addf(&text, "... (truncated, original size: %zu bytes)", it->error.len);
        cut.error = ol_buf_str(&text);
        if (fits_inline(&cut) || bytes_max < 16)
            break;
        if (cut.note.data != NULL)
            cut.note = (ol_str){NULL, 0};
        else
            bytes_max /= 2;
    }
    write_resolve(&cut, request_id, into);
}

static ol_rc written(const ol_buf *into, ol_err *err)
{
    return ol_buf_ok(into) ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

ol_rc answer_write(const answer *it, uint64_t request_id, size_t args_bytes_max, ol_buf *into,
                   const char **ret_method, bool *ret_too_large, ol_err *err)
{
    char storage[128];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    *ret_method = "resolve_execution";
    *ret_too_large = false;
    ol_buf_clear(into);
    if (fits_inline(it)) {
        write_resolve(it, request_id, into);
        return written(into, err);
    }
    if (!it->success) {
        write_failure(it, request_id, into);
        return written(into, err);
    }
    OL_ASSERT(it->output_json.data != NULL); /* nothing else of a success is long but the note */
    write_submit(it, request_id, into);
    if (!ol_buf_ok(into) || into->len <= args_bytes_max) {
        *ret_method = "submit_execution_output_and_resolve";
        return written(into, err);
    }
    answer refused = *it;
    ol_buf_addf(&text, "Output too large for on-chain delivery: %zu bytes (max %zu)", into->len,
                args_bytes_max);
    refused.success = false;
    refused.error = ol_buf_str(&text);
    *ret_too_large = true;
    ol_buf_clear(into);
    write_resolve(&refused, request_id, into);
    return written(into, err);
}

/* ---- what it cost ---- */

static bool charged_line(ol_str log, ol_u128 *ret)
{
    const ol_str mark = OL_STR("[[yNEAR charged: \"");
    size_t at;
    size_t end;
    if (!ol_str_find(log, mark, &at))
        return false;
    ol_str rest = ol_str_slice(log, at + mark.len, log.len);
    return ol_str_find(rest, OL_STR("\"]]"), &end) &&
           ol_u128_parse(ol_str_slice(rest, 0, end), ret);
}

static bool charged_event(ol_str log, ol_u128 *ret)
{
    ol_arena arena = ol_arena_new(OL_KIB(64));
    ol_event event;
    ol_json item;
    ol_json amount;
    bool found = false;
    if (ol_event_parse(log, &arena, &event) &&
        ol_str_eq(event.event, OL_STR("execution_completed")) && event.has_data) {
        ol_json_iter each = ol_json_iterate(&event.data);
        found = ol_json_next_item(&each, &item) &&
                ol_json_find(&item, OL_STR("payment_charged"), &amount) &&
                ol_json_u128_text(&amount, ret, NULL) == OL_OK;
    }
    ol_arena_deinit(&arena);
    return found;
}

bool answer_charged(const ol_str *log, size_t logs, ol_u128 *ret)
{
    for (size_t i = 0; i < logs; i++) {
        if (charged_line(log[i], ret))
            return true;
    }
    for (size_t i = 0; i < logs; i++) {
        if (charged_event(log[i], ret))
            return true;
    }
    return false;
}
