#include "tests/chain/vm/wasm_maker.h"

#include <string.h>

enum { PART_BYTES_MAX = 8 * 1024 * 1024 };

wasm_maker wasm_maker_new(void)
{
    ol_buf part = ol_buf_new(PART_BYTES_MAX);

    return (wasm_maker){part, part, part, part, part, part, part, part, 0, 0, 0, 0};
}

void wasm_maker_deinit(wasm_maker *m)
{
    ol_buf *parts[] = {&m->types,  &m->imports, &m->functions, &m->exports,
                       &m->bodies, &m->data,    &m->body,      &m->module};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ol_buf_deinit(parts[i]);
}

static void byte(ol_buf *into, unsigned value)
{
    ol_buf_add_char(into, (char)(unsigned char)value);
}

/* LEB128. */
static void number(ol_buf *into, uint64_t value)
{
    do {
        unsigned low = value & 0x7f;
        value >>= 7;
        byte(into, low | (value ? 0x80 : 0));
    } while (value);
}

static void signed_number(ol_buf *into, int64_t value)
{
    for (;;) {
        unsigned low = (unsigned)(value & 0x7f);
        value >>= 7; /* arithmetic, with both our compilers */
        if ((value == 0 && !(low & 0x40)) || (value == -1 && (low & 0x40))) {
            byte(into, low);
            return;
        }
        byte(into, low | 0x80);
    }
}

static void text(ol_buf *into, const char *name)
{
    number(into, strlen(name));
    ol_buf_add_str(into, ol_str_of(name));
}

static unsigned value_type(char letter)
{
    return letter == 'w' ? 0x7f : 0x7e;
}

static unsigned type_add(wasm_maker *m, const char *params, char result)
{
    byte(&m->types, 0x60);
    number(&m->types, strlen(params));
    for (const char *p = params; *p; p++)
        byte(&m->types, value_type(*p));
    number(&m->types, result ? 1 : 0);
    if (result)
        byte(&m->types, value_type(result));
    return m->type_count++;
}

unsigned wasm_import_from(wasm_maker *m, const char *module, const char *name, const char *params,
                          char result)
{
    OL_ASSERT(m->function_count == 0); /* functions are numbered behind the imports */
    unsigned type = type_add(m, params, result);

    text(&m->imports, module);
    text(&m->imports, name);
    byte(&m->imports, 0);
    number(&m->imports, type);
    return m->import_count++;
}

unsigned wasm_import(wasm_maker *m, const char *name, const char *params, char result)
{
    return wasm_import_from(m, "env", name, params, result);
}

void wasm_function(wasm_maker *m, const char *name, const char *params, char result)
{
    unsigned type = type_add(m, params, result);

    number(&m->functions, type);
    text(&m->exports, name);
    byte(&m->exports, 0);
    number(&m->exports, m->import_count + m->function_count++);
    ol_buf_clear(&m->body);
    number(&m->body, 0); /* no locals */
}

void wasm_method(wasm_maker *m, const char *name)
{
    wasm_function(m, name, "", 0);
}

void wasm_i64(wasm_maker *m, uint64_t value)
{
    byte(&m->body, 0x42);
    signed_number(&m->body, (int64_t)value);
}

void wasm_i32(wasm_maker *m, uint32_t value)
{
    byte(&m->body, 0x41);
    signed_number(&m->body, (int32_t)value);
}

void wasm_op(wasm_maker *m, unsigned op)
{
    byte(&m->body, op);
}

void wasm_call(wasm_maker *m, unsigned function)
{
    byte(&m->body, 0x10);
    number(&m->body, function);
}

void wasm_end(wasm_maker *m)
{
    byte(&m->body, WASM_END);
    number(&m->bodies, m->body.len);
    ol_buf_add(&m->bodies, ol_buf_bytes(&m->body));
}

void wasm_data(wasm_maker *m, uint32_t at, ol_bytes bytes)
{
    byte(&m->data, 0);
    byte(&m->data, 0x41);
    signed_number(&m->data, (int32_t)at);
    byte(&m->data, WASM_END);
    number(&m->data, bytes.len);
    ol_buf_add(&m->data, bytes);
    m->data_count++;
}

static void section(wasm_maker *m, unsigned id, unsigned count, const ol_buf *content)
{
    ol_buf head = ol_buf_new(16);

    number(&head, count);
    byte(&m->module, id);
    number(&m->module, head.len + content->len);
    ol_buf_add(&m->module, ol_buf_bytes(&head));
    ol_buf_add(&m->module, ol_buf_bytes(content));
    ol_buf_deinit(&head);
}

ol_bytes wasm_made(wasm_maker *m)
{
    static const uint8_t head[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    static const uint8_t one_page[] = {5, 3, 1, 0, 1}; /* a memory of one page, no maximum */

    ol_buf_clear(&m->module);
    ol_buf_add(&m->module, (ol_bytes){head, sizeof head});
    section(m, 1, m->type_count, &m->types);
    section(m, 2, m->import_count, &m->imports);
    section(m, 3, m->function_count, &m->functions);
    ol_buf_add(&m->module, (ol_bytes){one_page, sizeof one_page});
    section(m, 7, m->function_count, &m->exports);
    section(m, 10, m->function_count, &m->bodies);
    section(m, 11, m->data_count, &m->data);
    OL_ASSERT(ol_buf_ok(&m->module));
    return ol_buf_bytes(&m->module);
}

ol_bytes wasm_made_padded(wasm_maker *m, size_t bytes)
{
    enum { SECTION_HEAD = 1 + 2 + 1 }; /* id, a size of two bytes, an empty name */
    size_t len = wasm_made(m).len;

    OL_ASSERT(bytes >= len + SECTION_HEAD + 128 && bytes - len < 16384);
    byte(&m->module, 0);
    number(&m->module, bytes - len - 3);
    byte(&m->module, 0);
    while (m->module.len < bytes)
        byte(&m->module, 0);
    return ol_buf_bytes(&m->module);
}
