/* Events: log lines `EVENT_JSON:{"standard":…,"version":…,"event":…,"data":[{…}]}` (Contract 12).
 *
 *   event e;
 *   ol_json_writer *w = event_begin(&e, c, "system_event");
 *   ol_json_key(w, "WalletPolicyDeleted");
 *   ol_json_object_begin(w);
 *   ol_json_put_str(w, "owner", owner);
 *   ol_json_object_end(w);
 *   event_end(&e);
 *
 * A byte of an event costs 309 Mgas; all logs of a call share 16,384 bytes. */
#ifndef OL_CONTRACTS_OUTLAYER_EVENTS_H
#define OL_CONTRACTS_OUTLAYER_EVENTS_H

#include "contracts/outlayer/call.h"

typedef struct event {
    ol_buf text;
    ol_json_writer writer;
} event;

/* The writer stands inside the one data object. */
ol_json_writer *event_begin(event *e, const call *c, const char *name);
/* Logs it. Ends the call when it is longer than a call may log: check before, where the caller
 * decides the length. */
void event_end(event *e);
/* Closes it without logging and says whether it fits; then event_log. */
bool event_close(event *e);
void event_log(const event *e);

/* {"Variant":{ of a system_event: event_begin and its first two calls. */
ol_json_writer *system_event_begin(event *e, const call *c, const char *variant);
void system_event_end(event *e);

/* A plain line of up to 400 bytes. */
void log_line(const char *format, ...) OL_PRINTF(1, 2);

#endif
