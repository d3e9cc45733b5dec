#include "lib/base/buf.h"
#include "lib/base/num.h"
#include "lib/net/multipart.h"
#include "tests/harness/test.h"

#define TYPE OL_STR("multipart/form-data; boundary=B")

static ol_rc read_all(ol_str type, ol_str body, ol_multipart_part *parts, size_t *ret_count)
{
    ol_multipart reader;
    ol_err err;
    bool found = true;
    *ret_count = 0;
    OL_TRY(ol_multipart_open(type, ol_str_bytes(body), &reader, &err));
    for (;;) {
        ol_multipart_part part;
        OL_TRY(ol_multipart_next(&reader, &part, &found, &err));
        if (!found)
            return OL_OK;
        parts[(*ret_count)++] = part;
    }
}

TEST("parts come in order, with name, file name, type and exact content")
{
    ol_multipart_part parts[OL_MULTIPART_PARTS_MAX];
    size_t count;
    ol_str body = OL_STR("--B\r\ncontent-disposition: form-data; name=\"checksum\"\r\n\r\nabc\r\n"
                         "--B\r\nContent-Disposition: form-data; name=\"wasm_file\"; "
                         "filename=\"a;b.wasm\"\r\nContent-Type: application/wasm\r\n\r\n"
                         "\0asm\r\n--Cx\r\n\r\n--B--\r\n");
    CHECK_EQ(read_all(TYPE, body, parts, &count), OL_OK);
    CHECK_EQ(count, 2);
    CHECK_STR(parts[0].name, OL_STR("checksum"));
    CHECK_STR(ol_bytes_str(parts[0].content), OL_STR("abc"));
    CHECK_STR(parts[0].filename, OL_STR(""));
    CHECK_STR(parts[1].filename, OL_STR("a;b.wasm"));
    CHECK_STR(parts[1].type, OL_STR("application/wasm"));
}

TEST("content may hold what looks like a boundary but is a longer word")
{
    ol_multipart_part parts[OL_MULTIPART_PARTS_MAX];
    size_t count;
    ol_str body = OL_STR("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--C\r\n--B--");
    CHECK_EQ(read_all(TYPE, body, parts, &count), OL_OK);
    CHECK_EQ(count, 1);
    CHECK_STR(ol_bytes_str(parts[0].content), OL_STR("x\r\n--C"));
    CHECK_STR(parts[0].name, OL_STR("a"));
}

TEST("an empty part has no content, a preamble is passed over")
{
    ol_multipart_part parts[OL_MULTIPART_PARTS_MAX];
    size_t count;
    ol_str body = OL_STR("before\r\n--B\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n"
                         "\r\n--B \r\ncontent-disposition: form-data; name=\"b\"\r\n\r\n--B--");
    CHECK_EQ(read_all(TYPE, body, parts, &count), OL_OK);
    CHECK_EQ(count, 2);
    CHECK_EQ(parts[0].content.len, 0);
    CHECK_EQ(parts[1].content.len, 0);
}

TEST("a content type without a usable boundary is refused")
{
    static const char *const types[] = {
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=B",
        ("multipart/form-data; "
         "boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    };
    OL_EACH (type, types) {
        ol_multipart reader;
        ol_err err;
        CHECK_EQ_ROW(ol_multipart_open(ol_str_of(*type), (ol_bytes){0}, &reader, &err),
                     OL_ERR_INVALID, *type);
        CHECK_STR(ol_err_text(&err),
                  OL_STR("Invalid `boundary` for `multipart/form-data` request"));
    }
}

TEST("a body that stops early or breaks its frame is refused")
{
    static const char *const bodies[] = {
        "",
        "--B",
        "--B\r\n",
        "--B\r\nname: x",
        "--B\r\nname: x\r\n\r\ncontent",
        "--B\r\nname: x\r\n\r\ncontent\r\n--Bx",
        "--B x\r\n",
    };
    OL_EACH (body, bodies) {
        ol_multipart_part parts[OL_MULTIPART_PARTS_MAX];
        size_t count;
        CHECK_EQ_ROW(read_all(TYPE, ol_str_of(*body), parts, &count), OL_ERR_SYNTAX, *body);
    }
}

TEST("the number of parts and the length of their heads are limited")
{
    ol_multipart_part parts[OL_MULTIPART_PARTS_MAX + 1];
    size_t count;
    ol_buf body = ol_buf_new(OL_KIB(64));
    for (int i = 0; i <= OL_MULTIPART_PARTS_MAX; i++)
        ol_buf_addf(&body, "--B\r\n\r\n\r\n");
    ol_buf_addf(&body, "--B--");
    CHECK_EQ(read_all(TYPE, ol_buf_str(&body), parts, &count), OL_ERR_LIMIT);
    ol_buf_clear(&body);
    ol_buf_addf(&body, "--B\r\n");
    for (int i = 0; i < OL_MULTIPART_HEAD_BYTES_MAX; i++)
        ol_buf_addf(&body, "a: b\r\n");
    CHECK_EQ(read_all(TYPE, ol_buf_str(&body), parts, &count), OL_ERR_LIMIT);
    ol_buf_deinit(&body);
}
