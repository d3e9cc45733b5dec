/* A growing byte buffer with a maximum. Failure is sticky: an append that would pass the maximum
 * (or finds no memory) changes nothing and marks the buffer, so that a writer appends freely and
 * asks ol_buf_ok once. */
#ifndef OL_BASE_BUF_H
#define OL_BASE_BUF_H

#include <stdarg.h>

#include "lib/base/assert.h"
#include "lib/base/num.h"

typedef struct ol_buf {
    uint8_t *data;
    size_t len;
    size_t size; /* bytes allocated */
    size_t max;  /* bytes it may ever hold */
    bool fixed;  /* storage belongs to the caller and never grows */
    bool failed;
} ol_buf;

ol_buf ol_buf_new(size_t bytes_max); /* on the heap, allocated when first used */
ol_buf ol_buf_over(void *storage, size_t storage_bytes); /* in the caller's storage */
void ol_buf_deinit(ol_buf *buf);
void ol_buf_clear(ol_buf *buf); /* length 0, not failed; storage is kept */

/* Room for `bytes` more, to be written by the caller and then added to len; NULL when it fails. */
uint8_t *ol_buf_reserve(ol_buf *buf, size_t bytes);

void ol_buf_add(ol_buf *buf, ol_bytes bytes);
void ol_buf_add_str(ol_buf *buf, ol_str text);
void ol_buf_add_char(ol_buf *buf, char c);
void ol_buf_addf(ol_buf *buf, const char *format, ...) OL_PRINTF(2, 3);
void ol_buf_vaddf(ol_buf *buf, const char *format, va_list arguments) OL_PRINTF(2, 0);

static inline bool ol_buf_ok(const ol_buf *buf)
{
    return !buf->failed;
}

/* Borrowed views; they die at the next append. */
static inline ol_bytes ol_buf_bytes(const ol_buf *buf)
{
    return (ol_bytes){buf->data, buf->len};
}

static inline ol_str ol_buf_str(const ol_buf *buf)
{
    return (ol_str){(const char *)buf->data, buf->len};
}

/* Moves the heap storage out; the buffer is empty afterwards. The caller frees with free(). */
uint8_t *ol_buf_take(ol_buf *buf, size_t *ret_len);

#endif
