#include "lib/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

ol_buf ol_buf_new(size_t bytes_max)
{
    return (ol_buf){.max = bytes_max};
}

ol_buf ol_buf_over(void *storage, size_t storage_bytes)
{
    return (ol_buf){.data = storage, .size = storage_bytes, .max = storage_bytes, .fixed = true};
}

void ol_buf_deinit(ol_buf *buf)
{
    if (!buf->fixed)
        free(buf->data);
    *buf = (ol_buf){0};
}

void ol_buf_clear(ol_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

static bool grow(ol_buf *buf, size_t wanted)
{
    if (buf->fixed || wanted > buf->max)
        return false;
    size_t size = buf->size == 0 ? FIRST_BYTES : buf->size;
    while (size < wanted) {
        if (!ol_size_mul(size, 2, &size))
            return false;
    }
    if (size > buf->max)
        size = buf->max;
    uint8_t *data = realloc(buf->data, size);
    if (data == NULL)
        return false;
    buf->data = data;
    buf->size = size;
    return true;
}

uint8_t *ol_buf_reserve(ol_buf *buf, size_t bytes)
{
    size_t wanted;
    if (buf->failed)
        return NULL;
    if (!ol_size_add(buf->len, bytes, &wanted) || (wanted > buf->size && !grow(buf, wanted))) {
        buf->failed = true;
        return NULL;
    }
    return buf->data + buf->len;
}

void ol_buf_add(ol_buf *buf, ol_bytes bytes)
{
    if (bytes.len == 0)
        return;
    bool fits = !buf->failed && bytes.len <= buf->size - buf->len;
    uint8_t *at = fits ? buf->data + buf->len : ol_buf_reserve(buf, bytes.len);
    if (at == NULL)
        return;
    memcpy(at, bytes.data, bytes.len);
    buf->len += bytes.len;
}

void ol_buf_add_str(ol_buf *buf, ol_str text)
{
    ol_buf_add(buf, ol_str_bytes(text));
}

void ol_buf_add_char(ol_buf *buf, char c)
{
    if (!buf->failed && buf->len < buf->size) /* nearly always, and called for every comma */
        buf->data[buf->len++] = (uint8_t)c;
    else
        ol_buf_add(buf, (ol_bytes){(const uint8_t *)&c, 1});
}

void ol_buf_vaddf(ol_buf *buf, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int wanted = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (wanted < 0) {
        buf->failed = true;
        return;
    }
    /* vsnprintf ends with a NUL, which needs a place though it does not count. */
    char *at = (char *)ol_buf_reserve(buf, (size_t)wanted + 1);
    if (at == NULL)
        return;
    (void)vsnprintf(at, (size_t)wanted + 1, format, arguments);
    buf->len += (size_t)wanted;
}

void ol_buf_addf(ol_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ol_buf_vaddf(buf, format, arguments);
    va_end(arguments);
}

uint8_t *ol_buf_take(ol_buf *buf, size_t *ret_len)
{
    OL_ASSERT(!buf->fixed);
    uint8_t *data = buf->data;
    *ret_len = buf->len;
    *buf = (ol_buf){.max = buf->max};
    return data;
}
