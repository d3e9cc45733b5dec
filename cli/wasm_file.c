#include "cli/wasm_file.h"

enum { HEADER_BYTES = 8, SECTION_CUSTOM = 0, SECTION_IMPORT = 2 };

typedef struct cursor {
    ol_bytes rest;
    bool failed;
} cursor;

static uint8_t byte(cursor *c)
{
    if (c->rest.len == 0) {
        c->failed = true;
        return 0;
    }
    uint8_t b = c->rest.data[0];
    c->rest = (ol_bytes){c->rest.data + 1, c->rest.len - 1};
    return b;
}

/* LEB128, 32 bits in at most five bytes; limits of memories may have 64, whose tail is passed over
 * all the same. */
static uint32_t number(cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t b = byte(c);
        if (shift < 63)
            value |= (uint64_t)(b & 0x7F) << shift;
        if ((b & 0x80) == 0)
            return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
    }
    c->failed = true;
    return 0;
}

static ol_bytes take(cursor *c, size_t len)
{
    if (len > c->rest.len) {
        c->failed = true;
        return (ol_bytes){NULL, 0};
    }
    ol_bytes taken = {c->rest.data, len};
    c->rest = (ol_bytes){c->rest.data + len, c->rest.len - len};
    return taken;
}

static void note_module(wasm_imports *into, ol_str module)
{
    for (size_t i = 0; i < into->modules; i++) {
        if (ol_str_eq(into->module[i], module))
            return;
    }
    if (into->modules < WASM_IMPORT_MODULES_MAX)
        into->module[into->modules++] = module;
}

static void limits(cursor *c)
{
    uint8_t flags = byte(c);
    (void)number(c);
    if ((flags & 1) != 0)
        (void)number(c);
}

static void import(cursor *c, wasm_imports *into)
{
    enum { FUNCTION, TABLE, MEMORY, GLOBAL, TAG };
    ol_bytes module = take(c, number(c));
    (void)take(c, number(c));
    note_module(into, ol_bytes_str(module));
    switch (byte(c)) {
    case FUNCTION:
        into->functions++;
        (void)number(c);
        return;
    case TABLE:
        (void)byte(c);
        limits(c);
        return;
    case MEMORY:
        limits(c);
        return;
    case GLOBAL:
        (void)byte(c);
        (void)byte(c);
        return;
    case TAG:
        (void)byte(c);
        (void)number(c);
        return;
    default:
        c->failed = true;
    }
}

ol_rc wasm_imports_read(ol_bytes wasm, wasm_imports *ret, ol_err *err)
{
    static const uint8_t MODULE[HEADER_BYTES] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    cursor c = {wasm, false};
    wasm_imports found = {.modules = 0};
    if (!ol_bytes_eq(take(&c, HEADER_BYTES), (ol_bytes){MODULE, HEADER_BYTES}))
        return ol_fail(err, OL_ERR_WASM, "not a WebAssembly module");
    while (c.rest.len > 0 && !c.failed) {
        uint8_t id = byte(&c);
        cursor section = {take(&c, number(&c)), false};
        if (id != SECTION_IMPORT)
            continue;
        for (uint32_t left = number(&section); left > 0 && !section.failed; left--)
            import(&section, &found);
        c.failed = c.failed || section.failed || section.rest.len > 0;
    }
    if (c.failed)
        return ol_fail(err, OL_ERR_WASM, "the module is not well formed");
    *ret = found;
    return OL_OK;
}

static size_t add_number(uint8_t into[5], uint32_t value)
{
    size_t len = 0;
    do {
        uint8_t low = value & 0x7F;
        value >>= 7;
        into[len++] = (uint8_t)(low | (value != 0 ? 0x80 : 0));
    } while (value != 0);
    return len;
}

void wasm_with_section(ol_bytes wasm, ol_str name, ol_bytes content, ol_buf *into)
{
    uint8_t name_len[5], size[5], id = SECTION_CUSTOM;
    size_t name_digits = add_number(name_len, (uint32_t)name.len);
    size_t digits = add_number(size, (uint32_t)(name_digits + name.len + content.len));
    ol_buf_add(into, wasm);
    ol_buf_add(into, (ol_bytes){&id, 1});
    ol_buf_add(into, (ol_bytes){size, digits});
    ol_buf_add(into, (ol_bytes){name_len, name_digits});
    ol_buf_add_str(into, name);
    ol_buf_add(into, content);
}
