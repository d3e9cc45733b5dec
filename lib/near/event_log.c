#include "lib/near/event_log.h"

#include "lib/codec/json_bind.h"

static const ol_json_field FIELDS[] = {
    {"standard", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_event, standard)},
    {"version", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_event, version)},
    {"event", OL_BIND_TEXT, OL_REQUIRED, offsetof(ol_event, event)},
    {"data", OL_BIND_VALUE, OL_OPTIONAL, offsetof(ol_event, data),
     .has = offsetof(ol_event, has_data)},
};
static const ol_json_table EVENT = {"Event", FIELDS, OL_COUNT(FIELDS)};

bool ol_event_parse(ol_str log, ol_arena *arena, ol_event *ret)
{
    const ol_str mark = OL_STR("EVENT_JSON:");
    ol_event it = {0};
    log = ol_str_trim(log);
    if (!ol_str_starts(log, mark) ||
        ol_json_bind(ol_str_slice(log, mark.len, log.len), &EVENT, &it, arena, NULL) != OL_OK)
        return false;
    if (it.has_data && ol_json_kind_of(&it.data) != OL_JSON_ARRAY)
        return false;
    *ret = it;
    return true;
}

bool ol_version_parse(ol_str text, ol_version *ret)
{
    ol_version version = {{0}};
    ol_str part;
    size_t count = 0;
    if (text.len == 0 || text.data[text.len - 1] == '.')
        return false;
    while (ol_str_next(&text, '.', &part)) {
        if (count == OL_COUNT(version.part) || !ol_u32_parse(part, &version.part[count++]))
            return false;
    }
    *ret = version;
    return true;
}

bool ol_version_less(const ol_version *a, const ol_version *b)
{
    for (size_t i = 0; i < OL_COUNT(a->part); i++) {
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i];
    }
    return false;
}

bool ol_event_wanted(const ol_event_filter *filter, const ol_event *event)
{
    ol_version version;
    return ol_str_eq(event->standard, filter->standard) &&
           ol_version_parse(event->version, &version) &&
           !ol_version_less(&version, &filter->minimum) && event->has_data &&
           ol_json_count(&event->data) > 0;
}
