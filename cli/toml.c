#include "cli/toml.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/codec/utf8.h"

typedef struct reader {
    ol_str rest;
    unsigned line;
    ol_arena *arena;
    ol_err *err;
    toml_entry *entry;
    size_t entries;
} reader;

#define BAD(r, ...) ol_fail((r)->err, OL_ERR_SYNTAX, __VA_ARGS__)

static char peek(const reader *r)
{
    return r->rest.len > 0 ? r->rest.data[0] : '\0';
}

static void step(reader *r)
{
    if (peek(r) == '\n')
        r->line++;
    r->rest = ol_str_slice(r->rest, 1, r->rest.len);
}

static bool take(reader *r, char c)
{
    if (peek(r) != c || r->rest.len == 0)
        return false;
    step(r);
    return true;
}

static void skip_blanks(reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        step(r);
}

/* Blanks, line ends and comments: what may stand between items of a list, too. */
static void skip_all(reader *r)
{
    for (;;) {
        skip_blanks(r);
        if (peek(r) == '#') {
            while (r->rest.len > 0 && peek(r) != '\n')
                step(r);
        } else if (peek(r) == '\n' || peek(r) == '\r') {
            step(r);
        } else {
            return;
        }
    }
}

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static ol_rc bare(reader *r, bool dots, ol_str *ret)
{
    size_t len = 0;
    while (len < r->rest.len && (is_bare(r->rest.data[len]) || (dots && r->rest.data[len] == '.')))
        len++;
    if (len == 0)
        return BAD(r, "line %u: a name is missing", r->line);
    *ret = ol_str_slice(r->rest, 0, len);
    r->rest = ol_str_slice(r->rest, len, r->rest.len);
    return OL_OK;
}

/* "…" with \" \\ \n \t; a line end inside is refused. */
static ol_rc string(reader *r, ol_str *ret)
{
    if (!take(r, '"'))
        return BAD(r, "line %u: a text in double quotes is expected", r->line);
    char *into = ol_arena_alloc(r->arena, r->rest.len + 1);
    size_t len = 0;
    if (into == NULL)
        return ol_fail(r->err, OL_ERR_NO_MEMORY, "out of memory");
    while (r->rest.len > 0 && peek(r) != '"') {
        char c = peek(r);
        if (c == '\n')
            return BAD(r, "line %u: the text does not end", r->line);
        step(r);
        if (c == '\\') {
            static const char FROM[] = "\"\\nt", TO[] = "\"\\\n\t";
            const char *at = peek(r) != '\0' ? strchr(FROM, peek(r)) : NULL;
            if (at == NULL)
                return BAD(r, "line %u: unknown escape in a text", r->line);
            c = TO[at - FROM];
            step(r);
        }
        into[len++] = c;
    }
    if (!take(r, '"'))
        return BAD(r, "line %u: the text does not end", r->line);
    *ret = (ol_str){into, len};
    return OL_OK;
}

static ol_rc list(reader *r, toml_entry *into)
{
    ol_str *item = ol_arena_array(r->arena, TOML_ITEMS_MAX, sizeof *item);
    if (item == NULL)
        return ol_fail(r->err, OL_ERR_NO_MEMORY, "out of memory");
    into->kind = TOML_LIST;
    into->item = item;
    for (skip_all(r); !take(r, ']'); skip_all(r)) {
        if (into->items == TOML_ITEMS_MAX)
            return BAD(r, "line %u: more than %d items", r->line, TOML_ITEMS_MAX);
        OL_TRY(string(r, &item[into->items++]));
        skip_all(r);
        if (!take(r, ',') && peek(r) != ']')
            return BAD(r, "line %u: a comma or ] is expected", r->line);
    }
    return OL_OK;
}

static ol_rc value(reader *r, toml_entry *into)
{
    ol_str word;
    if (peek(r) == '"') {
        into->kind = TOML_TEXT;
        return string(r, &into->text);
    }
    if (take(r, '['))
        return list(r, into);
    OL_TRY(bare(r, false, &word));
    if (ol_str_eq(word, OL_STR("true")) || ol_str_eq(word, OL_STR("false"))) {
        into->kind = TOML_BOOL;
        into->flag = word.data[0] == 't';
        return OL_OK;
    }
    into->kind = TOML_NUMBER;
    if (!ol_i64_parse(word, &into->number))
        return BAD(r, "line %u: %.*s is no text, number, boolean or list", r->line, OL_FMT(word));
    return OL_OK;
}

static ol_rc line_end(reader *r)
{
    skip_blanks(r);
    if (r->rest.len > 0 && peek(r) != '\n' && peek(r) != '\r' && peek(r) != '#')
        return BAD(r, "line %u: something stands behind the value", r->line);
    return OL_OK;
}

static ol_rc entry(reader *r, ol_str section)
{
    toml_entry it = {.section = section, .line = r->line};
    OL_TRY(bare(r, false, &it.key));
    skip_blanks(r);
    if (!take(r, '='))
        return BAD(r, "line %u: = is expected behind %.*s", r->line, OL_FMT(it.key));
    skip_blanks(r);
    OL_TRY(value(r, &it));
    OL_TRY(line_end(r));
    for (size_t i = 0; i < r->entries; i++) {
        if (ol_str_eq(r->entry[i].section, section) && ol_str_eq(r->entry[i].key, it.key))
            return BAD(r, "line %u: %.*s is there already", it.line, OL_FMT(it.key));
    }
    if (r->entries == TOML_ENTRIES_MAX)
        return BAD(r, "line %u: more than %d entries", it.line, TOML_ENTRIES_MAX);
    r->entry[r->entries++] = it;
    return OL_OK;
}

ol_rc toml_parse(ol_str text, ol_arena *arena, toml *ret, ol_err *err)
{
    reader r = {.rest = text, .line = 1, .arena = arena, .err = err};
    ol_str section = OL_STR("");
    if (text.len > TOML_BYTES_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "longer than %d bytes", TOML_BYTES_MAX);
    if (!ol_utf8_valid(text))
        return ol_fail(err, OL_ERR_SYNTAX, "not UTF-8");
    r.entry = ol_arena_array(arena, TOML_ENTRIES_MAX, sizeof *r.entry);
    if (r.entry == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    for (skip_all(&r); r.rest.len > 0; skip_all(&r)) {
        if (!take(&r, '[')) {
            OL_TRY(entry(&r, section));
            continue;
        }
        OL_TRY(bare(&r, true, &section));
        if (!take(&r, ']'))
            return BAD(&r, "line %u: ] is expected", r.line);
        OL_TRY(line_end(&r));
    }
    *ret = (toml){r.entry, r.entries};
    return OL_OK;
}

const toml_entry *toml_find(const toml *file, const char *section, const char *key)
{
    for (size_t i = 0; i < file->entries; i++) {
        if (ol_str_eq(file->entry[i].section, ol_str_of(section)) &&
            ol_str_eq(file->entry[i].key, ol_str_of(key)))
            return &file->entry[i];
    }
    return NULL;
}

ol_rc toml_text(const toml *file, const char *section, const char *key, ol_str otherwise,
                ol_str *ret, ol_err *err)
{
    const toml_entry *found = toml_find(file, section, key);
    if (found != NULL && found->kind != TOML_TEXT)
        return ol_fail(err, OL_ERR_SHAPE, "line %u: %s must be a text", found->line, key);
    *ret = found != NULL ? found->text : otherwise;
    return OL_OK;
}
