#include "lib/codec/json_bind.h"

#include <stddef.h>

#include "tests/harness/test.h"

typedef struct limits {
    uint64_t instructions;
    uint32_t memory_mb;
} limits;

typedef struct body {
    ol_str input;
    bool is_async;
    bool has_limits;
    limits limit;
    ol_str version_key;
    int status;
    ol_u128 amount;
    ol_u128 big;
    int64_t difference;
    double share;
    uint8_t hash[4];
    ol_bytes hex;
    ol_bytes data;
    ol_bytes list;
    ol_json_texts names;
    ol_json_structs rows;
    ol_json value;
} body;

static const ol_json_field LIMIT_FIELDS[] = {
    {"max_instructions", OL_BIND_U64, OL_DEFAULT, offsetof(limits, instructions)},
    {"max_memory_mb", OL_BIND_U32, OL_REQUIRED, offsetof(limits, memory_mb)},
};
static const ol_json_table LIMITS = {"Limits", LIMIT_FIELDS, OL_COUNT(LIMIT_FIELDS)};

static const char *const STATUS[] = {"online", "busy", "offline", NULL};

static const ol_json_field FIELDS[] = {
    {"input", OL_BIND_RAW, OL_REQUIRED, offsetof(body, input)},
    {"async", OL_BIND_BOOL, OL_DEFAULT, offsetof(body, is_async)},
    {"limits", OL_BIND_OBJECT, OL_OPTIONAL, offsetof(body, limit),
     .has = offsetof(body, has_limits), .sub = &LIMITS},
    {"version_key", OL_BIND_TEXT, OL_OPTIONAL, offsetof(body, version_key)},
    {"status", OL_BIND_ENUM, OL_DEFAULT, offsetof(body, status), .variants = STATUS},
    {"amount", OL_BIND_DEC, OL_DEFAULT, offsetof(body, amount)},
    {"big", OL_BIND_U128, OL_DEFAULT, offsetof(body, big)},
    {"difference", OL_BIND_I64, OL_DEFAULT, offsetof(body, difference)},
    {"share", OL_BIND_DOUBLE, OL_DEFAULT, offsetof(body, share)},
    {"hash", OL_BIND_HEX_FIXED, OL_DEFAULT, offsetof(body, hash), .size = 4},
    {"hex", OL_BIND_HEX, OL_DEFAULT, offsetof(body, hex)},
    {"data", OL_BIND_BASE64, OL_DEFAULT, offsetof(body, data)},
    {"list", OL_BIND_BYTE_ARRAY, OL_DEFAULT, offsetof(body, list)},
    {"names", OL_BIND_TEXT_LIST, OL_DEFAULT, offsetof(body, names)},
    {"rows", OL_BIND_OBJECT_LIST, OL_DEFAULT, offsetof(body, rows), .size = sizeof(limits),
     .sub = &LIMITS},
    {"value", OL_BIND_VALUE, OL_DEFAULT, offsetof(body, value)},
};
static const ol_json_table BODY = {"Body", FIELDS, OL_COUNT(FIELDS)};

TEST("every type of member is filled")
{
    static const char TEXT[] =
        "{\"input\": {\"k\": 1} ,\"async\":true,\"limits\":{\"max_memory_mb\":64,\"other\":[]},"
        "\"version_key\":\"a\\u0062c\",\"status\":\"offline\",\"amount\":"
        "\"12345678901234567890123\","
        "\"big\":340282366920938463463374607431768211455,\"difference\":-5,\"share\":0.25,"
        "\"hash\":\"00fFa07e\",\"hex\":\"C0de\",\"data\":\"AAECAw==\",\"list\":[9,255],"
        "\"names\":[\"x\",\"\\n\"],\"rows\":[{\"max_memory_mb\":1},{\"max_memory_mb\":2}],"
        "\"value\":[true],\"unknown\":{\"async\":1}}";
    ol_arena arena = ol_arena_new(OL_KIB(16));
    body got = {.limit.instructions = 77};
    ol_err err;
    CHECK_OK(ol_json_bind(ol_str_of(TEXT), &BODY, &got, &arena, &err));
    CHECK_STR(got.input, OL_STR("{\"k\": 1}"));
    CHECK(got.is_async && got.has_limits);
    CHECK_EQ(got.limit.memory_mb, 64);
    CHECK_EQ(got.limit.instructions, 77);
    CHECK_STR(got.version_key, OL_STR("abc"));
    CHECK_EQ(got.status, 2);
    CHECK_STR(ol_str_of(ol_u128_format(got.amount).data), OL_STR("12345678901234567890123"));
    CHECK(got.big == OL_U128_MAX);
    CHECK_EQ(got.difference, -5);
    CHECK(got.share == 0.25);
    CHECK_EQ(got.hash[1], 0xFF);
    CHECK_EQ(got.hash[3], 0x7E);
    CHECK_EQ(got.hex.len, 2);
    CHECK_EQ(got.hex.data[1], 0xDE);
    CHECK_EQ(got.data.len, 4);
    CHECK_EQ(got.data.data[3], 3);
    CHECK_EQ(got.list.len, 2);
    CHECK_EQ(got.list.data[1], 255);
    CHECK_EQ(got.names.count, 2);
    CHECK_STR(got.names.items[1], OL_STR("\n"));
    CHECK_EQ(got.rows.count, 2);
    CHECK_EQ(((const limits *)got.rows.items)[1].memory_mb, 2);
    CHECK_STR(got.value.raw, OL_STR("[true]"));
    ol_arena_deinit(&arena);
}

