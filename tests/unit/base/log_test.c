#include "lib/base/log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "tests/harness/test.h"

/* Standard error goes into a pipe while a line is written. */
typedef struct capture {
    int saved;
    int end[2];
} capture;

static void capture_begin(capture *c)
{
    CHECK(pipe2(c->end, O_CLOEXEC) == 0);
    c->saved = dup(STDERR_FILENO);
    CHECK(c->saved >= 0 && dup2(c->end[1], STDERR_FILENO) >= 0);
}

static ol_str capture_end(capture *c, ol_buf *into)
{
    ol_err err;
    OL_AUTO(ol_fd) reader = {c->end[0]};
    (void)dup2(c->saved, STDERR_FILENO);
    (void)close(c->saved);
    (void)close(c->end[1]);
    CHECK_OK(ol_read_all(reader, into, &err));
    /* Behind the time, which changes. */
    CHECK(into->len > OL_TIME_TEXT_BYTES);
    return ol_str_slice(ol_buf_str(into), OL_TIME_TEXT_BYTES, into->len);
}

TEST("a line is time, level, program, event and fields")
{
    capture c;
    const bool truth = true; /* `true` itself is an int in C17 */
    ol_buf line = ol_buf_new(OL_KIB(64));
    ol_log_open("test", OL_INFO);
    capture_begin(&c);
    OL_LOG(OL_DEBUG, "unseen");
    OL_LOG(OL_WARN, "job_done", KV("call", OL_STR("3fa1")), KV("n", -5), KV("u", 7u),
           KV("wide", OL_U128_MAX), KV("ok", truth), KV("text", "plain"));
    ol_str text = capture_end(&c, &line);
    CHECK_STR(text, OL_STR("warn test job_done call=3fa1 n=-5 u=7 "
                           "wide=340282366920938463463374607431768211455 ok=true text=plain\n"));
    CHECK_EQ(line.data[23], 'Z');
    ol_buf_deinit(&line);
}

TEST("values cannot break out of their quotes or start another line")
{
    capture c;
    ol_buf line = ol_buf_new(OL_KIB(64));
    capture_begin(&c);
    OL_LOG(OL_ERROR, "e", KV("a", OL_STR("")), KV("b", OL_STR("x y")),
           KV("c", OL_STR("a=\"b\\\n\r\0\x7F")), KV("d", OL_STR("caf\xC3\xA9")));
    ol_str text = capture_end(&c, &line);
    CHECK_STR(text, OL_STR("error test e a=\"\" b=\"x y\" c=\"a=\\\"b\\\\\\x0a\\x0d\\x00\\x7f\" "
                           "d=\"caf\xC3\xA9\"\n"));
    ol_buf_deinit(&line);
}

TEST("long values and long lines are cut, and end with one newline")
{
    capture c;
    static char value[OL_LOG_VALUE_BYTES_MAX + 100];
    ol_buf line = ol_buf_new(OL_KIB(64));
    memset(value, 'x', sizeof value);
    ol_str long_value = {value, sizeof value};
    capture_begin(&c);
    OL_LOG(OL_ERROR, "e", KV("v", long_value));
    ol_str text = capture_end(&c, &line);
    CHECK_EQ(text.len, strlen("error test e v=\n") + OL_LOG_VALUE_BYTES_MAX);

    ol_buf_clear(&line);
    capture_begin(&c);
    OL_LOG(OL_ERROR, "e", KV("1", long_value), KV("2", long_value), KV("3", long_value),
           KV("4", long_value), KV("5", long_value), KV("6", long_value), KV("7", long_value),
           KV("8", long_value), KV("9", long_value));
    text = capture_end(&c, &line);
    CHECK(line.len <= OL_LOG_LINE_BYTES_MAX);
    CHECK_ENDS(text, OL_STR("\n"), NULL);
    ol_buf_deinit(&line);
}

TEST("an error is logged with reason, text and notes")
{
    capture c;
    ol_err err;
    ol_buf line = ol_buf_new(OL_KIB(64));
    (void)ol_fail(&err, OL_ERR_TIMEOUT, "took too long");
    (void)ol_note(&err, "claim");
    capture_begin(&c);
    OL_LOG_ERR(OL_ERROR, "failed", &err, KV("id", 1));
    ol_str text = capture_end(&c, &line);
    CHECK_STR(text,
              OL_STR("error test failed id=1 reason=timeout text=\"took too long\" note=claim\n"));
    ol_buf_deinit(&line);
}

TEST("levels have their names")
{
    ol_level level = OL_DEBUG;
    CHECK(ol_level_parse(OL_STR("error"), &level) && level == OL_ERROR);
    CHECK(!ol_level_parse(OL_STR("Error"), &level) && level == OL_ERROR);
}

TEST("time is written as RFC 3339, and a fake clock stands still")
{
    char text[OL_TIME_TEXT_BYTES];
    ol_time_format(1772357400123, text);
    CHECK_STR(ol_str_of(text), OL_STR("2026-03-01T09:30:00.123Z"));
    ol_time_format(0, text);
    CHECK_STR(ol_str_of(text), OL_STR("1970-01-01T00:00:00.000Z"));
    ol_fake_clock fake = ol_fake_clock_at(5);
    CHECK_EQ(ol_wall_ms(&fake.clock), 5);
    fake.now_ms += 10;
    CHECK_EQ(ol_mono_ns(&fake.clock), 15000000);
    int64_t before = ol_mono_ns(ol_clock_real());
    CHECK(ol_mono_ns(ol_clock_real()) >= before);
}
