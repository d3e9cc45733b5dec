#include "lib/codec/json_bind.h"

#include <stdio.h>
#include <string.h>

#include "lib/codec/base64.h"
#include "lib/codec/hex.h"
#include "lib/codec/json_error.h"
#include "lib/codec/json_scan.h"
#include "lib/codec/utf8.h"

enum { WORDS_BYTES = 512, SHOWN_BYTES_MAX = 64 };

typedef struct binder {
    ol_arena *arena;
    ol_err *err;
    const ol__json_marks *marks; /* of the object being bound; NULL: it is walked */
    bool plain;                  /* the member being bound is known to hold no escape */
} binder;

static ol_rc bind_object(binder *b, const ol_json *value, const ol_json_table *table, char *into);

static ol_rc no_memory(binder *b)
{
    return ol_fail(b->err, OL_ERR_NO_MEMORY, "no memory for the members of a JSON body");
}

static ol_rc bind_texts(binder *b, const ol_json *value, ol_json_texts *ret)
{
    if (ol_json_kind_of(value) != OL_JSON_ARRAY)
        return ol_json_wrong_type(value, "a sequence", b->err);
    size_t count = ol_json_count(value);
    ol_str *items = ol_arena_array(b->arena, count > 0 ? count : 1, sizeof *items);
    if (items == NULL)
        return no_memory(b);
    ol_json_iter it = ol_json_iterate(value);
    ol_json item;
    for (size_t i = 0; ol_json_next_item(&it, &item); i++)
        OL_TRY(ol_json_text(&item, b->arena, &items[i], b->err));
    *ret = (ol_json_texts){items, count};
    return OL_OK;
}

static ol_rc bind_text(binder *b, const ol_json *value, const ol_json_field *field, ol_str *ret)
{
    if (b->plain && ol_json_kind_of(value) == OL_JSON_STRING)
        *ret = (ol_str){value->raw.data + 1, value->raw.len - 2};
    else
        OL_TRY(ol_json_text(value, b->arena, ret, b->err));
    if (field->check != NULL && !field->check(*ret))
        return ol_json_wrong_shape(value, b->err, "invalid value for `%s`", field->name);
    return OL_OK;
}

static ol_rc bind_structs(binder *b, const ol_json *value, const ol_json_field *field,
                          ol_json_structs *ret)
{
    if (ol_json_kind_of(value) != OL_JSON_ARRAY)
        return ol_json_wrong_type(value, "a sequence", b->err);
    size_t count = ol_json_count(value);
    char *items = ol_arena_array(b->arena, count > 0 ? count : 1, field->size);
    if (items == NULL)
        return no_memory(b);
    ol_json_iter it = ol_json_iterate(value);
    ol_json item;
    for (size_t i = 0; ol_json_next_item(&it, &item); i++)
        OL_TRY(bind_object(b, &item, field->sub, items + i * field->size));
    *ret = (ol_json_structs){items, count};
    return OL_OK;
}

#ifndef OL_BIND_FEW
static ol_rc bind_hex(binder *b, const ol_json *value, ol_bytes *ret)
{
    ol_str text;
    OL_TRY(ol_json_text(value, b->arena, &text, b->err));
    if (text.len % 2 != 0 || !ol_hex_is_digits(text))
        return ol_json_wrong_shape(value, b->err, "invalid value: expected hexadecimal text");
    return ol_hex_decode(text, b->arena, ret) ? OL_OK : no_memory(b);
}

static ol_rc bind_hex_fixed(binder *b, const ol_json *value, size_t size, uint8_t *ret)
{
    ol_str text;
    OL_TRY(ol_json_text(value, b->arena, &text, b->err));
    if (!ol_hex_decode_fixed(text, ret, size))
        return ol_json_wrong_shape(value, b->err,
                                   "invalid value: expected %zu hexadecimal characters", 2 * size);
    return OL_OK;
}

static ol_rc bind_base64(binder *b, const ol_json *value, ol_bytes *ret)
{
    ol_str text;
    OL_TRY(ol_json_text(value, b->arena, &text, b->err));
    uint8_t *bytes = ol_arena_alloc(b->arena, text.len / 4 * 3 + 1);
    size_t len;
    if (bytes == NULL)
        return no_memory(b);
    if (!ol_base64_decode_into(text, bytes, &len))
        return ol_json_wrong_shape(value, b->err, "invalid value: expected base64 text");
    *ret = (ol_bytes){bytes, len};
    return OL_OK;
}
#endif

