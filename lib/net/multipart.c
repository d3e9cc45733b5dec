#include "lib/net/multipart.h"

#include <string.h>

/* Cuts `boundary=X` or `boundary="X"` out of a content type. */
static bool boundary_find(ol_str type, ol_str *ret)
{
    ol_str head;
    ol_str rest;
    if (!ol_str_cut(type, ';', &head, &rest) ||
        !ol_str_eq_nocase(ol_str_trim(head), OL_STR("multipart/form-data")))
        return false;
    ol_str parameter;
    while (ol_str_next(&rest, ';', &parameter)) {
        ol_str name;
        ol_str value;
        if (!ol_str_cut(ol_str_trim(parameter), '=', &name, &value) ||
            !ol_str_eq_nocase(name, OL_STR("boundary")))
            continue;
        if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
            value = ol_str_slice(value, 1, value.len - 1);
        *ret = value;
        return value.len > 0 && value.len <= OL_MULTIPART_BOUNDARY_BYTES_MAX;
    }
    return false;
}

ol_rc ol_multipart_open(ol_str content_type, ol_bytes body, ol_multipart *ret, ol_err *err)
{
    ol_multipart reader = {.body = body};
    if (!boundary_find(content_type, &reader.boundary))
        return ol_fail(err, OL_ERR_INVALID, "Invalid `boundary` for `multipart/form-data` request");
    *ret = reader;
    return OL_OK;
}

static ol_str rest_of(const ol_multipart *reader)
{
    return (ol_str){(const char *)reader->body.data + reader->at, reader->body.len - reader->at};
}

/* `--boundary` here? Steps behind it. */
static bool dashes_take(ol_multipart *reader)
{
    ol_str rest = rest_of(reader);
    if (!ol_str_starts(rest, OL_STR("--")) ||
        !ol_str_starts(ol_str_slice(rest, 2, rest.len), reader->boundary))
        return false;
    reader->at += 2 + reader->boundary.len;
    return true;
}

static bool newline_take(ol_multipart *reader)
{
    if (!ol_str_starts(rest_of(reader), OL_STR("\r\n")))
        return false;
    reader->at += 2;
    return true;
}

/* After a boundary: `--` ends the body, a line end (after optional spaces) begins a part. */
static ol_rc boundary_end(ol_multipart *reader, ol_err *err)
{
    if (ol_str_starts(rest_of(reader), OL_STR("--"))) {
        reader->ended = true;
        return OL_OK;
    }
    while (reader->at < reader->body.len &&
           (reader->body.data[reader->at] == ' ' || reader->body.data[reader->at] == '\t'))
        reader->at++;
    if (!newline_take(reader))
        return ol_fail(err, OL_ERR_SYNTAX, "a multipart boundary does not end its line");
    return OL_OK;
}

/* name="…" or name=… among the parameters of content-disposition. */
static ol_str parameter_find(ol_str value, ol_str wanted)
{
    ol_str head;
    ol_str rest;
    if (!ol_str_cut(value, ';', &head, &rest))
        return (ol_str){"", 0};
    while (rest.len > 0) {
        ol_str name;
        ol_str tail;
        if (!ol_str_cut(rest, '=', &name, &tail))
            break;
        ol_str text;
        if (tail.len > 0 && tail.data[0] == '"') { /* may hold a `;` */
            if (!ol_str_cut(ol_str_slice(tail, 1, tail.len), '"', &text, &rest))
                break;
            ol_str skipped;
            if (!ol_str_cut(rest, ';', &skipped, &rest))
                rest = (ol_str){"", 0};
        } else if (!ol_str_cut(tail, ';', &text, &rest)) {
            text = tail;
            rest = (ol_str){"", 0};
        }
        if (ol_str_eq_nocase(ol_str_trim(name), wanted))
            return text;
    }
    return (ol_str){"", 0};
}

static void header_note(ol_str line, ol_multipart_part *part)
{
    ol_str name;
    ol_str value;
    if (!ol_str_cut(line, ':', &name, &value))
        return;
    value = ol_str_trim(value);
    if (ol_str_eq_nocase(name, OL_STR("content-disposition"))) {
        part->name = parameter_find(value, OL_STR("name"));
        part->filename = parameter_find(value, OL_STR("filename"));
    } else if (ol_str_eq_nocase(name, OL_STR("content-type"))) {
        part->type = value;
    }
}

static ol_rc head_read(ol_multipart *reader, ol_multipart_part *part, ol_err *err)
{
    size_t from = reader->at;
    for (;;) {
        ol_str rest = ol_str_slice(rest_of(reader), 0, OL_MULTIPART_HEAD_BYTES_MAX);
        size_t len;
        if (!ol_str_find(rest, OL_STR("\r\n"), &len))
            return ol_fail(err, OL_ERR_SYNTAX, "the head of a multipart part does not end");
        if (reader->at + len - from > OL_MULTIPART_HEAD_BYTES_MAX)
            return ol_fail(err, OL_ERR_LIMIT, "the head of a multipart part is too long");
        reader->at += len + 2;
        if (len == 0)
            return OL_OK;
        header_note(ol_str_slice(rest, 0, len), part);
    }
}

/* The content ends before CRLF--boundary. */
static ol_rc content_read(ol_multipart *reader, ol_multipart_part *part, ol_err *err)
{
    size_t from = reader->at;
    for (;;) {
        const uint8_t *start = reader->body.data + reader->at;
        size_t left = reader->body.len - reader->at;
        const uint8_t *at = left == 0 ? NULL : memmem(start, left, "\r\n--", 4);
        if (at == NULL)
            return ol_fail(err, OL_ERR_SYNTAX, "a multipart body does not end with its boundary");
        size_t end = (size_t)(at - reader->body.data);
        reader->at = end + 2;
        if (dashes_take(reader)) {
            part->content = (ol_bytes){reader->body.data + from, end - from};
            return boundary_end(reader, err);
        }
    }
}

/* Skips the preamble, which readers ignore (RFC 2046 5.1.1). */
static ol_rc first_find(ol_multipart *reader, ol_err *err)
{
    reader->started = true;
    if (dashes_take(reader))
        return boundary_end(reader, err);
    ol_multipart_part ignored;
    return content_read(reader, &ignored, err);
}

ol_rc ol_multipart_next(ol_multipart *reader, ol_multipart_part *ret, bool *ret_found, ol_err *err)
{
    ol_multipart_part part = {.name = {"", 0}, .filename = {"", 0}, .type = {"", 0}};
    if (!reader->started)
        OL_TRY(first_find(reader, err));
    if (reader->ended) {
        *ret_found = false;
        return OL_OK;
    }
    if (++reader->parts > OL_MULTIPART_PARTS_MAX)
        return ol_fail(err, OL_ERR_LIMIT, "more than %d multipart parts", OL_MULTIPART_PARTS_MAX);
    OL_TRY(head_read(reader, &part, err));
    /* An empty part may end at once: its CRLF is the one that ended the head. */
    reader->at -= 2;
    OL_TRY(content_read(reader, &part, err));
    if (part.content.len > 0) {
        part.content.data += 2;
        part.content.len -= 2;
    }
    *ret = part;
    *ret_found = true;
    return OL_OK;
}
