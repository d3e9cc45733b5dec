#include "lib/base/log.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"

/* The one writable global of the project: set before threads start, read by all of them. */
static struct {
    const char *program;
    _Atomic ol_level lowest;
} sink = {"outlayer", OL_INFO};

static const char *const LEVELS[] = {"debug", "info", "warn", "error"};

void ol_log_open(const char *program, ol_level lowest)
{
    sink.program = program;
    sink.lowest = lowest;
}

bool ol_level_parse(ol_str text, ol_level *ret)
{
    for (size_t i = 0; i < OL_COUNT(LEVELS); i++) {
        if (ol_str_eq(text, ol_str_of(LEVELS[i]))) {
            *ret = (ol_level)i;
            return true;
        }
    }
    return false;
}

ol_field ol_field_str(const char *name, ol_str value)
{
    return (ol_field){.name = name, .kind = OL_FIELD_TEXT, .text = value};
}

ol_field ol_field_cstr(const char *name, const char *value)
{
    return ol_field_str(name, ol_str_of(value));
}

ol_field ol_field_i64(const char *name, int64_t value)
{
    return (ol_field){.name = name, .kind = OL_FIELD_SIGNED, .i = value};
}

ol_field ol_field_u64(const char *name, uint64_t value)
{
    return (ol_field){.name = name, .kind = OL_FIELD_UNSIGNED, .u = value};
}

ol_field ol_field_u128(const char *name, ol_u128 value)
{
    return (ol_field){.name = name, .kind = OL_FIELD_UNSIGNED, .u = value};
}

ol_field ol_field_bool(const char *name, bool value)
{
    return (ol_field){.name = name, .kind = OL_FIELD_BOOL, .b = value};
}

static bool plain(ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c >= 0x7F)
            return false;
    }
    return text.len > 0;
}

static void add_text(ol_buf *line, ol_str text)
{
    text = ol_str_slice(text, 0, OL_LOG_VALUE_BYTES_MAX);
    if (plain(text)) {
        ol_buf_add_str(line, text);
        return;
    }
    ol_buf_add_char(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            ol_buf_addf(line, "\\%c", c);
        else if (c < ' ' || c == 0x7F)
            ol_buf_addf(line, "\\x%02x", c);
        else
            ol_buf_add_char(line, (char)c);
    }
    ol_buf_add_char(line, '"');
}

static void add_field(ol_buf *line, const ol_field *field)
{
    ol_buf_addf(line, " %s=", field->name);
    switch (field->kind) {
    case OL_FIELD_TEXT:
        add_text(line, field->text);
        return;
    case OL_FIELD_SIGNED:
        ol_buf_addf(line, "%lld", (long long)field->i);
        return;
    case OL_FIELD_UNSIGNED:
        ol_buf_add_str(line, ol_str_of(ol_u128_format(field->u).data));
        return;
    case OL_FIELD_BOOL:
        ol_buf_add_str(line, field->b ? OL_STR("true") : OL_STR("false"));
        return;
    }
    OL_UNREACHABLE();
}

static void begin(ol_buf *line, ol_level level, const char *event)
{
    char now[OL_TIME_TEXT_BYTES];
    ol_time_format(ol_wall_ms(ol_clock_real()), now);
    ol_buf_addf(line, "%s %s %s %s", now, LEVELS[level], sink.program, event);
}

static void finish(ol_buf *line)
{
    /* The buffer was opened one byte short, for this one. A line that ran out of room is sent as
     * far as it came; a single write keeps lines of several threads apart. */
    line->data[line->len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line->data, line->len);
    (void)ignored;
}

void ol_log_write(ol_level level, const char *event, const ol_field *fields)
{
    if (level < sink.lowest)
        return;
    char storage[OL_LOG_LINE_BYTES_MAX];
    ol_buf line = ol_buf_over(storage, sizeof storage - 1);
    begin(&line, level, event);
    for (const ol_field *field = fields; field->name != NULL; field++)
        add_field(&line, field);
    finish(&line);
}

void ol_log_error(ol_level level, const char *event, const ol_err *err, const ol_field *fields)
{
    if (level < sink.lowest)
        return;
    char storage[OL_LOG_LINE_BYTES_MAX];
    ol_buf line = ol_buf_over(storage, sizeof storage - 1);
    begin(&line, level, event);
    for (const ol_field *field = fields; field->name != NULL; field++)
        add_field(&line, field);
    ol_field reason = ol_field_cstr("reason", ol_reason_of(err->rc)->name);
    ol_field text = ol_field_cstr("text", err->text);
    add_field(&line, &reason);
    add_field(&line, &text);
    for (unsigned i = 0; i < err->notes; i++) {
        ol_field note = ol_field_cstr("note", err->note[i]);
        add_field(&line, &note);
    }
    finish(&line);
}
