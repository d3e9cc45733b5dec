#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/proto/job_frames.h"
#include "tests/harness/test.h"

#define BYTES(literal) ((ol_bytes){(const uint8_t *)("" literal), sizeof(literal) - 1})

static ol_frame_pair pairs[OL_FRAME_VARIABLES_MAX];
static ol_host_value values[OL_HOST_VALUES_MAX];

static void socket_pair(ol_fd *a, ol_fd *b)
{
    ol_err err = {0};
    CHECK_OK(ol_socketpair(SOCK_SEQPACKET, a, b, &err));
}

/* ---- jobs and results ---------------------------------------------------------------------- */

static ol_frame_job some_job(void)
{
    static const ol_frame_pair variables[] = {{BYTES("A"), BYTES("1")}, {BYTES("B"), BYTES("")}};
    return (ol_frame_job){
        .instructions = 7,
        .memory_bytes = OL_MIB(128),
        .stdout_bytes_max = 9,
        .stderr_bytes_max = 10,
        .cpu_seconds = 11,
        .http = true,
        .refusals_count = 1,
        .refusals = {{OL_HOST_VRF, OL_STR("no VRF here")}},
        .variables_count = 2,
        .variables = variables,
        .input = BYTES("in"),
    };
}

static void job_encode(const ol_frame_job *job, ol_buf *into)
{
    ol_frame_job_encode(job, into);
    ol_buf_add(into, job->input);
    CHECK(ol_buf_ok(into));
}

TEST("a job comes out as it went in")
{
    ol_buf words = ol_buf_new(OL_MIB(1));
    ol_frame_job job = some_job(), got;
    job_encode(&job, &words);
    CHECK(ol_frame_job_decode(ol_buf_bytes(&words), pairs, &got));
    CHECK_EQ(got.instructions, 7);
    CHECK_EQ(got.memory_bytes, OL_MIB(128));
    CHECK_EQ(got.stdout_bytes_max, 9);
    CHECK_EQ(got.stderr_bytes_max, 10);
    CHECK_EQ(got.cpu_seconds, 11);
    CHECK(got.http);
    CHECK_EQ(got.refusals_count, 1);
    CHECK_EQ(got.refusals[0].interface, OL_HOST_VRF);
    CHECK_STR(got.refusals[0].text, OL_STR("no VRF here"));
    CHECK_EQ(got.variables_count, 2);
    CHECK_STR(ol_bytes_str(got.variables[0].value), OL_STR("1"));
    CHECK_STR(ol_bytes_str(got.variables[1].name), OL_STR("B"));
    CHECK_STR(ol_bytes_str(got.input), OL_STR("in"));
    ol_buf_deinit(&words);
}

TEST("a job cut anywhere, or with a byte too many, is none")
{
    ol_buf words = ol_buf_new(OL_MIB(1));
    ol_frame_job job = some_job(), got;
    job_encode(&job, &words);
    for (size_t len = 0; len < words.len; len++)
        CHECK(!ol_frame_job_decode((ol_bytes){words.data, len}, pairs, &got));
    ol_buf_add_char(&words, 'x');
    CHECK(!ol_frame_job_decode(ol_buf_bytes(&words), pairs, &got));
    ol_buf_deinit(&words);
}

TEST("more variables than allowed are refused before any is read")
{
    ol_buf words = ol_buf_new(OL_MIB(1));
    ol_frame_job job = some_job(), got;
    job.variables_count = 0;
    job_encode(&job, &words);
    uint32_t many = OL_FRAME_VARIABLES_MAX + 1;
    memcpy(words.data + words.len - 4 - 2 - 4, &many, sizeof many); /* count, length, "in" */
    CHECK(!ol_frame_job_decode(ol_buf_bytes(&words), pairs, &got));
    ol_buf_deinit(&words);
}

TEST("a result comes out as it went in; a class of the supervisor's is refused")
{
    ol_buf words = ol_buf_new(OL_MIB(1));
    const ol_frame_result result = {
        .class = OL_RUN_EXIT,
        .exit_code = 3,
        .trap = -1,
        .instructions_exact = true,
        .stderr_cut = true,
        .instructions = 12345,
        .memory_bytes_peak = 65536,
        .stdout_bytes = 4,
        .stderr_bytes = 3,
        .text = OL_STR("bad"),
        .errors = BYTES("bad"),
        .output = BYTES("part"),
    };
    ol_frame_result got;
    ol_frame_result_encode(&result, &words);
    ol_buf_add(&words, result.output);
    CHECK(ol_frame_result_decode(ol_buf_bytes(&words), &got));
    CHECK_EQ(got.class, OL_RUN_EXIT);
    CHECK_EQ(got.exit_code, 3);
    CHECK_EQ(got.trap, -1);
    CHECK(got.instructions_exact && got.stderr_cut);
    CHECK_EQ(got.instructions, 12345);
    CHECK_STR(got.text, OL_STR("bad"));
    CHECK_STR(ol_bytes_str(got.output), OL_STR("part"));
    for (size_t len = 0; len < words.len; len++)
        CHECK(!ol_frame_result_decode((ol_bytes){words.data, len}, &got));
    words.data[0] = OL_RUN_TIMEOUT;
    CHECK(!ol_frame_result_decode(ol_buf_bytes(&words), &got));
    ol_buf_deinit(&words);
}

