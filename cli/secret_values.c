#include "cli/secret_values.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/prompt.h"
#include "lib/base/fd.h"
#include "lib/codec/json_read.h"
#include "lib/codec/utf8.h"
#include "lib/crypto/secret.h"
#include "lib/secrets/names.h"

enum { ITEMS_BYTES_MAX = 4 * SECRET_TEXT_BYTES_MAX, VALUE_BYTES_MAX = 64 * 1024 };

secret_items secret_items_new(void)
{
    return (secret_items){.memory = ol_arena_new(ITEMS_BYTES_MAX)};
}

void secret_items_deinit(secret_items *all)
{
    ol_arena_wipe(&all->memory);
    all->count = 0;
}

static bool is_name(ol_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0 && name.len <= 128;
}

/* Refused while typing (User experience 2.5), not by the keystore a moment later. */
static ol_rc name_check(const secret_items *all, ol_str name, ol_err *err)
{
    if (!is_name(name))
        return ol_fail(err, OL_ERR_USAGE, "a name has letters, digits and _: %.*s is none",
                       OL_FMT(name));
    if (ol_secret_name_reserved(name))
        return ol_fail(err, OL_ERR_USAGE, "%.*s is set by the system in every run", OL_FMT(name));
    if (ol_secret_name_protected(name))
        return ol_fail(err, OL_ERR_USAGE,
                       "%.*s: names with PROTECTED_ are generated (--generate), not set",
                       OL_FMT(name));
    for (size_t i = 0; i < all->count; i++) {
        if (ol_str_eq(all->item[i].name, name))
            return ol_fail(err, OL_ERR_USAGE, "%.*s comes twice", OL_FMT(name));
    }
    return OL_OK;
}

static ol_rc add(secret_items *all, ol_str name, ol_str value, ol_err *err)
{
    secret_item item;
    OL_TRY(name_check(all, name, err));
    if (value.len > 0 && memchr(value.data, 0, value.len) != NULL) /* a variable would end there */
        return ol_fail(err, OL_ERR_USAGE,
                       "the value of %.*s holds a zero byte, which no variable can", OL_FMT(name));
    if (all->count == SECRET_VALUES_MAX)
        return ol_fail(err, OL_ERR_USAGE, "more than %d names", SECRET_VALUES_MAX);
    if (!ol_arena_copy(&all->memory, name, &item.name) ||
        !ol_arena_copy(&all->memory, value, &item.value))
        return ol_fail(err, OL_ERR_LIMIT, "the values are too large");
    all->item[all->count++] = item;
    return OL_OK;
}

/* ---- a JSON object */

static ol_rc parse_json(ol_str text, secret_items *all, ol_err *err)
{
    ol_json root, key, value;
    OL_TRY(ol_json_parse(text, &root, err));
    if (ol_json_kind_of(&root) != OL_JSON_OBJECT)
        return ol_fail(err, OL_ERR_USAGE, "an object of names and texts is wanted");
    for (ol_json_iter i = ol_json_iterate(&root); ol_json_next_member(&i, &key, &value);) {
        ol_str name, content;
        OL_TRY(ol_json_text(&key, &all->memory, &name, err));
        if (ol_json_kind_of(&value) != OL_JSON_STRING)
            return ol_fail(err, OL_ERR_USAGE, "the value of %.*s must be a text", OL_FMT(name));
        OL_TRY(ol_json_text(&value, &all->memory, &content, err));
        OL_TRY(add(all, name, content, err));
    }
    return OL_OK;
}

/* ---- lines */

/* Behind a value: nothing, or a comment. */
static bool is_end(ol_str rest)
{
    rest = ol_str_trim(rest);
    return rest.len == 0 || rest.data[0] == '#';
}

/* As such files are read everywhere: ` #` begins a comment. */
static ol_str bare(ol_str text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (text.data[i] == '#' && (text.data[i - 1] == ' ' || text.data[i - 1] == '\t'))
            return ol_str_trim(ol_str_slice(text, 0, i));
    }
    return ol_str_trim(text);
}

/* What stands in double quotes knows \n, \" and \\; in single quotes nothing is special. */
static ol_rc unquote(ol_str text, secret_items *all, ol_str *ret, ol_err *err)
{
    ol_str trimmed = ol_str_trim(text);
    char quote = trimmed.len > 0 ? trimmed.data[0] : '\0';
    size_t at = 1;
    size_t len = 0;
    if (quote != '"' && quote != '\'') {
        *ret = bare(text);
        return OL_OK;
    }
    text = trimmed;
    char *to = ol_arena_alloc(&all->memory, text.len);
    if (to == NULL)
        return ol_fail(err, OL_ERR_LIMIT, "the values are too large");
    for (; at < text.len && text.data[at] != quote; at++) {
        char c = text.data[at];
        if (c == '\\' && quote == '"' && at + 1 < text.len) {
            c = text.data[++at];
            c = c == 'n' ? '\n' : c;
        }
        to[len++] = c;
    }
    if (at >= text.len || !is_end(ol_str_slice(text, at + 1, text.len)))
        return ol_fail(err, OL_ERR_USAGE, "a quote that opens and does not close");
    *ret = (ol_str){to, len};
    return OL_OK;
}

