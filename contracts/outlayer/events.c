#include "contracts/outlayer/events.h"

#include <stdio.h>

enum { LINE_BYTES_MAX = 400 };

ol_json_writer *event_begin(event *e, const call *c, const char *name)
{
    e->text = ol_buf_over(near_alloc(NEAR_LOG_BYTES_MAX), NEAR_LOG_BYTES_MAX);
    ol_buf_add_str(&e->text, OL_STR("EVENT_JSON:"));
    e->writer = ol_json_writer_over(&e->text);
    ol_json_writer *w = &e->writer;
    ol_json_object_begin(w);
    ol_json_put_str(w, "standard", c->config.event_standard);
    ol_json_put_str(w, "version", c->config.event_version);
    ol_json_put_cstr(w, "event", name);
    ol_json_key(w, "data");
    ol_json_array_begin(w);
    ol_json_object_begin(w);
    return w;
}

bool event_close(event *e)
{
    ol_json_object_end(&e->writer);
    ol_json_array_end(&e->writer);
    ol_json_object_end(&e->writer);
    return ol_buf_ok(&e->text);
}

void event_log(const event *e)
{
    near_log(ol_buf_str(&e->text));
}

void event_end(event *e)
{
    REQUIRE(event_close(e), "The event is longer than %u bytes", (unsigned)NEAR_LOG_BYTES_MAX);
    event_log(e);
}

ol_json_writer *system_event_begin(event *e, const call *c, const char *name)
{
    ol_json_writer *w = event_begin(e, c, "system_event");
    ol_json_key(w, name);
    ol_json_object_begin(w);
    return w;
}

void system_event_end(event *e)
{
    ol_json_object_end(&e->writer);
    event_end(e);
}

void log_line(const char *format, ...)
{
    char *text = near_alloc(LINE_BYTES_MAX);
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, LINE_BYTES_MAX, format, arguments);
    va_end(arguments);
    near_log((ol_str){text, len < LINE_BYTES_MAX ? (size_t)len : LINE_BYTES_MAX - 1});
}
