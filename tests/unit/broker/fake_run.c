#include "tests/unit/broker/fake_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

ol_run *fake_run_new(void)
{
    ol_run *run = calloc(1, sizeof *run);
    OL_ASSERT(run != NULL);
    run->deadline_ns = INT64_MAX;
    for (size_t i = 0; i < OL_COUNT(run->value); i++)
        run->value[i] = ol_buf_new(OL_MIB(64));
    for (size_t i = 0; i < FAKE_STREAMS_MAX; i++) {
        run->stream[i].headers = ol_buf_new(OL_MIB(1));
        run->stream[i].body = ol_buf_new(OL_MIB(256));
    }
    return run;
}

void fake_run_free(ol_run *run)
{
    for (size_t i = 0; i < OL_COUNT(run->value); i++)
        ol_buf_deinit(&run->value[i]);
    for (size_t i = 0; i < FAKE_STREAMS_MAX; i++) {
        ol_buf_deinit(&run->stream[i].headers);
        ol_buf_deinit(&run->stream[i].body);
    }
    free(run);
}

void ol_run_answer(ol_run *run, uint32_t id, ol_host_fn function, const ol_host_value *values,
                   size_t count)
{
    (void)id;
    ol_buf encoded = ol_buf_new(OL_MIB(64));
    OL_ASSERT(ol_host_values_encode(ol_host_results(function), values, count, &encoded));
    ol_buf_deinit(&encoded);
    run->answered = true;
    run->answers++;
    for (size_t i = 0; i < OL_COUNT(run->value) && i < count; i++) {
        ol_buf_clear(&run->value[i]);
        ol_buf_add(&run->value[i], values[i].bytes);
        run->number[i] = values[i].number;
    }
    if (count > 4) { /* an HTTP response: its body is the last value */
        ol_buf_clear(&run->value[3]);
        ol_buf_add(&run->value[3], values[count - 1].bytes);
    }
}

void ol_run_http_head(ol_run *run, uint32_t id, const ol_frame_http_head *head)
{
    fake_stream *stream = &run->stream[id];
    OL_ASSERT(!stream->head && !stream->failed);
    stream->head = true;
    stream->status = head->status;
    for (size_t i = 0; i < head->headers_count; i++)
        ol_buf_addf(&stream->headers, "%.*s: %.*s\n", OL_FMT(ol_bytes_str(head->headers[i].name)),
                    OL_FMT(ol_bytes_str(head->headers[i].value)));
}

void ol_run_http_piece(ol_run *run, uint32_t id, ol_bytes piece)
{
    OL_ASSERT(piece.len > 0 && piece.len <= OL_FRAME_PIECE_BYTES_MAX && run->stream[id].head);
    ol_buf_add(&run->stream[id].body, piece);
    run->answered = true;
}

void ol_run_http_end(ol_run *run, uint32_t id)
{
    run->stream[id].ended = true;
}

void ol_run_http_error(ol_run *run, uint32_t id, uint8_t code, ol_str text)
{
    fake_stream *stream = &run->stream[id];
    OL_ASSERT(!stream->failed && !stream->ended);
    stream->failed = true;
    stream->code = code;
    (void)snprintf(stream->text, sizeof stream->text, "%.*s", OL_FMT(text));
}

void ol_run_end(ol_run *run, ol_run_class class, ol_str text)
{
    run->over = true;
    run->class = class;
    (void)snprintf(run->text, sizeof run->text, "%.*s", OL_FMT(text));
}

int64_t ol_run_deadline_ns(const ol_run *run)
{
    return run->deadline_ns;
}

bool fake_answered(const ol_run *run)
{
    return run->answered;
}

bool fake_over(const ol_run *run)
{
    return run->over;
}

bool fake_run_until(ol_run *run, const ol_run_host *host, bool (*done)(const ol_run *run))
{
    const ol_clock *clock = ol_clock_real();
    int64_t end = ol_mono_ns(clock) + INT64_C(10000000000);
    while (!done(run) && !run->over) {
        struct pollfd fds[OL_RUN_POLL_MAX];
        int64_t wake = end;
        size_t count = host->poll_add(host->env, fds, OL_COUNT(fds), &wake);
        int64_t now = ol_mono_ns(clock);
        if (now > end)
            return false;
        int wait = wake <= now ? 0 : (int)((wake - now + 999999) / 1000000);
        (void)poll(fds, count, wait);
        host->poll_done(host->env, run, fds, count);
    }
    return done(run);
}

void fake_call(ol_run *run, const ol_run_host *host, ol_host_fn function, const char *const *texts,
               size_t count)
{
    ol_host_value values[16];
    for (size_t i = 0; i < count; i++)
        values[i] = (ol_host_value){.bytes = ol_str_bytes(ol_str_of(texts[i]))};
    run->answered = false;
    host->call(host->env, run, 1, function, values, count);
    OL_ASSERT(fake_run_until(run, host, fake_answered));
}

ol_str fake_value(const ol_run *run, size_t i)
{
    return ol_buf_str(&run->value[i]);
}
