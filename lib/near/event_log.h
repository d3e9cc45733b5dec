/* Events in logs (NEP-297, NEAR 6): `EVENT_JSON:` and one JSON object with `standard`, `version`,
 * `event` and, mostly, an array `data`. */
#ifndef OL_NEAR_EVENT_LOG_H
#define OL_NEAR_EVENT_LOG_H

#include "lib/codec/json_read.h"

typedef struct ol_event {
    ol_str standard;
    ol_str version;
    ol_str event;
    bool has_data;
    ol_json data; /* an array */
} ol_event;

/* false for any log that is no event, or a broken one. Texts live in the log or in the arena. */
bool ol_event_parse(ol_str log, ol_arena *arena, ol_event *ret);

/* One to three numbers with points between; a missing one is 0. false for anything else. */
typedef struct ol_version {
    uint32_t part[3];
} ol_version;
bool ol_version_parse(ol_str text, ol_version *ret);
bool ol_version_less(const ol_version *a, const ol_version *b);

/* Worker 3.2: exactly this standard, at least this version (an empty minimum admits all), data a
 * non-empty array. */
typedef struct ol_event_filter {
    ol_str standard;
    ol_version minimum;
} ol_event_filter;
bool ol_event_wanted(const ol_event_filter *filter, const ol_event *event);

#endif