/* ---- host calls ---------------------------------------------------------------------------- */

/* Values of every letter, as many as the letters ask for. */
static size_t sample(ol_str letters, ol_host_value *into)
{
    size_t n = 0;
    for (size_t i = 0; i < letters.len; i++) {
        char c = letters.data[i];
        if (c == 's' || c == 'b') {
            into[n++].bytes = BYTES("text");
        } else if (c == 'S' || c == 'T') {
            into[n++].number = 1;
            into[n++] =
                c == 'S' ? (ol_host_value){.bytes = BYTES("some")} : (ol_host_value){.number = 1};
        } else if (c == 'h') {
            into[n++].number = 1;
            into[n++].bytes = BYTES("name");
            into[n++].bytes = BYTES("value");
        } else if (c == 'R') {
            into[n++].number = 0;
            into[n++].number = 204;
            into[n++].number = 0;
            into[n++].bytes = BYTES("body");
        } else {
            into[n++].number = 1;
        }
    }
    return n;
}

TEST("arguments and results of every host function come out as they went in")
{
    for (unsigned i = 0; i < OL_HOST_FUNCTIONS; i++) {
        const char *row = OL_HOST_FUNCTION[i].name;
        ol_host_value in[32] = {{0}};
        ol_host_fn function;
        size_t count;
        ol_buf words = ol_buf_new(OL_KIB(4));
        size_t n = sample(ol_host_arguments((ol_host_fn)i), in);
        CHECK_ROW(ol_frame_call_encode((ol_host_fn)i, in, n, &words), row);
        CHECK_ROW(ol_frame_call_decode(ol_buf_bytes(&words), &function, values, &count), row);
        CHECK_EQ_ROW(function, i, row);
        CHECK_EQ_ROW(count, n, row);
        for (size_t k = 0; k < n; k++) {
            CHECK_EQ_ROW(values[k].number, in[k].number, row);
            CHECK_ROW(ol_bytes_eq(values[k].bytes, in[k].bytes), row);
        }
        for (size_t len = 0; len < words.len; len++)
            CHECK_ROW(!ol_frame_call_decode((ol_bytes){words.data, len}, &function, values, &count),
                      row);
        ol_buf_clear(&words);
        n = sample(ol_host_results((ol_host_fn)i), in);
        CHECK_ROW(ol_frame_answer_encode((ol_host_fn)i, in, n, &words), row);
        CHECK_ROW(ol_frame_answer_decode((ol_host_fn)i, ol_buf_bytes(&words), values, &count), row);
        CHECK_EQ_ROW(count, n, row);
        ol_buf_deinit(&words);
    }
}

TEST("values of another shape are not encoded")
{
    static const struct {
        const char *row, *letters;
        ol_host_value in[4];
        size_t count;
    } cases[] = {
        {"one too few", "ss", {{.number = 0}}, 1},
        {"one too many", "s", {{.number = 0}}, 2},
        {"a bool of two", "t", {{.number = 2}}, 1},
        {"a u32 that is not one", "w", {{.number = UINT64_MAX}}, 1},
        {"too many headers", "h", {{.number = OL_HOST_PAIRS_MAX + 1}}, 1},
        {"a status of 17 bits", "R", {{.number = 0}, {.number = 65536}}, 4},
    };
    OL_EACH (c, cases) {
        ol_buf words = ol_buf_new(OL_KIB(4));
        CHECK_ROW(!ol_host_values_encode(ol_str_of(c->letters), c->in, c->count, &words), c->row);
        ol_buf_deinit(&words);
    }
}

TEST("a function number beyond the table is refused")
{
    const uint8_t words[] = {OL_HOST_FUNCTIONS & 0xff, OL_HOST_FUNCTIONS >> 8};
    ol_host_fn function;
    size_t count;
    CHECK(!ol_frame_call_decode((ol_bytes){words, sizeof words}, &function, values, &count));
}

