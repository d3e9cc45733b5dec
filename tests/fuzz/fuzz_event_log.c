/* A log that parses as an event has its three words, and its data is an array or absent. What a
 * log says it cost is a number. */
#include "lib/base/buf.h"
#include "lib/near/event_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_arena arena = ol_arena_new(OL_MIB(4));
    const ol_str log = {(const char *)data, size};
    const ol_event_filter filter = {.standard = OL_STR("near-outlayer"), .minimum = {{1, 0, 0}}};
    ol_event event;
    if (ol_event_parse(log, &arena, &event)) {
        ol_version version;
        ol_json item;
        OL_ASSERT(event.standard.data != NULL && event.version.data != NULL &&
                  event.event.data != NULL);
        if (ol_event_wanted(&filter, &event)) {
            bool is = ol_version_parse(event.version, &version);
            OL_ASSERT(is && version.part[0] >= 1);
            ol_json_iter each = ol_json_iterate(&event.data);
            bool some = ol_json_next_item(&each, &item);
            OL_ASSERT(some);
        }
    }
    ol_arena_deinit(&arena);
    return 0;
}
