/* Heads of requests and responses: lines of text on the Rust side, structs on ours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

enum { FIXED_LINES = 5, NUMBER_BYTES_MAX = 24 };

/* Takes the next line off the text, without its line feed. */
static olw_str line_take(olw_str *text)
{
    const uint8_t *end = text->len == 0 ? NULL : memchr(text->data, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->data);
    size_t skip = end == NULL ? len : len + 1;
    olw_str line = {text->data, len};
    *text = (olw_str){text->data + skip, text->len - skip};
    return line;
}

static size_t lines_count(olw_str text)
{
    size_t n = 0;
    while (text.len > 0) {
        (void)line_take(&text);
        n++;
    }
    return n;
}

static olw_http_pair pair_of(olw_str line)
{
    const uint8_t *colon = line.len == 0 ? NULL : memchr(line.data, ':', line.len);
    if (colon == NULL)
        return (olw_http_pair){line, {NULL, 0}};
    size_t name = (size_t)(colon - line.data);
    return (olw_http_pair){{line.data, name}, {colon + 1, line.len - name - 1}};
}

static bool is_content_length(olw_str name)
{
    static const char want[] = "content-length"; /* names come in lower case */
    return name.len == sizeof want - 1 && memcmp(name.data, want, name.len) == 0;
}

static int64_t number_of(olw_str text)
{
    char digits[NUMBER_BYTES_MAX] = {0};
    if (text.len == 0 || text.len >= sizeof digits)
        return -1;
    memcpy(digits, text.data, text.len);
    return strtoll(digits, NULL, 10);
}

static void timeouts_read(olw_str line, olw_http_request *r)
{
    char text[3 * NUMBER_BYTES_MAX] = {0};
    char *rest = text;
    memcpy(text, line.data, line.len < sizeof text ? line.len : sizeof text - 1);
    r->connect_timeout_ms = (uint32_t)strtoul(rest, &rest, 10);
    r->first_byte_timeout_ms = (uint32_t)strtoul(rest, &rest, 10);
    r->between_bytes_timeout_ms = (uint32_t)strtoul(rest, &rest, 10);
}

static bool on_open(void *env, uint32_t id, olw_str head, bool has_body)
{
    olw__adapter *a = env;
    olw_http_request r = {.has_body = has_body, .body_bytes = -1};
    if (a->user.open == NULL || lines_count(head) < FIXED_LINES)
        return false;
    r.method = line_take(&head);
    r.scheme = line_take(&head);
    r.authority = line_take(&head);
    r.path = line_take(&head);
    timeouts_read(line_take(&head), &r);
    r.headers_len = lines_count(head);
    olw_http_pair *headers = calloc(r.headers_len + 1, sizeof *headers);
    if (headers == NULL)
        return false;
    for (size_t i = 0; i < r.headers_len; i++) {
        headers[i] = pair_of(line_take(&head));
        if (is_content_length(headers[i].name))
            r.body_bytes = number_of(headers[i].value);
    }
    r.headers = headers;
    bool good = a->user.open(a->user.env, id, &r);
    free(headers);
    return good;
}

/* A line feed in it would forge a header line. */
static bool plain(olw_str text)
{
    return text.len == 0 || memchr(text.data, '\n', text.len) == NULL;
}

static char *append(char *to, olw_str text)
{
    if (text.len > 0)
        memcpy(to, text.data, text.len);
    return to + text.len;
}

static bool head_write(olw__adapter *a, const olw_http_event *e, olw_str *ret)
{
    size_t bytes = NUMBER_BYTES_MAX;
    for (size_t i = 0; i < e->headers_len; i++)
        bytes += e->headers[i].name.len + e->headers[i].value.len + 2;
    char *head = realloc(a->head, bytes);
    if (head == NULL)
        return false;
    a->head = head;
    char *end = head + snprintf(head, NUMBER_BYTES_MAX, "%u\n", e->status);
    for (size_t i = 0; i < e->headers_len; i++) {
        const olw_http_pair *h = &e->headers[i];
        if (h->name.len == 0 || !plain(h->name) || !plain(h->value))
            continue;
        end = append(end, h->name);
        *end++ = ':';
        end = append(end, h->value);
        *end++ = '\n';
    }
    *ret = (olw_str){(const uint8_t *)head, (size_t)(end - head)};
    return true;
}

static bool on_next(void *env, uint32_t id, olw__event *ret)
{
    olw__adapter *a = env;
    olw_http_event e = {.kind = OLW_HTTP_NOTHING};
    if (a->user.next == NULL || !a->user.next(a->user.env, id, &e))
        return false;
    *ret = (olw__event){
        .kind = (uint32_t)e.kind, .code = (uint32_t)e.code, .data = e.data, .read = e.read};
    return e.kind != OLW_HTTP_HEAD || head_write(a, &e, &ret->data);
}

static bool on_send(void *env, uint32_t id, olw_str data, bool last)
{
    const olw__adapter *a = env;
    return a->user.send != NULL && a->user.send(a->user.env, id, data, last);
}

static bool on_pull(void *env, uint32_t id)
{
    const olw__adapter *a = env;
    return a->user.pull != NULL && a->user.pull(a->user.env, id);
}

static void on_drop(void *env, uint32_t id)
{
    const olw__adapter *a = env;
    if (a->user.drop != NULL)
        a->user.drop(a->user.env, id);
}

olw__http olw__http_adapt(olw__adapter *adapter)
{
    return (olw__http){.env = adapter,
                       .fd = adapter->user.fd,
                       .open = on_open,
                       .send = on_send,
                       .pull = on_pull,
                       .next = on_next,
                       .drop = on_drop};
}
