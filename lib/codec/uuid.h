/* UUIDs: random ones (version 4), as text of 36 characters in lower case. */
#ifndef OL_CODEC_UUID_H
#define OL_CODEC_UUID_H

#include "lib/base/str.h"

enum { OL_UUID_BYTES = 16, OL_UUID_TEXT_LEN = 36 };

typedef struct ol_uuid {
    uint8_t bytes[OL_UUID_BYTES];
} ol_uuid;

typedef struct ol_uuid_text {
    char data[OL_UUID_TEXT_LEN + 1]; /* NUL-terminated */
} ol_uuid_text;

/* Version and variant bits are set in 16 random bytes of the caller (lib/crypto/random.h). */
ol_uuid ol_uuid_from_random(const uint8_t random[OL_UUID_BYTES]);
/* Any version, hyphens required, both cases; false leaves *ret as it was. */
bool ol_uuid_parse(ol_str text, ol_uuid *ret);
ol_uuid_text ol_uuid_format(ol_uuid uuid);

static inline ol_str ol_uuid_str(const ol_uuid_text *text)
{
    return (ol_str){text->data, OL_UUID_TEXT_LEN};
}

#endif