TEST("an HTTP request and its head come out as they went in")
{
    static const ol_frame_pair headers[] = {{BYTES("accept"), BYTES("*/*")},
                                            {BYTES("x"), BYTES("\xff")}};
    ol_buf words = ol_buf_new(OL_KIB(4));
    const ol_frame_http_open open = {.method = OL_STR("POST"),
                                     .scheme = OL_STR("https"),
                                     .authority = OL_STR("a.com:1"),
                                     .path = OL_STR("/p?q"),
                                     .headers_count = 2,
                                     .headers = headers,
                                     .body_bytes = -1,
                                     .has_body = true,
                                     .first_byte_timeout_ms = 30};
    ol_frame_http_open got;
    ol_frame_http_open_encode(&open, &words);
    CHECK(ol_frame_http_open_decode(ol_buf_bytes(&words), pairs, &got));
    CHECK_STR(got.authority, open.authority);
    CHECK_EQ(got.body_bytes, -1);
    CHECK(got.has_body);
    CHECK_EQ(got.first_byte_timeout_ms, 30);
    CHECK(ol_bytes_eq(got.headers[1].value, headers[1].value));
    for (size_t len = 0; len < words.len; len++)
        CHECK(!ol_frame_http_open_decode((ol_bytes){words.data, len}, pairs, &got));
    ol_buf_deinit(&words);
}

/* ---- packets ------------------------------------------------------------------------------- */

static size_t packet_make(uint8_t *into, uint8_t kind, uint32_t id, uint32_t total, size_t piece)
{
    const ol_frame_head head = {.kind = (ol_frame_kind)kind, .id = id, .total = total};
    ol_frame_head_encode(&head, into);
    memset(into + OL_FRAME_HEAD_BYTES, 'p', piece);
    return OL_FRAME_HEAD_BYTES + piece;
}

TEST("heads that lie are refused")
{
    static const struct {
        const char *row;
        uint8_t kind;
        uint32_t total;
        size_t piece;
        bool good;
    } cases[] = {
        {"good", OL_FRAME_CALL, 4, 4, true},
        {"first of several", OL_FRAME_CALL, 9, 4, true},
        {"empty", OL_FRAME_HTTP_PULL, 0, 0, true},
        {"kind 0", 0, 0, 0, false},
        {"kind between the groups", 9, 0, 0, false},
        {"kind 255", 255, 0, 0, false},
        {"more than its total", OL_FRAME_CALL, 3, 4, false},
        {"no bytes of some", OL_FRAME_CALL, 3, 0, false},
    };
    uint8_t packet[64];
    ol_frame_head head;
    ol_bytes piece;
    OL_EACH (c, cases) {
        size_t len = packet_make(packet, c->kind, 1, c->total, c->piece);
        CHECK_EQ_ROW(ol_frame_head_decode((ol_bytes){packet, len}, &head, &piece), c->good, c->row);
    }
    size_t len = packet_make(packet, OL_FRAME_CALL, 1, 4, 4);
    packet[2] = 1; /* reserved */
    CHECK(!ol_frame_head_decode((ol_bytes){packet, len}, &head, &piece));
    CHECK(!ol_frame_head_decode((ol_bytes){packet, OL_FRAME_HEAD_BYTES - 1}, &head, &piece));
}

static ol_frame_step feed(ol_frame_reader *reader, uint8_t kind, uint32_t id, uint32_t total,
                          size_t piece)
{
    uint8_t packet[64];
    ol_frame_head head;
    ol_bytes payload;
    size_t len = packet_make(packet, kind, id, total, piece);
    return ol_frame_read(reader, (ol_bytes){packet, len}, 32, &head, &payload);
}

TEST("a message of several packets is whole at its last, and nothing may come between")
{
    ol_frame_reader reader = {0};
    CHECK_EQ(feed(&reader, OL_FRAME_CALL, 1, 20, 10), OL_FRAME_MORE);
    CHECK_EQ(feed(&reader, OL_FRAME_CALL, 1, 20, 10), OL_FRAME_MESSAGE);
    CHECK_EQ(feed(&reader, OL_FRAME_CALL, 2, 3, 3), OL_FRAME_MESSAGE);
    CHECK_EQ(feed(&reader, OL_FRAME_CALL, 3, 20, 10), OL_FRAME_MORE);
    CHECK_EQ(feed(&reader, OL_FRAME_HTTP_PULL, 3, 20, 10), OL_FRAME_BROKEN);
    ol_frame_reader_deinit(&reader);
    CHECK_EQ(feed(&reader, OL_FRAME_CALL, 1, 20, 10), OL_FRAME_MORE);
    CHECK_EQ(feed(&reader, OL_FRAME_CALL, 1, 20, 11), OL_FRAME_BROKEN);
    ol_frame_reader_deinit(&reader);
    CHECK_EQ(feed(&reader, OL_FRAME_CALL, 1, 33, 1), OL_FRAME_BROKEN); /* beyond its limit */
    ol_frame_reader_deinit(&reader);
}