static ol_rc parse_line(ol_str line, secret_items *all, ol_err *err)
{
    ol_str name, value;
    line = ol_str_trim(line);
    if (line.len == 0 || line.data[0] == '#')
        return OL_OK;
    if (ol_str_starts(line, OL_STR("export ")))
        line = ol_str_trim(ol_str_slice(line, 7, line.len));
    if (!ol_str_cut(line, '=', &name, &value)) /* the line may be a secret: it is not repeated */
        return ol_fail(err, OL_ERR_USAGE, "a line without `=`: NAME=value is wanted");
    name = ol_str_trim(name);
    if (!is_name(name)) /* likewise: it may be the rest of a value of several lines */
        return ol_fail(err, OL_ERR_USAGE, "NAME=value is wanted; a name has letters, digits and _");
    OL_TRY(unquote(value, all, &value, err));
    return add(all, name, value, err);
}

ol_rc secret_items_parse(ol_str text, secret_items *all, ol_err *err)
{
    ol_str line, rest = text, trimmed = ol_str_trim(text);
    if (!ol_utf8_valid(text))
        return ol_fail(err, OL_ERR_USAGE, "values must be UTF-8");
    if (trimmed.len > 0 && trimmed.data[0] == '{')
        return parse_json(trimmed, all, err);
    for (int number = 1; ol_str_next(&rest, '\n', &line); number++) {
        char where[32];
        (void)snprintf(where, sizeof where, "line %d: ", number);
        if (parse_line(line, all, err) != OL_OK)
            return ol_prefix(err, where);
    }
    return OL_OK;
}

ol_rc secret_items_load(const cli *it, ol_str source, secret_items *all, ol_err *err)
{
    OL_AUTO(ol_buf) content = ol_buf_new(SECRET_TEXT_BYTES_MAX);
    const char *name = cli_cstr(it, source);
    ol_rc rc = name == NULL                     ? ol_fail(err, OL_ERR_NO_MEMORY, "out of memory")
               : ol_str_eq(source, OL_STR("-")) ? ol_read_all((ol_fd){STDIN_FILENO}, &content, err)
                                                : ol_file_load(name, &content, err);
    if (rc == OL_ERR_NOT_FOUND)
        rc = err->rc = OL_ERR_USAGE;
    if (rc == OL_OK)
        rc = secret_items_parse(ol_buf_str(&content), all, err);
    if (content.data != NULL)
        ol_wipe(content.data, content.size);
    return rc;
}

/* ---- one value */

static ol_str without_line_end(ol_str text)
{
    if (ol_str_ends(text, OL_STR("\n")))
        text.len--;
    if (ol_str_ends(text, OL_STR("\r")))
        text.len--;
    return text;
}

ol_rc secret_name_check(ol_str name, ol_err *err)
{
    static const secret_items NONE = {0};
    size_t at;
    if (ol_str_find(name, OL_STR("="), &at) || ol_str_starts(name, OL_STR("{")))
        return ol_fail(err, OL_ERR_USAGE,
                       "a value on the command line is visible to every process: name it alone, "
                       "and bring the value on standard input");
    return name_check(&NONE, name, err);
}

ol_rc secret_items_ask(ol_str name, bool alone, secret_items *all, ol_err *err)
{
    char line[PROMPT_LINE_BYTES];
    OL_AUTO(ol_buf) content = ol_buf_new(VALUE_BYTES_MAX);
    ol_rc rc;
    ol_str got;
    OL_TRY(name_check(all, name, err));
    if (isatty(STDIN_FILENO) != 0) {
        rc = prompt_hidden(name, line, &got, err);
    } else if (alone) {
        rc = ol_read_all((ol_fd){STDIN_FILENO}, &content, err);
        got = ol_buf_str(&content);
        if (rc == OL_ERR_LIMIT)
            (void)ol_fail(err, rc, "the value of %.*s has more than %d bytes", OL_FMT(name),
                          VALUE_BYTES_MAX);
    } else {
        return ol_fail(err, OL_ERR_USAGE, "several values come by --from FILE or --from -");
    }
    got = without_line_end(got);
    /* Nothing is what a failed command before the pipe leaves behind: no value anybody meant. */
    if (rc == OL_OK)
        rc = got.len == 0          ? ol_fail(err, OL_ERR_USAGE, "no value for %.*s", OL_FMT(name))
             : !ol_utf8_valid(got) ? ol_fail(err, OL_ERR_USAGE, "values must be UTF-8")
                                   : add(all, name, got, err);
    ol_wipe(line, sizeof line);
    if (content.data != NULL)
        ol_wipe(content.data, content.size);
    return rc;
}

void secret_items_put(const secret_items *all, bool values, ol_json_writer *w)
{
    ol_json_object_begin(w);
    for (size_t i = 0; i < all->count; i++) {
        ol_json_key_str(w, all->item[i].name);
        ol_json_add_str(w, values ? all->item[i].value : OL_STR(""));
    }
    ol_json_object_end(w);
}
