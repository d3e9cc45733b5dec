#include "lib/proto/manifest.h"

#include <string.h>

#include "lib/base/buf.h"
#include "tests/harness/test.h"

static const uint8_t CORE[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
static const uint8_t COMPONENT[8] = {0, 'a', 's', 'm', 0x0D, 0, 1, 0};

static void add_u32(ol_buf *out, uint32_t value)
{
    do {
        uint8_t byte = (uint8_t)(value & 0x7F);
        value >>= 7;
        ol_buf_add_char(out, (char)(value > 0 ? byte | 0x80 : byte));
    } while (value > 0);
}

static void add_section(ol_buf *out, uint8_t id, ol_bytes body)
{
    ol_buf_add_char(out, (char)id);
    add_u32(out, (uint32_t)body.len);
    ol_buf_add(out, body);
}

static void add_custom(ol_buf *out, const char *name, ol_str text)
{
    ol_buf body = ol_buf_new(OL_MIB(1));
    add_u32(&body, (uint32_t)strlen(name));
    ol_buf_add_str(&body, ol_str_of(name));
    ol_buf_add_str(&body, text);
    add_section(out, 0, ol_buf_bytes(&body));
    ol_buf_deinit(&body);
}

static const ol_str TEXT = OL_STR_INIT(
    "{\"connector_id\":\"bank\",\"capabilities\":{\"network\":[\"A.com\",\"b.com.\"]},\"limits\":["
    "{\"operation\":\"pay\",\"window\":\"week\",\"max_count\":3,\"applies\":\"covered\"},"
    "{\"operation\":\"see\",\"window\":\"eon\",\"max_count\":1,\"applies\":\"cats\"}]}");

static void check_found(ol_bytes wasm)
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_manifest manifest;
    ol_err err = {0};
    CHECK_OK(ol_manifest_load(wasm, &arena, &manifest, &err));
    CHECK(manifest.present && manifest.has_network);
    CHECK_STR(manifest.connector_id, OL_STR("bank"));
    CHECK_EQ(manifest.hosts, 2);
    CHECK_STR(manifest.host[0], OL_STR("A.com"));
    CHECK_EQ(manifest.limits, 2);
    CHECK_EQ(manifest.limit[0].window, OL_WINDOW_WEEK);
    CHECK_EQ(manifest.limit[0].applies, OL_APPLIES_COVERED);
    CHECK_EQ(manifest.limit[1].window, OL_WINDOW_MONTH);
    CHECK_EQ(manifest.limit[1].applies, OL_APPLIES_EVERYONE);
    ol_arena_deinit(&arena);
}

TEST("a manifest is found in a module and in a component's nested module")
{
    ol_buf module = ol_buf_new(OL_MIB(1));
    ol_buf middle = ol_buf_new(OL_MIB(1));
    ol_buf outer = ol_buf_new(OL_MIB(1));
    ol_buf_add(&module, (ol_bytes){CORE, 8});
    add_custom(&module, "name", OL_STR("x"));
    add_custom(&module, "outlayer.manifest", TEXT);
    check_found(ol_buf_bytes(&module));
    ol_buf_add(&middle, (ol_bytes){COMPONENT, 8});
    add_section(&middle, 1, ol_buf_bytes(&module));
    check_found(ol_buf_bytes(&middle));
    ol_buf_add(&outer, (ol_bytes){COMPONENT, 8});
    add_custom(&outer, "producers", OL_STR("y"));
    add_section(&outer, 4, ol_buf_bytes(&middle));
    check_found(ol_buf_bytes(&outer));
    ol_buf_deinit(&module);
    ol_buf_deinit(&middle);
    ol_buf_deinit(&outer);
}

TEST("the first manifest counts, and none is none")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_buf module = ol_buf_new(OL_MIB(1));
    ol_manifest manifest;
    ol_err err = {0};
    ol_buf_add(&module, (ol_bytes){CORE, 8});
    CHECK_OK(ol_manifest_load(ol_buf_bytes(&module), &arena, &manifest, &err));
    CHECK(!manifest.present && !manifest.has_network);
    add_custom(&module, "outlayer.manifest", OL_STR("{\"network\":[]}"));
    add_custom(&module, "outlayer.manifest", OL_STR("{\"network\":[\"a\"]}"));
    CHECK_OK(ol_manifest_load(ol_buf_bytes(&module), &arena, &manifest, &err));
    CHECK(manifest.present && manifest.has_network);
    CHECK_EQ(manifest.hosts, 0);
    ol_buf_deinit(&module);
    ol_arena_deinit(&arena);
}

TEST("a broken manifest is an error, never the absence of one")
{
    static const char *const broken[] = {
        "",
        "{",
        "[]",
        "{\"network\":\"a\"}",
        "{\"network\":[1]}",
        "{\"limits\":[{}]}",
        "{\"limits\":{}}",
        "{\"limits\":[{\"operation\":\"x\"}]}",
        "{\"connector_id\":5}",
    };
    OL_EACH (text, broken) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        ol_manifest manifest;
        ol_err err = {0};
        CHECK_ROW(ol_manifest_parse(ol_str_bytes(ol_str_of(*text)), &arena, &manifest, &err) !=
                      OL_OK,
                  *text);
        CHECK_STARTS(ol_err_text(&err), OL_STR("outlayer.manifest: "), *text);
        ol_arena_deinit(&arena);
    }
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_buf module = ol_buf_new(OL_MIB(1));
    ol_buf large = ol_buf_new(OL_MIB(1));
    ol_manifest manifest;
    ol_err err = {0};
    for (int i = 0; i <= OL_MANIFEST_BYTES_MAX; i++)
        ol_buf_add_char(&large, ' ');
    ol_buf_add(&module, (ol_bytes){CORE, 8});
    add_custom(&module, "outlayer.manifest", ol_buf_str(&large));
    CHECK_EQ(ol_manifest_load(ol_buf_bytes(&module), &arena, &manifest, &err), OL_ERR_INVALID);
    ol_buf_deinit(&module);
    ol_buf_deinit(&large);
    ol_arena_deinit(&arena);
}

TEST("a binary whose sections lie about their length holds no manifest")
{
    static const uint8_t bad[][12] = {
        {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 0x7F},
        {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF},
        {0, 'a', 's', 'm', 2, 0, 0, 0, 0, 1, 0},
        {0, 'a', 's', 'm', 0x0D, 0, 1, 0, 1, 2, 0, 0},
    };
    OL_EACH (bytes, bad) {
        ol_bytes section;
        CHECK(!ol_manifest_find((ol_bytes){*bytes, sizeof *bytes}, &section));
    }
    ol_bytes section;
    CHECK(!ol_manifest_find((ol_bytes){NULL, 0}, &section));
}

TEST("components within components are followed to a depth, and no further")
{
    ol_buf inner = ol_buf_new(OL_MIB(1));
    ol_bytes section;
    ol_buf_add(&inner, (ol_bytes){CORE, 8});
    add_custom(&inner, "outlayer.manifest", OL_STR("{}"));
    for (int depth = 1; depth < OL_WASM_NESTING_MAX + 4; depth++) {
        CHECK_EQ(ol_manifest_find(ol_buf_bytes(&inner), &section), depth <= OL_WASM_NESTING_MAX);
        ol_buf outer = ol_buf_new(OL_MIB(1));
        ol_buf_add(&outer, (ol_bytes){COMPONENT, 8});
        add_section(&outer, depth == 1 ? 1 : 4, ol_buf_bytes(&inner));
        ol_buf_deinit(&inner);
        inner = outer;
    }
    ol_buf_deinit(&inner);
}
