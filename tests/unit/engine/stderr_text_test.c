#include <string.h>

#include "services/runner/stderr_text.h"
#include "tests/harness/test.h"

static ol_str added(const char *bytes, size_t len, ol_buf *text)
{
    ol_buf_clear(text);
    stderr_text_add((ol_bytes){(const uint8_t *)bytes, len}, text);
    return ol_buf_str(text);
}

TEST("stderr is decoded as UTF-8 and every broken part becomes one replacement character")
{
    static const struct {
        const char *raw, *want;
    } cases[] = {
        {"plain", "plain"},
        {"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
        {"\xe2\x82", "\xef\xbf\xbd"},                             /* cut short */
        {"\xe2\x82x", "\xef\xbf\xbdx"},
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"", ""},
    };
    ol_buf text = ol_buf_new(OL_KIB(20));
    OL_EACH (c, cases)
        CHECK_STR_ROW(added(c->raw, strlen(c->raw), &text), ol_str_of(c->want), c->raw);
    ol_buf_deinit(&text);
}

TEST("long stderr keeps its last 16 KiB, cut between characters")
{
    static char raw[40000];
    ol_buf text = ol_buf_new(OL_KIB(20));
    for (size_t i = 0; i + 1 < sizeof raw; i += 2)
        memcpy(raw + i, "\xc3\xa4", 2);
    ol_str got = added(raw, sizeof raw - 1, &text); /* ends within a character */
    CHECK(got.len <= STDERR_TEXT_BYTES_MAX && got.len > STDERR_TEXT_BYTES_MAX - 3);
    CHECK_STARTS(got, OL_STR("\xc3\xa4"), "start");
    CHECK_ENDS(got, OL_STR("\xc3\xa4\xef\xbf\xbd"), "end");

    memset(raw, 0xff, sizeof raw); /* grows when decoded */
    got = added(raw, sizeof raw, &text);
    CHECK(got.len <= STDERR_TEXT_BYTES_MAX && got.len % 3 == 0);
    ol_buf_deinit(&text);
}
