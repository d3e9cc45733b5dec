/* The part of TOML that project files need: [sections], `key = value` with basic strings, integers,
 * booleans and arrays of strings, comments. Anything else is refused with its line, so that nothing
 * is read wrongly. */
#ifndef CLI_TOML_H
#define CLI_TOML_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

enum { TOML_ENTRIES_MAX = 256, TOML_ITEMS_MAX = 64, TOML_BYTES_MAX = 64 * 1024 };

typedef enum toml_kind { TOML_TEXT, TOML_NUMBER, TOML_BOOL, TOML_LIST } toml_kind;

typedef struct toml_entry {
    ol_str section; /* empty before the first header */
    ol_str key;
    toml_kind kind;
    ol_str text; /* TOML_TEXT: escapes resolved */
    int64_t number;
    bool flag;
    const ol_str *item; /* TOML_LIST */
    size_t items;
    unsigned line; /* from 1 */
} toml_entry;

typedef struct toml {
    const toml_entry *entry;
    size_t entries;
} toml;

/* Texts live in the arena. OL_ERR_SYNTAX `line N: what`; a key twice is refused, too. */
ol_rc toml_parse(ol_str text, ol_arena *arena, toml *ret, ol_err *err);

/* NULL where there is none. */
const toml_entry *toml_find(const toml *file, const char *section, const char *key);

/* A text, or `otherwise` when it is absent. OL_ERR_SHAPE when it is something else. */
ol_rc toml_text(const toml *file, const char *section, const char *key, ol_str otherwise,
                ol_str *ret, ol_err *err);

#endif
