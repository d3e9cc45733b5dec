/* The self-test of near:storage: each step says what it expects, the last line how many held. */
#include <outlayer.h>

#include <string.h>

static unsigned passed;
static unsigned steps;

static void expect(bool holds, const char *what)
{
    steps++;
    if (holds)
        passed++;
    else
        ol_log(OL_LOG_ERROR, ol_str_of(what));
}

static ol_bytes bytes(const char *text)
{
    return ol_str_bytes(ol_str_of(text));
}

static bool reads(ol_str key, const char *want)
{
    ol_buf value;
    if (ol_storage_get(key, &value) != 0)
        return false;
    bool same = ol_str_eq(ol_buf_str(&value), ol_str_of(want));
    ol_buf_deinit(&value);
    return same;
}

static bool lists(ol_str prefix, const char *want)
{
    ol_buf json;
    if (ol_storage_list_keys(prefix, &json) != 0)
        return false;
    bool same = ol_str_eq(ol_buf_str(&json), ol_str_of(want));
    ol_buf_deinit(&json);
    return same;
}

static void plain_values(void)
{
    ol_buf value;
    expect(ol_storage_clear_all() == 0, "clear-all begins with nothing");
    expect(ol_storage_get(OL_STR("a"), &value) == OL_ENOENT, "absent is told");
    expect(!ol_storage_has(OL_STR("a")), "has not");
    expect(ol_storage_set(OL_STR("a"), bytes("one")) == 0, "set");
    expect(reads(OL_STR("a"), "one"), "get gives what was set");
    expect(ol_storage_has(OL_STR("a")), "has");
    expect(ol_storage_set(OL_STR("a"), bytes("two")) == 0 && reads(OL_STR("a"), "two"), "replaced");
    expect(ol_storage_set(OL_STR("empty"), bytes("")) == 0 && reads(OL_STR("empty"), ""),
           "an empty value is there");
    expect(ol_storage_delete(OL_STR("a")), "delete says it was there");
    expect(!ol_storage_delete(OL_STR("a")), "delete says it was not");
    expect(ol_storage_set(OL_STR(""), bytes("x")) == OL_EINVAL, "no key, no row");
    expect(reads(OL_STR("empty"), ""), "which changes nothing");
}

static void keys(void)
{
    (void)ol_storage_set(OL_STR("k:1"), bytes("1"));
    (void)ol_storage_set(OL_STR("k:2"), bytes("2"));
    expect(lists(OL_STR("k:"), "[\"k:1\",\"k:2\"]"), "keys by prefix, in order");
    expect(lists(OL_STR("none"), "[]"), "no keys");
    expect(lists(OL_STR(""), "[\"empty\",\"k:1\",\"k:2\"]"), "all keys");
}

static void swaps(void)
{
    bool yes;
    ol_buf current;
    expect(ol_storage_set_if_absent(OL_STR("once"), bytes("first"), &yes) == 0 && yes, "inserted");
    expect(ol_storage_set_if_absent(OL_STR("once"), bytes("second"), &yes) == 0 && !yes,
           "not inserted over");
    expect(ol_storage_set_if_equals(OL_STR("once"), bytes("first"), bytes("third"), &yes, NULL) ==
                   0 &&
               yes,
           "swapped");
    expect(ol_storage_set_if_equals(OL_STR("once"), bytes("first"), bytes("x"), &yes, &current) ==
                   0 &&
               !yes && ol_str_eq(ol_buf_str(&current), OL_STR("third")),
           "a stale value shows what is there");
    expect(ol_storage_set_if_equals(OL_STR("absent"), bytes(""), bytes("x"), &yes, &current) == 0 &&
               !yes && current.len == 0,
           "an absent key is not swapped");
}

static void counters(void)
{
    int64_t value;
    expect(ol_storage_increment(OL_STR("n"), 5, &value) == 0 && value == 5, "counts from 0");
    expect(ol_storage_decrement(OL_STR("n"), 7, &value) == 0 && value == -2, "and below");
    expect(ol_storage_increment(OL_STR("once"), 1, &value) == OL_EINVAL, "text is no counter");
    expect(ol_storage_increment(OL_STR("top"), INT64_MAX, &value) == 0 &&
               ol_storage_increment(OL_STR("top"), 1, &value) == OL_ELIMIT,
           "overflow is told");
}

static void shared(void)
{
    ol_buf value;
    expect(ol_storage_set_worker(OL_STR("w"), bytes("hidden"), OL_STORAGE_PROJECT) == 0 &&
               ol_storage_get_worker(OL_STR("w"), &value) == 0 &&
               ol_str_eq(ol_buf_str(&value), OL_STR("hidden")),
           "rows of all callers");
    expect(ol_storage_set_worker(OL_STR("w"), bytes("shown"), OL_STORAGE_PUBLIC) == 0 &&
               ol_storage_get_worker(OL_STR("w"), &value) == 0 &&
               ol_str_eq(ol_buf_str(&value), OL_STR("shown")),
           "made public");
    expect(ol_storage_get_foreign(ol_project_uuid(), OL_STR("w"), &value) == 0 &&
               ol_str_eq(ol_buf_str(&value), OL_STR("shown")),
           "and read as others do");
}

static void large(void)
{
    static uint8_t block[300000];
    ol_buf value;
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (uint8_t)(i * 31);
    expect(ol_storage_set(OL_STR("large"), (ol_bytes){block, sizeof block}) == 0 &&
               ol_storage_get(OL_STR("large"), &value) == 0 && value.len == sizeof block &&
               memcmp(value.data, block, sizeof block) == 0 && ol_storage_clear_all() == 0 &&
               !ol_storage_has(OL_STR("large")),
           "300 kB there and back, then cleared");
}

int main(void)
{
    ol_buf answer = ol_buf_new(OL_KIB(1));
    plain_values();
    keys();
    swaps();
    counters();
    shared();
    large();
    ol_buf_addf(&answer, "\"%u of %u\"", passed, steps);
    return ol_output(ol_buf_str(&answer)) != 0;
}