#ifndef OL_SHORT_FAULTS
static void list_variants(const char *const *variants, ol_buf *into)
{
    size_t count = 0;
    while (variants[count] != NULL)
        count++;
    if (count == 2) {
        ol_buf_addf(into, "`%s` or `%s`", variants[0], variants[1]);
        return;
    }
    if (count > 2)
        ol_buf_add_str(into, OL_STR("one of "));
    for (size_t i = 0; i < count; i++)
        ol_buf_addf(into, "%s`%s`", i > 0 ? ", " : "", variants[i]);
}
#endif

static ol_rc bind_enum(binder *b, const ol_json *value, const char *const *variants, int *ret)
{
    ol_str text;
    OL_TRY(ol_json_text(value, b->arena, &text, b->err));
    for (int i = 0; variants[i] != NULL; i++) {
        if (ol_str_eq(text, ol_str_of(variants[i]))) {
            *ret = i;
            return OL_OK;
        }
    }
#ifdef OL_SHORT_FAULTS
    return ol_json_wrong_shape(value, b->err, "unknown variant");
#else
    char names[WORDS_BYTES];
    ol_buf list = ol_buf_over(names, sizeof names);
    list_variants(variants, &list);
    ol_str shown = ol_utf8_cut(text, SHOWN_BYTES_MAX);
    return ol_json_wrong_shape(value, b->err, "unknown variant `%.*s`, expected %.*s",
                               OL_FMT(shown), OL_FMT(ol_buf_str(&list)));
#endif
}

static ol_rc bind_field(binder *b, const ol_json *value, const ol_json_field *field, void *to)
{
    switch (field->type) {
    case OL_BIND_TEXT:
        return bind_text(b, value, field, to);
    case OL_BIND_BOOL:
        return ol_json_bool(value, to, b->err);
    case OL_BIND_U8:
        return ol_json_u8(value, to, b->err);
    case OL_BIND_U32:
        return ol_json_u32(value, to, b->err);
    case OL_BIND_U64:
        return ol_json_u64(value, to, b->err);
    case OL_BIND_I64:
        return ol_json_i64(value, to, b->err);
    case OL_BIND_U128:
        return ol_json_u128(value, to, b->err);
    case OL_BIND_DEC:
        return ol_json_u128_text(value, to, b->err);
    case OL_BIND_RAW:
        *(ol_str *)to = value->raw;
        return OL_OK;
    case OL_BIND_VALUE:
        *(ol_json *)to = *value;
        return OL_OK;
    case OL_BIND_TEXT_LIST:
        return bind_texts(b, value, to);
    case OL_BIND_ENUM:
        return bind_enum(b, value, field->variants, to);
    case OL_BIND_OBJECT:
        return bind_object(b, value, field->sub, to);
    case OL_BIND_OBJECT_LIST:
        return bind_structs(b, value, field, to);
#ifndef OL_BIND_FEW
    case OL_BIND_DOUBLE:
        return ol_json_double(value, to, b->err);
    case OL_BIND_HEX:
        return bind_hex(b, value, to);
    case OL_BIND_HEX_FIXED:
        return bind_hex_fixed(b, value, field->size, to);
    case OL_BIND_BASE64:
        return bind_base64(b, value, to);
    case OL_BIND_BYTE_ARRAY:
        return ol_json_byte_array(value, b->arena, to, b->err);
#endif
    }
    OL_UNREACHABLE();
}

/* Keys nearly always differ in their first letters, so names are compared as they lie, without
 * asking for a length first; only a key with an escape is decoded. */
static bool key_is(ol_str inside, const char *name)
{
    size_t i = 0;
    while (i < inside.len && inside.data[i] == name[i] && name[i] != '\0')
        i++;
    return i == inside.len && name[i] == '\0';
}

