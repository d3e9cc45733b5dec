#include "services/runner/stderr_text.h"

enum { SEQUENCE_BYTES_MAX = 4 };

static const uint8_t REPLACEMENT[] = {0xef, 0xbf, 0xbd};

/* Length of the sequence at the start of `s`, which is not empty. `*ret_valid` says whether it is a
 * character; otherwise the length is that of the part to replace. Unicode 15, table 3-7. */
static size_t sequence(ol_bytes s, bool *ret_valid)
{
    uint8_t lead = s.data[0], low = 0x80, high = 0xbf;
    size_t want;
    *ret_valid = true;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        want = 2;
    else if (lead >= 0xe0 && lead <= 0xef)
        want = 3;
    else if (lead >= 0xf0 && lead <= 0xf4)
        want = SEQUENCE_BYTES_MAX;
    else {
        *ret_valid = false;
        return 1;
    }
    if (lead == 0xe0)
        low = 0xa0;
    else if (lead == 0xed)
        high = 0x9f; /* no surrogates */
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f;
    for (size_t i = 1; i < want; i++) {
        if (i >= s.len || s.data[i] < low || s.data[i] > high) {
            *ret_valid = false;
            return i;
        }
        low = 0x80;
        high = 0xbf;
    }
    return want;
}

static bool starts_character(uint8_t byte)
{
    return (byte & 0xc0) != 0x80;
}

void stderr_text_add(ol_bytes raw, ol_buf *text)
{
    /* A byte never decodes to less than one: what lies further back cannot be in the last part. */
    if (raw.len > STDERR_TEXT_BYTES_MAX + SEQUENCE_BYTES_MAX) {
        size_t skip = raw.len - STDERR_TEXT_BYTES_MAX - SEQUENCE_BYTES_MAX;
        raw = (ol_bytes){raw.data + skip, raw.len - skip};
        for (size_t i = 0; i < SEQUENCE_BYTES_MAX - 1 && !starts_character(raw.data[0]); i++)
            raw = (ol_bytes){raw.data + 1, raw.len - 1};
    }
    ol_buf decoded = ol_buf_new(sizeof REPLACEMENT * (STDERR_TEXT_BYTES_MAX + SEQUENCE_BYTES_MAX));
    while (raw.len > 0) {
        bool valid;
        size_t n = sequence(raw, &valid);
        ol_buf_add(&decoded,
                   valid ? (ol_bytes){raw.data, n} : (ol_bytes){REPLACEMENT, sizeof REPLACEMENT});
        raw = (ol_bytes){raw.data + n, raw.len - n};
    }
    size_t from = 0;
    if (decoded.len > STDERR_TEXT_BYTES_MAX)
        from = decoded.len - STDERR_TEXT_BYTES_MAX;
    while (from < decoded.len && !starts_character(decoded.data[from]))
        from++;
    if (decoded.len > 0)
        ol_buf_add(text, (ol_bytes){decoded.data + from, decoded.len - from});
    ol_buf_deinit(&decoded);
}
