#include "contracts/outlayer/response.h"

#include "lib/codec/base64.h"

/* By output_kind. */
static const char *const NAMES[] = {"", "Bytes", "Text", "Json"};

static ol_str base64_json(ol_bytes bytes)
{
    ol_buf text = ol_buf_new(NEAR_VALUE_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    ol_json_add_base64(&w, bytes);
    return ol_buf_str(&text);
}

static ol_str bytes_json(call *c, const ol_json *list)
{
    ol_bytes bytes;
    if (ol_json_byte_array(list, &c->arena, &bytes, NULL) != OL_OK)
        fail_argument(list, "invalid value: expected a list of bytes");
    return base64_json(bytes);
}

static ol_str base64_checked(call *c, const ol_json *string)
{
    ol_str text;
    ol_bytes bytes;
    if (ol_json_text(string, &c->arena, &text, NULL) != OL_OK ||
        !ol_base64_decode(text, &c->arena, &bytes))
        fail_argument(string, "invalid value: expected base64 text");
    return base64_json(bytes);
}

output output_read(call *c, const ol_json *value)
{
    if (ol_json_is_null(value))
        return (output){.kind = OUTPUT_NONE};
    variant v = call_variant(value);
    output it = {.kind = OUTPUT_NONE};
    if (variant_is(&v, "Text", true) && ol_json_kind_of(&v.body) == OL_JSON_STRING)
        it = (output){OUTPUT_TEXT, v.body.raw};
    else if (variant_is(&v, "Json", true))
        it = (output){OUTPUT_JSON, v.body.raw};
    else if (variant_is(&v, "Bytes", true))
        it = (output){OUTPUT_BYTES, bytes_json(c, &v.body)};
    else if (variant_is(&v, "BytesBase64", true))
        it = (output){OUTPUT_BYTES, base64_checked(c, &v.body)};
    else
        fail_argument(value, "unknown variant of an output");
    REQUIRE(it.json.len <= OUTPUT_BYTES_MAX, "The output is longer than %u bytes",
            (unsigned)OUTPUT_BYTES_MAX);
    return it;
}

/* The bytes behind a stored JSON string: of base64, or the text's own. */
static ol_bytes inside(const output *it)
{
    const ol_json value = {it->json, it->json.data};
    char *text = near_alloc(it->json.len);
    size_t len = ol_json_text_decode(&value, text);
    if (it->kind == OUTPUT_TEXT)
        return (ol_bytes){(const uint8_t *)text, len};
    uint8_t *bytes = near_alloc(len);
    size_t count = 0;
    bool valid = ol_base64_decode_into((ol_str){text, len}, bytes, &count);
    OL_ASSERT(valid);
    return (ol_bytes){bytes, count};
}

static void write_as(ol_json_writer *w, const output *it, bool json_as_bytes)
{
    if (it->kind == OUTPUT_NONE) {
        ol_json_add_null(w);
        return;
    }
    ol_json_object_begin(w);
    if (it->kind == OUTPUT_BYTES)
        ol_json_put_byte_array(w, NAMES[it->kind], inside(it));
    else if (!json_as_bytes)
        ol_json_put_raw(w, NAMES[it->kind], it->json);
    else
        ol_json_put_byte_array(w, NAMES[it->kind],
                               it->kind == OUTPUT_TEXT ? inside(it) : ol_str_bytes(it->json));
    ol_json_object_end(w);
}

void output_write(ol_json_writer *w, const output *it)
{
    write_as(w, it, false);
}

void output_write_stored(ol_json_writer *w, const output *it)
{
    write_as(w, it, true);
}

/* The record: its kind in the place of a version, then the text. */
bool output_save(uint64_t request_id, const output *it)
{
    ol_buf *into = state_begin((uint8_t)it->kind, it->json.len);
    ol_buf_add_str(into, it->json);
    return near_storage_write(state_key_u64(RECORD_OUTPUT, request_id), state_end(into));
}

static output read_record(ol_bytes stored)
{
    return (output){(output_kind)stored.data[0], {(const char *)stored.data + 1, stored.len - 1}};
}

bool output_load(uint64_t request_id, output *ret)
{
    ol_bytes stored;
    if (!near_storage_read(state_key_u64(RECORD_OUTPUT, request_id), &stored))
        return false;
    *ret = read_record(stored);
    return true;
}

bool output_take(uint64_t request_id, output *ret)
{
    ol_bytes stored;
    if (!near_storage_take(state_key_u64(RECORD_OUTPUT, request_id), &stored))
        return false;
    *ret = read_record(stored);
    return true;
}
