/* The one pass that decides what is JSON. Private to this library; freestanding. */
#ifndef OL_CODEC_JSON_SCAN_H
#define OL_CODEC_JSON_SCAN_H

#include "lib/codec/json_read.h"

/* A document as an array in the order of the text: one node a value or key, two a container. */
typedef struct ol__json_node {
    uint32_t at;  /* offset of the first byte */
    uint32_t end; /* scalar, key: offset behind the last byte; container: index of its close node;
                     close node: index of its container */
} ol__json_node;

typedef struct ol__json_fault {
    const char *at; /* the byte that broke the rule; the text's end when it ended too early */
    const char *what;
    bool escaped; /* without a fault: the newest strings had escapes */
} ol__json_fault;

/* Where a value directly within the outermost container ends, and whether it is a string with
 * escapes: so that who walks the container need not look at every byte again. */
typedef struct ol__json_mark {
    const char *end;
    bool escaped;
} ol__json_mark;

typedef struct ol__json_marks {
    ol__json_mark *items; /* room for `max`, in the order of the text */
    size_t max;
    size_t count; /* above `max`: not all could be kept */
} ol__json_marks;

/* `nodes`, where given, holds text.len + 1 of them: no two begin at the same byte. *ret_value is
 * the text without space around. */
bool ol__json_scan(ol_str text, unsigned depth_max, ol__json_node *nodes, size_t *ret_nodes,
                   ol_str *ret_value, ol__json_fault *ret_fault);
/* Without nodes, with marks. */
bool ol__json_scan_marked(ol_str text, unsigned depth_max, ol__json_marks *marks, ol_str *ret_value,
                          ol__json_fault *ret_fault);

/* json_read.c: a document with marks, and the members of its outermost object by them. */
ol_rc ol__json_parse_marked(ol_str text, ol__json_marks *marks, ol_json *ret, ol_err *err);
bool ol__json_next_marked(ol_json_iter *it, const ol__json_mark *mark, ol_json *ret_key,
                          ol_json *ret_value);

/* Behind a string's closing quote; `at` stands behind the opening one. For checked text. */
const char *ol__json_string_end(const char *at, const char *end);
/* Behind the value that begins at `at`; `end` bounds the container around it. */
const char *ol__json_value_end(const char *at, const char *end);

static inline bool ol__json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *ol__json_skip_space(const char *at, const char *end)
{
    while (at < end && ol__json_is_space(*at))
        at++;
    return at;
}

#endif
