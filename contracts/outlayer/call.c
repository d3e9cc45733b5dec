#include "contracts/outlayer/call.h"

#include <stdio.h>

#include "lib/codec/utf8.h"

/* Longest text of an error; a caller's value may stand in it, so it is cut. */
enum { FAIL_BYTES_MAX = 1400, ANSWER_BYTES_MAX = NEAR_VALUE_BYTES_MAX };

_Noreturn void fail(const char *format, ...)
{
    char *text = near_alloc(FAIL_BYTES_MAX);
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, FAIL_BYTES_MAX, format, arguments);
    va_end(arguments);
    size_t shown = len < FAIL_BYTES_MAX ? (size_t)len : FAIL_BYTES_MAX - 1;
    near_panic(ol_utf8_cut((ol_str){text, FAIL_BYTES_MAX}, shown));
}

static _Noreturn void fail_json(const ol_err *err)
{
    fail("Failed to deserialize input from JSON. Error: `%s`", err->text);
}

void call_arguments(call *c, const ol_json_table *table, void *into)
{
    ol_err *err = near_alloc(sizeof *err);
    ol_str text = ol_bytes_str(near_input());
    if (text.len == 0)
        text = OL_STR("{}");
    if (ol_json_bind(text, table, into, &c->arena, err) != OL_OK)
        fail_json(err);
}

ol_json call_document(void)
{
    ol_err *err = near_alloc(sizeof *err);
    ol_json root;
    if (ol_json_parse(ol_bytes_str(near_input()), &root, err) != OL_OK)
        fail_json(err);
    return root;
}

void call_bind(call *c, const ol_json *value, const ol_json_table *table, void *into)
{
    ol_err *err = near_alloc(sizeof *err);
    if (ol_json_bind_value(value, table, into, &c->arena, err) != OL_OK)
        fail_json(err);
}

_Noreturn void fail_argument(const ol_json *value, const char *words)
{
    ol_err *err = near_alloc(sizeof *err);
    (void)ol_json_wrong_shape(value, err, "%s", words);
    fail_json(err);
}

variant call_variant(const ol_json *value)
{
    variant v = {.has_body = ol_json_kind_of(value) == OL_JSON_OBJECT};
    if (!v.has_body) {
        if (ol_json_kind_of(value) != OL_JSON_STRING)
            fail_argument(value, "invalid type: expected string or map");
        v.name = *value;
        return v;
    }
    ol_json_iter it = ol_json_iterate(value);
    ol_json more;
    if (!ol_json_next_member(&it, &v.name, &v.body) || ol_json_next_member(&it, &more, &more))
        fail_argument(value, "expected map with a single key");
    return v;
}

ol_json_writer *answer_begin(void)
{
    typedef struct answer {
        ol_json_writer writer;
        ol_buf text;
    } answer;
    answer *it = near_alloc(sizeof *it);
    it->text = ol_buf_new(ANSWER_BYTES_MAX);
    it->writer = ol_json_writer_over(&it->text);
    return &it->writer;
}

void answer_end(ol_json_writer *w)
{
    REQUIRE(ol_buf_ok(w->into), "The answer is too long: ask for fewer items");
    near_return(ol_buf_bytes(w->into));
}

void answer_null(void)
{
    near_return_str(OL_STR("null"));
}

void answer_bool(bool value)
{
    near_return_str(value ? OL_STR("true") : OL_STR("false"));
}

void answer_u64(uint64_t value)
{
    near_return_str(number_text(value));
}

void answer_dec(ol_u128 value)
{
    ol_json_writer *w = answer_begin();
    ol_json_add_dec(w, value);
    answer_end(w);
}

void answer_str(ol_str value)
{
    ol_json_writer *w = answer_begin();
    ol_json_add_str(w, value);
    answer_end(w);
}

void pay(ol_str to, ol_u128 yocto)
{
    if (yocto > 0)
        near_promise_transfer(near_promise_create(to), yocto);
}

ol_u128 storage_price(size_t bytes)
{
    return (ol_u128)bytes * 10000000000000000000u; /* below 2^96 */
}

ol_u128 money_add(ol_u128 a, ol_u128 b)
{
    ol_u128 sum;
    REQUIRE(ol_u128_add(a, b, &sum), "Amount out of range");
    return sum;
}

ol_u128 money_mul(ol_u128 a, ol_u128 b)
{
    ol_u128 product;
    REQUIRE(ol_u128_mul(a, b, &product), "Amount out of range");
    return product;
}

ol_u128 money_mul_most(ol_u128 a, ol_u128 b)
{
    ol_u128 product;
    return ol_u128_mul(a, b, &product) ? product : OL_U128_MAX;
}

ol_str number_text(ol_u128 value)
{
    ol_u128_text *text = near_alloc(sizeof *text);
    *text = ol_u128_format(value);
    return (ol_str){text->data, text->len};
}

void require_one_yocto(const call *c)
{
    REQUIRE(c->deposit >= 1, "Requires attached deposit of at least 1 yoctoNEAR");
}
