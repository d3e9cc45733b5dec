#include "lib/codec/json_error.h"

#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/codec/json_read.h"

enum { PATH_BYTES_MAX = 512 };

/* Open containers, outermost first. The text is known to be JSON as far as it is read. */
typedef struct level {
    bool object;
    bool in_value; /* object: behind the colon */
    ol_str key;    /* object: as written, without quotes */
    size_t index;  /* array */
} level;

typedef struct path {
    level levels[OL_JSON_DEPTH_MAX + 1];
    size_t depth; /* may pass the array; what lies deeper is not printed */
} path;

static level *innermost(path *p)
{
    return p->depth > 0 && p->depth <= OL_COUNT(p->levels) ? &p->levels[p->depth - 1] : NULL;
}

static const char *behind_string(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    return at < end ? at + 1 : end;
}

static void enter(path *p, char bracket)
{
    p->depth++;
    level *top = innermost(p);
    if (top != NULL)
        *top = (level){.object = bracket == '{'};
}

static void step(path *p)
{
    level *top = innermost(p);
    if (top != NULL) {
        top->in_value = false;
        top->index++;
    }
}

static void find_path(path *p, const char *at, const char *end)
{
    p->depth = 0;
    while (at < end) {
        char c = *at++;
        level *top = innermost(p);
        if (c == '"') {
            const char *begin = at;
            at = behind_string(at, end);
            if (top != NULL && top->object && !top->in_value)
                top->key = (ol_str){begin, (size_t)(at - begin) - 1};
        } else if (c == ':' && top != NULL) {
            top->in_value = true;
        } else if (c == '{' || c == '[') {
            enter(p, c);
        } else if ((c == '}' || c == ']') && p->depth > 0) {
            p->depth--;
        } else if (c == ',') {
            step(p);
        }
    }
}

static void print_path(const path *p, ol_buf *into)
{
    for (size_t i = 0; i < p->depth && i < OL_COUNT(p->levels); i++) {
        const level *one = &p->levels[i];
        if (!one->object) {
            ol_buf_addf(into, "[%zu]", one->index);
        } else if (one->in_value) {
            if (into->len > 0)
                ol_buf_add_char(into, '.');
            ol_buf_add_str(into, one->key);
        }
    }
    if (into->len > 0)
        ol_buf_add_str(into, OL_STR(": "));
}

ol_rc ol__json_fail(ol_err *err, ol_rc rc, const char *doc, const char *behind, const char *at,
                    const char *end, const char *words)
{
    if (err == NULL)
        return rc;
    size_t line = 1;
    size_t column = 0;
    for (const char *c = doc; c < end && c <= at; c++) {
        column++;
        if (*c == '\n') {
            line++;
            column = 0;
        }
    }
    char storage[PATH_BYTES_MAX];
    ol_buf text = ol_buf_over(storage, sizeof storage);
    path where;
    find_path(&where, doc, behind);
    print_path(&where, &text);
    /* A path that does not fit is left out: position says the same. */
    ol_str prefix = ol_buf_ok(&text) ? ol_buf_str(&text) : (ol_str){"", 0};
    return ol_fail(err, rc, "%.*s%s at line %zu column %zu", OL_FMT(prefix), words, line, column);
}
