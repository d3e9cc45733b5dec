/* What a call told: its events, and members of what it answered. */
#include "lib/base/arena.h"
#include "lib/codec/json_read.h"
#include "tests/chain/contract_bench.h"

enum { TEXT_BYTES_MAX = 4 << 20 };

static bool find_event(const bench *b, const char *event, ol_json *ret_data)
{
    const bench_outcome *last = bench_last(b);
    for (size_t i = 0; i < last->log_count; i++) {
        ol_json root, name, data;
        ol_str head = OL_STR("EVENT_JSON:");
        ol_str log = last->logs[i];
        if (!ol_str_starts(log, head) ||
            ol_json_parse(ol_str_slice(log, head.len, log.len), &root, NULL) != OL_OK ||
            !ol_json_find(&root, OL_STR("event"), &name) ||
            !ol_json_text_is(&name, ol_str_of(event)) ||
            !ol_json_find(&root, OL_STR("data"), &data) || ol_json_kind_of(&data) != OL_JSON_ARRAY)
            continue;
        ol_json_iter it = ol_json_iterate(&data);
        if (ol_json_next_item(&it, ret_data))
            return true;
    }
    return false;
}

bool bench_has_event(bench *b, const char *event)
{
    ol_json data;
    return find_event(b, event, &data);
}

ol_str bench_event(bench *b, const char *event)
{
    ol_json data;
    if (!find_event(b, event, &data))
        ol_test_fail(__FILE__, __LINE__, "no event %s", event);
    return data.raw;
}

/* A string that holds a document, as request_data does: that document. */
static bool enter_text(bench *b, ol_json *value)
{
    ol_arena arena = ol_arena_new(TEXT_BYTES_MAX);
    ol_str text;
    bool is_text = ol_json_text(value, &arena, &text, NULL) == OL_OK;
    if (is_text)
        text = ol_str_of(bench_text(b, "%.*s", OL_FMT(text)));
    ol_arena_deinit(&arena);
    return is_text && ol_json_parse(text, value, NULL) == OL_OK;
}

ol_str bench_member(bench *b, ol_str json, const char *path)
{
    ol_json value;
    ol_str rest = ol_str_of(path);
    ol_str name;
    if (ol_json_parse(json, &value, NULL) != OL_OK)
        ol_test_fail(__FILE__, __LINE__, "no JSON: %.*s", OL_FMT(json));
    while (ol_str_next(&rest, '.', &name)) {
        if (ol_json_kind_of(&value) == OL_JSON_STRING && !enter_text(b, &value))
            ol_test_fail(__FILE__, __LINE__, "no JSON inside %s", path);
        if (!ol_json_find(&value, name, &value))
            ol_test_fail(__FILE__, __LINE__, "no member %s in %.*s", path, OL_FMT(json));
    }
    return value.raw;
}
