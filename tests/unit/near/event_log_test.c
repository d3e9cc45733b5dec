#include "lib/near/event_log.h"

#include <stdio.h>

#include "tests/harness/test.h"

TEST("an event is EVENT_JSON: and one object, spaces inside are free")
{
    static const struct {
        const char *log;
        bool event;
    } cases[] = {
        {"EVENT_JSON:{\"standard\":\"s\",\"version\":\"1.0.0\",\"event\":\"e\",\"data\":[{}]}",
         true},
        {"EVENT_JSON: { \"standard\" : \"s\", \"version\":\"1\", \"event\":\"e\" } ", true},
        {"  EVENT_JSON:{\"standard\":\"s\",\"version\":\"1\",\"event\":\"e\"}", true},
        {"said EVENT_JSON:{\"standard\":\"s\",\"version\":\"1\",\"event\":\"e\"}", false},
        {"EVENT_JSON:{\"standard\":\"s\",\"version\":\"1\",\"event\":\"e\"}{}", false},
        {"EVENT_JSON:{\"standard\":\"s\",\"version\":\"1\"}", false},
        {"EVENT_JSON:{\"standard\":\"s\",\"version\":\"1\",\"event\":\"e\",\"data\":{}}", false},
        {"EVENT_JSON:[]", false},
        {"EVENT_JSON:", false},
        {"", false},
        {"[[yNEAR charged: \"5\"]]", false},
    };
    OL_EACH (row, cases) {
        ol_arena arena = ol_arena_new(4096);
        ol_event event;
        CHECK_EQ_ROW(ol_event_parse(ol_str_of(row->log), &arena, &event), row->event, row->log);
        ol_arena_deinit(&arena);
    }
}

TEST("versions are one to three numbers, compared as numbers")
{
    static const char *const ascending[] = {"0", "0.9.10", "1", "1.0.1", "1.2", "1.10", "2.0.0"};
    static const char *const none[] = {"", ".", "1.", ".1", "1..2", "1.2.3.4", "v1", "1.a", "-1"};
    ol_version before;
    ol_version version;
    CHECK(ol_version_parse(ol_str_of(ascending[0]), &before));
    for (size_t i = 1; i < OL_COUNT(ascending); i++) {
        CHECK_ROW(ol_version_parse(ol_str_of(ascending[i]), &version), ascending[i]);
        CHECK_ROW(ol_version_less(&before, &version), ascending[i]);
        CHECK_ROW(!ol_version_less(&version, &before), ascending[i]);
        before = version;
    }
    OL_EACH (text, none)
        CHECK_ROW(!ol_version_parse(ol_str_of(*text), &version), *text);
}

static bool wanted(const char *minimum, const char *standard, const char *version, const char *data)
{
    char log[256];
    ol_arena arena = ol_arena_new(4096);
    ol_event event;
    ol_event_filter filter = {.standard = OL_STR("near-outlayer")};
    (void)ol_version_parse(ol_str_of(minimum), &filter.minimum);
    (void)snprintf(log, sizeof log,
                   "EVENT_JSON:{\"standard\":\"%s\",\"version\":\"%s\",\"event\":\"e\"%s%s}",
                   standard, version, data[0] != '\0' ? ",\"data\":" : "", data);
    bool is = ol_event_parse(ol_str_of(log), &arena, &event) && ol_event_wanted(&filter, &event);
    ol_arena_deinit(&arena);
    return is;
}

TEST("an event is taken for its exact standard, its version and its data")
{
    CHECK(wanted("", "near-outlayer", "1.0.0", "[{}]"));
    CHECK(wanted("1.0.0", "near-outlayer", "1.0.0", "[{}]"));
    CHECK(wanted("1.0", "near-outlayer", "1.10.0", "[{},{}]"));
    CHECK(!wanted("1.0.1", "near-outlayer", "1.0.0", "[{}]"));
    CHECK(!wanted("", "near-outlayer2", "1.0.0", "[{}]"));
    CHECK(!wanted("", "NEAR-outlayer", "1.0.0", "[{}]"));
    CHECK(!wanted("", "near-outlayer", "1.0.0", "[]"));
    CHECK(!wanted("", "near-outlayer", "1.0.0", ""));
    CHECK(!wanted("", "near-outlayer", "one", "[{}]"));
}
