/* UTF-8 as Unicode defines it: shortest forms, no surrogates, at most U+10FFFF. */
#ifndef OL_CODEC_UTF8_H
#define OL_CODEC_UTF8_H

#include "lib/base/buf.h"

bool ol_utf8_valid(ol_str text);
/* Length of the valid text at the start. */
size_t ol_utf8_valid_len(ol_str text);

/* Appends the text with U+FFFD for every maximal run that is no character (what decoders of the
 * Web and Rust do). */
void ol_utf8_add_lossy(ol_buf *into, ol_bytes bytes);

/* The longest start of at most `bytes_max` bytes that does not end inside a character. */
ol_str ol_utf8_cut(ol_str text, size_t bytes_max);

/* Bytes of the valid character at the start of `text`: 1-4; 0 when there is none. */
size_t ol_utf8_char_len(ol_str text);
/* Writes the code point (a scalar value) as 1-4 bytes; returns how many. */
size_t ol_utf8_put(uint32_t code_point, char ret[4]);

#endif
