/* Writing JSON, compact, into a buffer; commas are the writer's business.
 *
 *   ol_json_writer w = ol_json_writer_over(&buf);
 *   ol_json_object_begin(&w);
 *   ol_json_put_str(&w, "status", status);   // put: a member of an object
 *   ol_json_key(&w, "costs");
 *   ol_json_array_begin(&w);
 *   ol_json_add_dec(&w, usd.micro);          // add: a value where one is due
 *   ol_json_array_end(&w);
 *   ol_json_object_end(&w);
 *   if (!ol_buf_ok(&buf)) …                  // the one place where failure shows
 *
 * Text that is not UTF-8 is written with U+FFFD in place of the bad bytes, so that what is written
 * is always JSON. Non-ASCII stays unescaped; control bytes are \b \f \n \r \t or \u00xx. */
#ifndef OL_CODEC_JSON_WRITE_H
#define OL_CODEC_JSON_WRITE_H

#include "lib/base/buf.h"

typedef struct ol_json_writer {
    ol_buf *into;
    unsigned depth;
    bool comma;  /* a value stands before the next one */
    bool nested; /* within a document that travels as a string */
} ol_json_writer;

ol_json_writer ol_json_writer_over(ol_buf *into); /* appends; `into` stays the caller's */

void ol_json_object_begin(ol_json_writer *w);
void ol_json_object_end(ol_json_writer *w);
void ol_json_array_begin(ol_json_writer *w);
void ol_json_array_end(ol_json_writer *w);

/* The next value belongs to this key. */
void ol_json_key(ol_json_writer *w, const char *key);
void ol_json_key_str(ol_json_writer *w, ol_str key);

void ol_json_add_null(ol_json_writer *w);
void ol_json_add_bool(ol_json_writer *w, bool value);
void ol_json_add_str(ol_json_writer *w, ol_str value);
void ol_json_add_cstr(ol_json_writer *w, const char *value);
void ol_json_add_u64(ol_json_writer *w, uint64_t value);
void ol_json_add_i64(ol_json_writer *w, int64_t value);
void ol_json_add_u128(ol_json_writer *w, ol_u128 value);  /* 123 */
void ol_json_add_dec(ol_json_writer *w, ol_u128 value);   /* "123", as money travels */
void ol_json_add_double(ol_json_writer *w, double value); /* shortest; null when not finite */
void ol_json_add_hex(ol_json_writer *w, ol_bytes value);  /* lower case, in quotes */
void ol_json_add_base64(ol_json_writer *w, ol_bytes value);
void ol_json_add_byte_array(ol_json_writer *w, ol_bytes value); /* [0,255,…] */
void ol_json_add_raw(ol_json_writer *w, ol_str json);           /* one JSON value, as it is */

/* Key and value in one. */
#define OL_JSON_PUT(suffix, type)                                                                  \
    void ol_json_put_##suffix(ol_json_writer *w, const char *key, type value);
#define OL_JSON_PUTS                                                                               \
    OL_JSON_PUT(bool, bool)                                                                        \
    OL_JSON_PUT(str, ol_str)                                                                       \
    OL_JSON_PUT(cstr, const char *)                                                                \
    OL_JSON_PUT(u64, uint64_t)                                                                     \
    OL_JSON_PUT(i64, int64_t)                                                                      \
    OL_JSON_PUT(u128, ol_u128)                                                                     \
    OL_JSON_PUT(dec, ol_u128)                                                                      \
    OL_JSON_PUT(double, double)                                                                    \
    OL_JSON_PUT(hex, ol_bytes)                                                                     \
    OL_JSON_PUT(base64, ol_bytes)                                                                  \
    OL_JSON_PUT(byte_array, ol_bytes)                                                              \
    OL_JSON_PUT(raw, ol_str)
OL_JSON_PUTS
#undef OL_JSON_PUT
void ol_json_put_null(ol_json_writer *w, const char *key);

/* A string that holds a document: what is written until the end is escaped once more as it goes.
 * One level deep. */
void ol_json_text_begin(ol_json_writer *w);
void ol_json_text_end(ol_json_writer *w);

/* A string's text with escapes, without quotes around. */
void ol_json_escape(ol_buf *into, ol_str text);

#endif
