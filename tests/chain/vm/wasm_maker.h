/* Makes small wasm modules byte by byte, so that a test knows every operator in them.
 *
 *   wasm_maker m = wasm_maker_new();
 *   unsigned input = wasm_import(&m, "input", "i", 0);   // imports come first
 *   wasm_method(&m, "run");                              // () -> (), to wasm_end
 *   wasm_i64(&m, 0);
 *   wasm_call(&m, input);
 *   wasm_end(&m);
 *   ol_bytes module = wasm_made(&m);                     // lives until wasm_maker_deinit
 */
#ifndef OL_TESTS_CHAIN_VM_WASM_MAKER_H
#define OL_TESTS_CHAIN_VM_WASM_MAKER_H

#include "lib/base/buf.h"

typedef struct wasm_maker {
    ol_buf types, imports, functions, exports, bodies, data, body, module;
    unsigned type_count, import_count, function_count, data_count;
} wasm_maker;

/* Operators the tests spell out. */
enum {
    WASM_UNREACHABLE = 0x00,
    WASM_LOOP = 0x03, /* with the block type 0x40 behind */
    WASM_END = 0x0b,
    WASM_BR = 0x0c,
    WASM_DROP = 0x1a,
    WASM_I64_LOAD = 0x29, /* alignment and offset behind */
    WASM_I64_STORE = 0x37,
    WASM_I32_DIV_U = 0x6e,
    WASM_EMPTY = 0x40,
};

wasm_maker wasm_maker_new(void);
void wasm_maker_deinit(wasm_maker *m);

/* Parameters and result as letters: i is i64, w is i32; 0 for no result. Returns the index that
 * wasm_call takes. */
unsigned wasm_import(wasm_maker *m, const char *name, const char *params, char result);
unsigned wasm_import_from(wasm_maker *m, const char *module, const char *name, const char *params,
                          char result);

void wasm_method(wasm_maker *m, const char *name); /* exported; returns nothing, takes nothing */
/* The same with a type of its own. */
void wasm_function(wasm_maker *m, const char *name, const char *params, char result);
void wasm_i64(wasm_maker *m, uint64_t value);
void wasm_i32(wasm_maker *m, uint32_t value);
void wasm_op(wasm_maker *m, unsigned byte);
void wasm_call(wasm_maker *m, unsigned function);
void wasm_end(wasm_maker *m);

void wasm_data(wasm_maker *m, uint32_t at, ol_bytes bytes);
ol_bytes wasm_made(wasm_maker *m);
/* The same with a custom section behind that makes it `bytes` long; at least 16 more than it is. */
ol_bytes wasm_made_padded(wasm_maker *m, size_t bytes);

#endif
