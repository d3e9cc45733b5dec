#include "lib/net/url.h"
#include "tests/harness/test.h"

typedef struct parse_case {
    const char *text;
    const char *host;
    unsigned port;
    bool tls;
    const char *target;
} parse_case;

TEST("a URL is taken apart into scheme, host, port and target")
{
    static const parse_case cases[] = {
        {"http://a.com", "a.com", 80, false, ""},
        {"https://a.com/", "a.com", 443, true, "/"},
        {"HTTPS://A.com.:8443/p?q=1#frag", "A.com.", 8443, true, "/p?q=1"},
        {"http://a.com?x", "a.com", 80, false, "?x"},
        {"http://127.0.0.1:1/", "127.0.0.1", 1, false, "/"},
        {"http://[::1]:65535/x", "::1", 65535, false, "/x"},
        {"http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1", 80, false, "/"},
        {"http://a.com:/", "a.com", 80, false, "/"},
        {"http://under_score.example/", "under_score.example", 80, false, "/"},
    };
    OL_EACH (c, cases) {
        ol_url url;
        ol_err err = {0};
        CHECK_OK(ol_url_parse(ol_str_of(c->text), &url, &err));
        CHECK_STR_ROW(url.host, ol_str_of(c->host), c->text);
        CHECK_EQ_ROW(url.port, c->port, c->text);
        CHECK_EQ_ROW(url.tls, c->tls, c->text);
        CHECK_STR_ROW(url.target, ol_str_of(c->target), c->text);
    }
}

TEST("what two readers could read differently is refused")
{
    static const char *const cases[] = {
        "",
        "a.com",
        "ftp://a.com/",
        "http:/a.com",
        "http://",
        "http:///path",
        "http://user@a.com/",
        "http://user:pw@a.com/",
        "http://a.com@b.com/",
        "http://a.com:0/",
        "http://a.com:65536/",
        "http://a.com:+80/",
        "http://a.com:8x/",
        "http://a.com\\@b.com/",
        "http://a.com/ b",
        "http://a.com/\x01",
        "http://a.com/\n",
        "http://a%2ecom/",
        "http://a\xC3\xA9.com/",
        "http://.a.com/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[fe80::1%25eth0]/",
        "http://[]/",
        "file:///etc/passwd",
        "gopher://a.com/",
    };
    OL_EACH (text, cases) {
        ol_url url;
        ol_err err = {0};
        CHECK_EQ_ROW(ol_url_parse(ol_str_of(*text), &url, &err), OL_ERR_INVALID, *text);
        CHECK_STARTS(ol_err_text(&err), OL_STR("invalid URL: "), *text);
    }
}

TEST("a Location is resolved against where it came from")
{
    static const struct {
        const char *location;
        const char *want;
    } cases[] = {
        {"https://b.com/x", "https://b.com/x"},
        {"//b.com/x", "http://b.com/x"},
        {"/x?y", "http://a.com:81/x?y"},
        {"?y", "http://a.com:81/d/e?y"},
        {"f", "http://a.com:81/d/f"},
        {"http://169.254.169.254/", "http://169.254.169.254/"},
    };
    ol_url from;
    ol_err err = {0};
    CHECK_OK(ol_url_parse(OL_STR("http://a.com:81/d/e?q=/"), &from, &err));
    OL_EACH (c, cases) {
        ol_arena arena = ol_arena_new(65536);
        ol_url url;
        CHECK_OK(ol_url_follow(&from, ol_str_of(c->location), &arena, &url, &err));
        CHECK_STR_ROW(url.text, ol_str_of(c->want), c->location);
        ol_arena_deinit(&arena);
    }
    ol_arena arena = ol_arena_new(65536);
    ol_url url;
    CHECK_EQ(ol_url_follow(&from, OL_STR("ftp://b.com/"), &arena, &url, &err), OL_ERR_INVALID);
    CHECK_EQ(ol_url_follow(&from, OL_STR("file:/etc/passwd"), &arena, &url, &err), OL_ERR_INVALID);
    ol_arena_deinit(&arena);
}

TEST("percent encoding and decoding undo each other")
{
    ol_buf encoded = ol_buf_new(1024);
    ol_buf decoded = ol_buf_new(1024);
    ol_percent_encode(OL_STR("a b/c~\xC3\xA9&="), &encoded);
    CHECK_STR(ol_buf_str(&encoded), OL_STR("a%20b%2Fc~%C3%A9%26%3D"));
    CHECK(ol_percent_decode(ol_buf_str(&encoded), &decoded));
    CHECK_STR(ol_buf_str(&decoded), OL_STR("a b/c~\xC3\xA9&="));
    CHECK(!ol_percent_decode(OL_STR("%"), &decoded));
    CHECK(!ol_percent_decode(OL_STR("%4"), &decoded));
    CHECK(!ol_percent_decode(OL_STR("%zz"), &decoded));
    CHECK(!ol_percent_decode(OL_STR("%00"), &decoded));
    ol_buf_deinit(&encoded);
    ol_buf_deinit(&decoded);
}
