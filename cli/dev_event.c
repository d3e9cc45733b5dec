#include "cli/dev_event.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/num.h"

enum { LINE_BYTES_MAX = 96 * 1024, INTEGER_DIGITS_EXACT = 15 };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `"…"` with \" \\ \xNN. Moves *rest behind the closing quote. */
static bool quoted(ol_str *rest, char **storage, ol_str *ret)
{
    char *start = *storage, *to = start;
    size_t i = 1;
    for (; i < rest->len && rest->data[i] != '"'; i++) {
        char c = rest->data[i];
        if (c == '\\' && i + 1 < rest->len && rest->data[i + 1] != 'x') {
            c = rest->data[++i];
        } else if (c == '\\' && i + 3 < rest->len) {
            int high = hex_digit(rest->data[i + 2]), low = hex_digit(rest->data[i + 3]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 3;
        }
        *to++ = c;
    }
    if (i >= rest->len)
        return false;
    *ret = (ol_str){start, (size_t)(to - start)};
    *storage = to;
    *rest = ol_str_slice(*rest, i + 1, rest->len);
    return true;
}

static bool field_take(ol_str *rest, char **storage, dev_field *ret)
{
    ol_str name, value;
    if (!ol_str_cut(*rest, '=', &name, &value) || name.len == 0 ||
        name.len > DEV_FIELD_NAME_BYTES_MAX || memchr(name.data, ' ', name.len) != NULL)
        return false;
    if (ol_str_starts(value, OL_STR("\""))) {
        if (!quoted(&value, storage, &ret->value))
            return false;
        *rest = ol_str_starts(value, OL_STR(" ")) ? ol_str_slice(value, 1, value.len) : value;
    } else if (!ol_str_cut(value, ' ', &ret->value, rest)) {
        ret->value = value;
        *rest = OL_STR("");
    }
    ret->name = name;
    return true;
}

bool dev_event_parse(ol_str line, char *storage, dev_event *ret)
{
    dev_event event = {0};
    ol_str rest = line;
    if (!ol_str_cut(rest, ' ', &event.time, &rest) || !ol_str_cut(rest, ' ', &event.level, &rest) ||
        !ol_str_cut(rest, ' ', &event.program, &rest))
        return false;
    if (!ol_str_cut(rest, ' ', &event.name, &rest)) {
        event.name = rest;
        rest = OL_STR("");
    }
    if (event.time.len != 24 || event.time.data[10] != 'T' || event.name.len == 0)
        return false;
    while (rest.len > 0 && event.fields < DEV_FIELDS_MAX) {
        if (!field_take(&rest, &storage, &event.field[event.fields]))
            return false;
        event.fields++;
    }
    *ret = event;
    return true;
}

ol_str dev_event_value(const dev_event *event, const char *name)
{
    for (size_t i = 0; i < event->fields; i++) {
        if (ol_str_eq(event->field[i].name, ol_str_of(name)))
            return event->field[i].value;
    }
    return (ol_str){0};
}

/* Digits that every JSON reader keeps exactly. */
static bool is_integer(ol_str text)
{
    if (text.len == 0 || text.len > INTEGER_DIGITS_EXACT || (text.len > 1 && text.data[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    return true;
}

static void put_line(int out, ol_buf *line)
{
    ol_err err;
    ol_buf_add_char(line, '\n');
    if (ol_buf_ok(line)) /* a reader that is gone must not stop the services */
        (void)ol_write_all((ol_fd){out}, ol_buf_bytes(line), &err);
}

static void print_json(int out, const dev_event *event)
{
    OL_AUTO(ol_buf) line = ol_buf_new(LINE_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&line);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "ts", event->time);
    ol_json_put_str(&w, "level", event->level);
    ol_json_put_str(&w, "program", event->program);
    ol_json_put_str(&w, "event", event->name);
    for (size_t i = 0; i < event->fields; i++) {
        ol_json_key_str(&w, event->field[i].name);
        if (is_integer(event->field[i].value))
            ol_json_add_raw(&w, event->field[i].value);
        else
            ol_json_add_str(&w, event->field[i].value);
    }
    ol_json_object_end(&w);
    put_line(out, &line);
}

static const char *level_color(ol_str level)
{
    if (ol_str_eq(level, OL_STR("error")))
        return "\033[31m";
    if (ol_str_eq(level, OL_STR("warn")))
        return "\033[33m";
    return "\033[36m";
}

/* Control bytes of guests and clients must not reach a terminal. */
static void add_clean(ol_buf *line, ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == 0x7F ||
            (c == 0xC2 && i + 1 < text.len && (unsigned char)text.data[i + 1] < 0xA0))
            ol_buf_addf(line, "\\x%02x", c);
        else
            ol_buf_add_char(line, (char)c);
    }
}

void dev_event_print(const cli *it, int out, bool color, const dev_event *event)
{
    if (it->json) {
        print_json(out, event);
        return;
    }
    OL_AUTO(ol_buf) line = ol_buf_new(LINE_BYTES_MAX);
    const char *tint = color ? level_color(event->level) : "", *dim = color ? "\033[2m" : "",
               *plain = color ? "\033[0m" : "";
    ol_buf_addf(&line, "%s%.*s%s %s%-11.*s %.*s%s", dim, OL_FMT(ol_str_slice(event->time, 11, 19)),
                plain, tint, OL_FMT(event->program), OL_FMT(event->name), plain);
    for (size_t i = 0; i < event->fields; i++) {
        ol_buf_addf(&line, " %s%.*s=%s", dim, OL_FMT(event->field[i].name), plain);
        add_clean(&line, event->field[i].value);
    }
    put_line(out, &line);
}

void dev_text_print(const cli *it, int out, const char *program, ol_str line)
{
    OL_AUTO(ol_buf) text = ol_buf_new(LINE_BYTES_MAX);
    ol_json_writer w = ol_json_writer_over(&text);
    if (it->json) {
        ol_json_object_begin(&w);
        ol_json_put_cstr(&w, "program", program);
        ol_json_put_cstr(&w, "event", "output");
        ol_json_put_str(&w, "text", line);
        ol_json_object_end(&w);
    } else {
        ol_buf_addf(&text, "         %-11s ", program);
        add_clean(&text, line);
    }
    put_line(out, &text);
}