TEST("each direction has its kinds, and each kind its limit")
{
    CHECK_EQ(ol_frame_from_run_bytes_max(OL_FRAME_ANSWER, 0), 0);
    CHECK_EQ(ol_frame_from_run_bytes_max(OL_FRAME_JOB, 0), 0);
    CHECK_EQ(ol_frame_from_run_bytes_max(OL_FRAME_STARTED, 0), 0);
    CHECK_EQ(ol_frame_to_run_bytes_max(OL_FRAME_CALL), 0);
    CHECK_EQ(ol_frame_to_run_bytes_max(OL_FRAME_RESULT), 0);
    CHECK(ol_frame_from_run_bytes_max(OL_FRAME_RESULT, OL_MIB(64)) > OL_MIB(64));
    CHECK(ol_frame_from_run_bytes_max(OL_FRAME_RESULT, OL_MIB(64)) < OL_MIB(65));
    CHECK_EQ(ol_frame_from_run_bytes_max(OL_FRAME_RESULT, UINT64_MAX), SIZE_MAX);
}

TEST("a message larger than a packet crosses a socket in two parts")
{
    OL_AUTO(ol_fd) a = OL_FD_NONE;
    OL_AUTO(ol_fd) b = OL_FD_NONE;
    static uint8_t large[3 * OL_FRAME_PIECE_BYTES_MAX / 2], packet[OL_FRAME_PACKET_BYTES_MAX];
    ol_frame_reader reader = {0};
    ol_frame_head head;
    ol_bytes payload = {0};
    ol_frame_step step = OL_FRAME_MORE;
    memset(large, 'L', sizeof large);
    socket_pair(&a, &b);
    CHECK(ol_frame_send_all(a.n, OL_FRAME_CALL, 5, BYTES("head"), (ol_bytes){large, sizeof large}));
    for (int packets = 0; step == OL_FRAME_MORE; packets++) {
        CHECK(packets < 3);
        ssize_t got = ol_frame_receive(b.n, packet, sizeof packet, 0, NULL, NULL);
        CHECK(got > 0);
        step = ol_frame_read(&reader, (ol_bytes){packet, (size_t)got}, OL_MIB(1), &head, &payload);
    }
    CHECK_EQ(step, OL_FRAME_MESSAGE);
    CHECK_EQ(payload.len, 4 + sizeof large);
    CHECK_STARTS(ol_bytes_str(payload), OL_STR("headLLL"), "order");
    ol_frame_reader_deinit(&reader);
}

static int descriptors_open(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

TEST("descriptors arrive where they are expected; where none are, they never open")
{
    OL_AUTO(ol_fd) a = OL_FD_NONE;
    OL_AUTO(ol_fd) b = OL_FD_NONE;
    uint8_t packet[64];
    int got[2] = {-1, -1};
    size_t count = 2;
    socket_pair(&a, &b);
    const int sent[] = {a.n, b.n};
    const ol_frame_head head = {.kind = OL_FRAME_RUN};
    CHECK(ol_frame_send(a.n, &head, (ol_bytes){NULL, 0}, sent, 2));
    CHECK_EQ(ol_frame_receive(b.n, packet, sizeof packet, 0, got, &count), OL_FRAME_HEAD_BYTES);
    CHECK_EQ(count, 2);
    CHECK((fcntl(got[0], F_GETFD) & FD_CLOEXEC) != 0);
    (void)close(got[0]);
    (void)close(got[1]);

    int before = descriptors_open();
    CHECK(ol_frame_send(a.n, &head, (ol_bytes){NULL, 0}, sent, 2));
    CHECK(ol_frame_receive(b.n, packet, sizeof packet, 0, NULL, NULL) < 0);
    CHECK_EQ(errno, EBADMSG);
    count = 1;
    CHECK(ol_frame_send(a.n, &head, (ol_bytes){NULL, 0}, sent, 2));
    if (ol_frame_receive(b.n, packet, sizeof packet, 0, got, &count) >= 0 && count == 1)
        (void)close(got[0]);
    CHECK_EQ(descriptors_open(), before);
}

TEST("a packet longer than the buffer is broken, not cut")
{
    OL_AUTO(ol_fd) a = OL_FD_NONE;
    OL_AUTO(ol_fd) b = OL_FD_NONE;
    uint8_t packet[32];
    socket_pair(&a, &b);
    const ol_frame_head head = {.kind = OL_FRAME_CALL, .total = 40};
    CHECK(ol_frame_send(a.n, &head, BYTES("0123456789012345678901234567890123456789"), NULL, 0));
    CHECK(ol_frame_receive(b.n, packet, sizeof packet, 0, NULL, NULL) < 0);
    CHECK_EQ(errno, EBADMSG);
}

TEST("every outcome class has a name of its own")
{
    for (unsigned i = 0; i < OL_RUN_CLASSES; i++) {
        for (unsigned k = 0; k < i; k++)
            CHECK(strcmp(ol_run_class_name((ol_run_class)i), ol_run_class_name((ol_run_class)k)) !=
                  0);
    }
}
