#include "services/runner/stderr_text.h"

#include "lib/codec/utf8.h"

enum { CHARACTER_BYTES_MAX = 4, REPLACEMENT_BYTES = 3 };

static bool starts_character(uint8_t byte)
{
    return (byte & 0xc0) != 0x80;
}

void stderr_text_add(ol_bytes raw, ol_buf *text)
{
    /* A byte never decodes to less than one: what lies further back cannot be in the last part. */
    if (raw.len > STDERR_TEXT_BYTES_MAX + CHARACTER_BYTES_MAX) {
        size_t skip = raw.len - STDERR_TEXT_BYTES_MAX - CHARACTER_BYTES_MAX;
        raw = (ol_bytes){raw.data + skip, raw.len - skip};
        for (size_t i = 0; i < CHARACTER_BYTES_MAX - 1 && !starts_character(raw.data[0]); i++)
            raw = (ol_bytes){raw.data + 1, raw.len - 1};
    }
    ol_buf decoded =
        ol_buf_new(REPLACEMENT_BYTES * (size_t)(STDERR_TEXT_BYTES_MAX + CHARACTER_BYTES_MAX));
    ol_utf8_add_lossy(&decoded, raw);
    size_t from = 0;
    if (decoded.len > STDERR_TEXT_BYTES_MAX)
        from = decoded.len - STDERR_TEXT_BYTES_MAX;
    while (from < decoded.len && !starts_character(decoded.data[from]))
        from++;
    if (decoded.len > 0)
        ol_buf_add(text, (ol_bytes){decoded.data + from, decoded.len - from});
    ol_buf_deinit(&decoded);
}
