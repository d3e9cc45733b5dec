/* Any bytes as the body of a request: a table with every type of member. */
#include <stddef.h>

#include "lib/codec/json_bind.h"
#include "lib/codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct part {
    ol_str text;
    uint32_t n;
} part;

typedef struct body {
    ol_str text;
    bool truth;
    uint8_t u8;
    uint32_t u32;
    uint64_t u64;
    int64_t i64;
    ol_u128 wide;
    ol_u128 dec;
    double number;
    ol_str raw;
    ol_json value;
    ol_json_texts texts;
    ol_bytes hex;
    uint8_t fixed[2];
    ol_bytes base64;
    ol_bytes list;
    int variant;
    bool has_part;
    part part;
    ol_json_structs parts;
} body;

static const ol_json_field PART_FIELDS[] = {
    {"t", OL_BIND_TEXT, OL_REQUIRED, offsetof(part, text)},
    {"n", OL_BIND_U32, OL_OPTIONAL, offsetof(part, n)},
};
static const ol_json_table PART = {"Part", PART_FIELDS, OL_COUNT(PART_FIELDS)};
static const char *const VARIANTS[] = {"on", "off", NULL};

static const ol_json_field FIELDS[] = {
    {"a", OL_BIND_TEXT, OL_OPTIONAL, offsetof(body, text)},
    {"b", OL_BIND_BOOL, OL_DEFAULT, offsetof(body, truth)},
    {"c", OL_BIND_U8, OL_DEFAULT, offsetof(body, u8)},
    {"d", OL_BIND_U32, OL_DEFAULT, offsetof(body, u32)},
    {"e", OL_BIND_U64, OL_DEFAULT, offsetof(body, u64)},
    {"f", OL_BIND_I64, OL_DEFAULT, offsetof(body, i64)},
    {"g", OL_BIND_U128, OL_DEFAULT, offsetof(body, wide)},
    {"h", OL_BIND_DEC, OL_DEFAULT, offsetof(body, dec)},
    {"i", OL_BIND_DOUBLE, OL_DEFAULT, offsetof(body, number)},
    {"j", OL_BIND_RAW, OL_REQUIRED, offsetof(body, raw)},
    {"k", OL_BIND_VALUE, OL_DEFAULT, offsetof(body, value)},
    {"l", OL_BIND_TEXT_LIST, OL_DEFAULT, offsetof(body, texts)},
    {"m", OL_BIND_HEX, OL_DEFAULT, offsetof(body, hex)},
    {"n", OL_BIND_HEX_FIXED, OL_DEFAULT, offsetof(body, fixed), .size = 2},
    {"o", OL_BIND_BASE64, OL_DEFAULT, offsetof(body, base64)},
    {"p", OL_BIND_BYTE_ARRAY, OL_DEFAULT, offsetof(body, list)},
    {"q", OL_BIND_ENUM, OL_DEFAULT, offsetof(body, variant), .variants = VARIANTS},
    {"r", OL_BIND_OBJECT, OL_OPTIONAL, offsetof(body, part), .has = offsetof(body, has_part),
     .sub = &PART},
    {"s", OL_BIND_OBJECT_LIST, OL_DEFAULT, offsetof(body, parts), .size = sizeof(part),
     .sub = &PART},
};
static const ol_json_table BODY = {"Body", FIELDS, OL_COUNT(FIELDS)};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_KIB(256));
    body it = {0};
    ol_err err;
    ol_rc rc = ol_json_bind((ol_str){(const char *)data, size}, &BODY, &it, &arena, &err);
    if (rc == OL_OK)
        OL_ASSERT(it.raw.len > 0 && ol_utf8_valid(it.text));
    else
        OL_ASSERT(ol_utf8_valid(ol_err_text(&err)));
    ol_arena_deinit(&arena);
    return 0;
}
