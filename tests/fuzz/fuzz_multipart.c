/* The first line is the content type, the rest the body: every part lies inside the body. */
#include "lib/net/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ol_str type;
    ol_str body;
    ol_multipart reader;
    ol_multipart_part part;
    ol_err err;
    bool found = true;
    unsigned parts = 0;
    if (!ol_str_cut((ol_str){(const char *)data, size}, '\n', &type, &body) ||
        ol_multipart_open(type, ol_str_bytes(body), &reader, &err) != OL_OK)
        return 0;
    while (ol_multipart_next(&reader, &part, &found, &err) == OL_OK && found) {
        OL_ASSERT(++parts <= OL_MULTIPART_PARTS_MAX);
        OL_ASSERT(part.content.data >= data && part.content.data + part.content.len <= data + size);
        OL_ASSERT(part.name.len <= size && part.filename.len <= size);
    }
    return 0;
}
