/* How fast JSON is checked, indexed and printed again, against jansson reading the same text. */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "bench/figure.h"
#include "lib/codec/json_print.h"
#include "lib/codec/json_scan.h"

enum { ROUNDS = 15, TEXT_BYTES = 4 << 20 };

typedef struct text {
    ol_buf buf;
    ol__json_node *nodes;
    ol_buf out;
} text;

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Records as our own wire has them: short keys, numbers as text and as numbers, some prose. */
static void fill(ol_buf *into)
{
    ol_buf_add_char(into, '[');
    for (unsigned i = 0; into->len < TEXT_BYTES; i++)
        ol_buf_addf(
            into,
            "%s{\"request_id\":%u,\"owner\":\"account-%u.near\",\"success\":%s,"
            "\"instructions\":%u,\"cost\":\"%u\",\"ratio\":%u.%u,\"tags\":[\"wasm\",\"p%u\"],"
            "\"output\":{\"text\":\"the quick brown fox jumps over the lazy dog %u times\"},"
            "\"error\":null}",
            i > 0 ? "," : "", i, i % 977, i % 2 != 0 ? "true" : "false", i * 7919u, i * 104729u,
            i % 10, i % 1000, i % 3, i);
    ol_buf_add_char(into, ']');
}

static void check(text *t)
{
    ol_json value;
    ol_rc rc = ol_json_parse(ol_buf_str(&t->buf), &value, NULL);
    OL_ASSERT(rc == OL_OK);
}

static void index_nodes(text *t)
{
    ol__json_fault fault;
    ol_str value;
    size_t count;
    bool valid =
        ol__json_scan(ol_buf_str(&t->buf), OL_JSON_DEPTH_MAX, t->nodes, &count, &value, &fault);
    OL_ASSERT(valid);
}

static void print(text *t)
{
    ol_json value;
    ol_rc rc = ol_json_parse(ol_buf_str(&t->buf), &value, NULL);
    ol_buf_clear(&t->out);
    if (rc == OL_OK)
        rc = ol_json_print(&value, OL_JSON_KEYS_AS_GIVEN, &t->out, NULL);
    OL_ASSERT(rc == OL_OK);
}

static void peer(text *t)
{
    json_t *value = json_loadb((const char *)t->buf.data, t->buf.len, 0, NULL);
    OL_ASSERT(value != NULL);
    json_decref(value);
}

/* Median over rounds that follow each other, after one that warms up. */
static double mb_per_s(void (*work)(text *), text *t)
{
    double rate[ROUNDS];
    work(t);
    for (size_t i = 0; i < ROUNDS; i++) {
        double begin = now_s();
        work(t);
        rate[i] = (double)t->buf.len / 1e6 / (now_s() - begin);
    }
    return figure_quantile(rate, ROUNDS, 0.5);
}

int main(void)
{
    text t = {.buf = ol_buf_new(2 * TEXT_BYTES), .out = ol_buf_new(4 * TEXT_BYTES)};
    fill(&t.buf);
    t.nodes = calloc(t.buf.len + 1, sizeof *t.nodes);
    OL_ASSERT(ol_buf_ok(&t.buf) && t.nodes != NULL);
    double theirs = mb_per_s(peer, &t);
    figure_print("json_check_mb_per_s", mb_per_s(check, &t), "MB/s", theirs, FIGURE_AT_LEAST, 500);
    figure_print("json_mb_per_s", mb_per_s(index_nodes, &t), "MB/s", theirs, FIGURE_AT_LEAST, 500);
    figure_print("json_print_mb_per_s", mb_per_s(print, &t), "MB/s", theirs, FIGURE_AT_LEAST, 100);
    free(t.nodes);
    ol_buf_deinit(&t.buf);
    ol_buf_deinit(&t.out);
    return 0;
}
