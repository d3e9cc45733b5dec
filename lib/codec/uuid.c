#include "lib/codec/uuid.h"

#include <string.h>

#include "lib/codec/hex.h"

/* 8-4-4-4-12 digits: bytes of each group. */
static const size_t GROUPS[] = {4, 2, 2, 2, 6};

ol_uuid ol_uuid_from_random(const uint8_t random[OL_UUID_BYTES])
{
    ol_uuid uuid;
    memcpy(uuid.bytes, random, sizeof uuid.bytes);
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0F) | 0x40); /* RFC 9562 5.4 */
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3F) | 0x80);
    return uuid;
}

bool ol_uuid_parse(ol_str text, ol_uuid *ret)
{
    ol_uuid uuid;
    size_t byte = 0;
    if (text.len != OL_UUID_TEXT_LEN)
        return false;
    for (size_t group = 0; group < OL_COUNT(GROUPS); group++) {
        size_t digits = 2 * GROUPS[group];
        if (group > 0) {
            if (text.data[0] != '-')
                return false;
            text = ol_str_slice(text, 1, text.len);
        }
        if (!ol_hex_decode_fixed(ol_str_slice(text, 0, digits), uuid.bytes + byte, GROUPS[group]))
            return false;
        text = ol_str_slice(text, digits, text.len);
        byte += GROUPS[group];
    }
    *ret = uuid;
    return true;
}

ol_uuid_text ol_uuid_format(ol_uuid uuid)
{
    ol_uuid_text text = {{0}};
    char *at = text.data;
    size_t byte = 0;
    for (size_t group = 0; group < OL_COUNT(GROUPS); group++) {
        if (group > 0)
            *at++ = '-';
        ol_hex_encode((ol_bytes){uuid.bytes + byte, GROUPS[group]}, at);
        at += 2 * GROUPS[group];
        byte += GROUPS[group];
    }
    return text;
}
