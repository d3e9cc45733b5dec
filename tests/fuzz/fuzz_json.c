/* Any bytes as JSON: reading stays within them, and what was read prints to text that reads back
 * and prints the same, in both orders of keys. Walking sees as many values as the text has. */
#include <stdlib.h>

#include "lib/codec/json_print.h"
#include "lib/codec/json_read.h"
#include "lib/codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const ol_json *value, ol_json_order order, ol_buf *into)
{
    ol_err err;
    ol_rc rc = ol_json_print(value, order, into, &err);
    OL_ASSERT(rc == OL_OK);
}

static void parse(ol_str text, ol_json *ret)
{
    ol_err err;
    ol_rc rc = ol_json_parse(text, ret, &err);
    OL_ASSERT(rc == OL_OK);
}

static void check_order(const ol_json *value, ol_json_order order)
{
    ol_buf once = ol_buf_new(OL_MIB(64));
    ol_buf twice = ol_buf_new(OL_MIB(64));
    ol_json again;
    print(value, order, &once);
    parse(ol_buf_str(&once), &again);
    print(&again, order, &twice);
    OL_ASSERT(ol_str_eq(ol_buf_str(&once), ol_buf_str(&twice)));
    OL_ASSERT(ol_json_check_unique(&again, NULL) == OL_OK);
    ol_buf_deinit(&once);
    ol_buf_deinit(&twice);
}

static void check_scalar(const ol_json *value, ol_arena *arena)
{
    ol_str text;
    uint64_t whole;
    ol_i128 wide;
    double number;
    if (ol_json_kind_of(value) == OL_JSON_STRING) {
        OL_ASSERT(ol_json_text(value, arena, &text, NULL) == OL_OK);
        OL_ASSERT(ol_utf8_valid(text) && ol_json_text_is(value, text));
    } else if (ol_json_kind_of(value) == OL_JSON_NUMBER) {
        OL_ASSERT(ol_json_double(value, &number, NULL) == OL_OK);
        (void)ol_json_i128(value, &wide, NULL);
        if (ol_json_u64(value, &whole, NULL) == OL_OK)
            OL_ASSERT((double)whole == number);
    }
}

static void walk(const ol_json *value, ol_arena *arena)
{
    ol_json key;
    ol_json item;
    if (ol_json_kind_of(value) < OL_JSON_ARRAY) {
        check_scalar(value, arena);
        return;
    }
    ol_json_iter it = ol_json_iterate(value);
    if (ol_json_kind_of(value) == OL_JSON_ARRAY) {
        while (ol_json_next_item(&it, &item))
            walk(&item, arena);
        return;
    }
    while (ol_json_next_member(&it, &key, &item)) {
        check_scalar(&key, arena);
        walk(&item, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_str text = {(const char *)data, size};
    ol_err err;
    ol_json value;
    ol_rc rc = ol_json_parse(text, &value, &err);
    OL_ASSERT(rc == OL_OK || (rc == OL_ERR_SYNTAX && ol_utf8_valid(ol_err_text(&err))));
    if (rc != OL_OK)
        return 0;
    ol_arena arena = ol_arena_new(64 * size + OL_KIB(4));
    walk(&value, &arena);
    check_order(&value, OL_JSON_KEYS_AS_GIVEN);
    check_order(&value, OL_JSON_KEYS_SORTED);
    (void)ol_json_check_unique(&value, &err);
    (void)ol_json_wrong_type(&value, "another", &err);
    OL_ASSERT(ol_utf8_valid(ol_err_text(&err)));
    ol_arena_deinit(&arena);
    return 0;
}