TEST("absent members keep their defaults; null stands for an optional one and for any input")
{
    ol_arena arena = ol_arena_new(OL_KIB(4));
    body got = {.is_async = true, .version_key = OL_STR_INIT("before")};
    ol_err err;
    CHECK_OK(ol_json_bind(OL_STR("{\"input\":null,\"limits\":null,\"version_key\":null}"), &BODY,
                          &got, &arena, &err));
    CHECK_STR(got.input, OL_STR("null"));
    CHECK(got.is_async && !got.has_limits);
    CHECK_STR(got.version_key, OL_STR("before"));
    ol_arena_deinit(&arena);
}

/* Texts as the reference's clients know them (Coordinator 1). */
static const struct {
    const char *text;
    const char *says;
} SHAPES[] = {
    {"{}", "missing field `input` at line 1 column 2"},
    {"[]", "invalid type: sequence, expected struct Body at line 1 column 1"},
    {"\"x\"", "invalid type: string \"x\", expected struct Body at line 1 column 3"},
    {"5", "invalid type: integer `5`, expected struct Body at line 1 column 1"},
    {"null", "invalid type: null, expected struct Body at line 1 column 4"},
    {"{\"input\":1,\"async\":\"yes\"}",
     "async: invalid type: string \"yes\", expected a boolean at line 1 column 24"},
    {"{\"input\":1,\"async\":null}",
     "async: invalid type: null, expected a boolean at line 1 column 23"},
    {"{\"input\":1,\"limits\":5}",
     "limits: invalid type: integer `5`, expected struct Limits at line 1 column 21"},
    {"{\"input\":1,\"limits\":{\"max_instructions\":-1}}",
     "limits.max_instructions: invalid value: integer `-1`, expected u64 at line 1 column 42"},
    {"{\"input\":1,\"limits\":{\"max_memory_mb\":4294967296}}",
     "limits.max_memory_mb: invalid value: integer `4294967296`, expected u32 at line 1 column 47"},
    {"{\"input\":1,\"limits\":{\"max_instructions\":1}}",
     "limits: missing field `max_memory_mb` at line 1 column 42"},
    {"{\"input\":1,\"version_key\":5}",
     "version_key: invalid type: integer `5`, expected a string at line 1 column 26"},
    {"{\"input\":1,\"input\":2}", "duplicate field `input` at line 1 column 18"},
    {"{\"input\":1,\"\\u0069nput\":2}", "duplicate field `input` at line 1 column 23"},
    {"{\"input\":1,\"limits\":{\"max_memory_mb\":1,\"max_memory_mb\":1}}",
     "limits: duplicate field `max_memory_mb` at line 1 column 54"},
    {"{\"input\":1,\"status\":\"gone\"}",
     "status: unknown variant `gone`, expected one of `online`, `busy`, `offline` at line 1 column "
     "26"},
    {"{\"input\":1,\"list\":[256]}",
     "list[0]: invalid value: integer `256`, expected u8 at line 1 column 22"},
    {"{\"input\":1,\"list\":\"AA==\"}",
     "list: invalid type: string \"AA==\", expected a sequence at line 1 column 24"},
    {"{\"input\":1,\"names\":[\"a\",1]}",
     "names[1]: invalid type: integer `1`, expected a string at line 1 column 25"},
    {"{\"input\":1,\"rows\":[{\"max_memory_mb\":1},{}]}",
     "rows[1]: missing field `max_memory_mb` at line 1 column 41"},
    {"{\"input\":1,\"amount\":12}",
     "amount: invalid type: integer `12`, expected a string at line 1 column 22"},
    {"{\"input\":1,\"hash\":\"00\"}",
     "hash: invalid value: expected 8 hexadecimal characters at line 1 column 22"},
    {"{\"input\":1,\"hex\":\"0\"}",
     "hex: invalid value: expected hexadecimal text at line 1 column 20"},
    {"{\"input\":1,\"data\":\"AA\"}",
     "data: invalid value: expected base64 text at line 1 column 22"},
};

TEST("a wrong shape names path, what was there and what was expected")
{
    OL_EACH (row, SHAPES) {
        ol_arena arena = ol_arena_new(OL_KIB(4));
        body got = {0};
        ol_err err;
        CHECK_EQ_ROW(ol_json_bind(ol_str_of(row->text), &BODY, &got, &arena, &err), OL_ERR_SHAPE,
                     row->text);
        CHECK_STR_ROW(ol_err_text(&err), ol_str_of(row->says), row->text);
        ol_arena_deinit(&arena);
    }
}

TEST("unknown members may repeat")
{
    ol_arena arena = ol_arena_new(OL_KIB(4));
    body got = {0};
    ol_err err;
    CHECK_OK(ol_json_bind(OL_STR("{\"x\":1,\"input\":1,\"x\":2}"), &BODY, &got, &arena, &err));
    ol_arena_deinit(&arena);
}

TEST("broken JSON is a syntax error even where a member has the wrong type before")
{
    ol_arena arena = ol_arena_new(OL_KIB(4));
    body got = {0};
    ol_err err;
    CHECK_EQ(ol_json_bind(OL_STR("{\"async\":5,}"), &BODY, &got, &arena, &err), OL_ERR_SYNTAX);
    ol_arena_deinit(&arena);
}

TEST("a body that does not fit the arena is refused")
{
    ol_arena arena = ol_arena_new(64);
    body got = {0};
    ol_err err;
    CHECK_EQ(ol_json_bind(OL_STR("{\"input\":1,\"names\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}"),
                          &BODY, &got, &arena, &err),
             OL_ERR_NO_MEMORY);
    ol_arena_deinit(&arena);
}
