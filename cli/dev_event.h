/* What happens in `outlayer dev`, told as it happens: one coloured line an event for people, one
 * JSON object a line with --json. The children's log lines (lib/base/log.h) are events, too. */
#ifndef CLI_DEV_EVENT_H
#define CLI_DEV_EVENT_H

#include "cli/cli.h"

enum { DEV_FIELDS_MAX = 48, DEV_FIELD_NAME_BYTES_MAX = 64 };

typedef struct dev_field {
    ol_str name;
    ol_str value; /* escapes resolved */
} dev_field;

/* A line of lib/base/log.h taken apart; texts are slices of the line or of `storage`. */
typedef struct dev_event {
    ol_str time;
    ol_str level;
    ol_str program;
    ol_str name;
    dev_field field[DEV_FIELDS_MAX];
    size_t fields;
} dev_event;

/* false: not a log line. `storage` holds the line's length in bytes at least. */
bool dev_event_parse(ol_str line, char *storage, dev_event *ret);
/* The value of a field, or NULL data. */
ol_str dev_event_value(const dev_event *event, const char *name);

/* `out` is where lines go: standard output, or standard error when that belongs to a command. */
void dev_event_print(const cli *it, int out, bool color, const dev_event *event);
/* A line that is no event: what else a program wrote. */
void dev_text_print(const cli *it, int out, const char *program, ol_str line);

#endif