static const ol_json_field *find_field(const ol_json_table *table, const ol_json *key)
{
    ol_str inside = {key->raw.data + 1, key->raw.len - 2};
    bool escaped = memchr(inside.data, '\\', inside.len) != NULL;
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->fields[i].name;
        if (escaped ? ol_json_text_is(key, ol_str_of(name)) : key_is(inside, name))
            return &table->fields[i];
    }
    return NULL;
}

static ol_rc bind_member(binder *b, const ol_json *value, const ol_json_field *field, char *into)
{
    if (ol_json_is_null(value) && field->need == OL_OPTIONAL)
        return OL_OK;
    OL_TRY(bind_field(b, value, field, into + field->offset));
    if (field->has != 0)
        *(bool *)(into + field->has) = true;
    return OL_OK;
}

static ol_rc refuse_duplicate(binder *b, const ol_json *key, const char *name)
{
    char words[WORDS_BYTES];
    const char *end = key->raw.data + key->raw.len;
    (void)snprintf(words, sizeof words, "duplicate field `%s`", name);
    return ol__json_fail(b->err, OL_ERR_SHAPE, key->doc, key->raw.data, end - 1, end, words);
}

/* The place is the closing brace: only there is it known that nothing more comes. */
static ol_rc check_required(binder *b, const ol_json *object, const ol_json_table *table,
                            uint64_t seen)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->fields[i].need == OL_REQUIRED && (seen >> i & 1) == 0) {
            char words[WORDS_BYTES];
            const char *end = object->raw.data + object->raw.len;
            (void)snprintf(words, sizeof words, "missing field `%s`", table->fields[i].name);
            return ol__json_fail(b->err, OL_ERR_SHAPE, object->doc, object->raw.data, end - 1, end,
                                 words);
        }
    }
    return OL_OK;
}

static ol_rc refuse_type(binder *b, const ol_json *value, const ol_json_table *table)
{
    char expected[WORDS_BYTES];
    (void)snprintf(expected, sizeof expected, "struct %s", table->name);
    return ol_json_wrong_type(value, expected, b->err);
}

/* The next member of the object, by its mark where there is one. */
static bool next_member(ol_json_iter *it, const ol__json_marks *marks, size_t index,
                        ol_json *ret_key, ol_json *ret_value)
{
    if (marks != NULL && index < marks->count)
        return ol__json_next_marked(it, &marks->items[index], ret_key, ret_value);
    return ol_json_next_member(it, ret_key, ret_value);
}

static ol_rc bind_object(binder *b, const ol_json *value, const ol_json_table *table, char *into)
{
    const ol__json_marks *marks = b->marks;
    uint64_t seen = 0;
    OL_ASSERT(table->count <= OL_JSON_FIELDS_MAX);
    if (ol_json_kind_of(value) != OL_JSON_OBJECT)
        return refuse_type(b, value, table);
    b->marks = NULL; /* not those of what is within */
    ol_json_iter it = ol_json_iterate(value);
    ol_json key;
    ol_json item;
    for (size_t i = 0; next_member(&it, marks, i, &key, &item); i++) {
        const ol_json_field *field = find_field(table, &key);
        if (field == NULL)
            continue;
        uint64_t bit = (uint64_t)1 << (field - table->fields);
        if ((seen & bit) != 0)
            return refuse_duplicate(b, &key, field->name);
        seen |= bit;
        b->plain = marks != NULL && !marks->items[i].escaped;
        OL_TRY(bind_member(b, &item, field, into));
    }
    return check_required(b, value, table, seen);
}

ol_rc ol_json_bind_value(const ol_json *value, const ol_json_table *table, void *into,
                         ol_arena *arena, ol_err *err)
{
    binder b = {arena, err, NULL, false};
    return bind_object(&b, value, table, into);
}

ol_rc ol_json_bind(ol_str text, const ol_json_table *table, void *into, ol_arena *arena,
                   ol_err *err)
{
    ol__json_mark items[OL_JSON_FIELDS_MAX];
    ol__json_marks marks = {items, OL_COUNT(items), 0};
    ol_json root;
    OL_TRY(ol__json_parse_marked(text, &marks, &root, err));
    /* A document of more members is walked in the ordinary way. */
    binder b = {arena, err, marks.count <= marks.max ? &marks : NULL, false};
    return bind_object(&b, &root, table, into);
}
