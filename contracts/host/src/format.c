/* printf for error texts: %s %.*s %c %d %i %u %x, with l, ll, z, 0 and width. No floating point. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/assert.h"

typedef struct sink {
    char *to;
    size_t size;
    size_t len; /* what all of it would take */
} sink;

static void put(sink *s, char c)
{
    if (s->len + 1 < s->size)
        s->to[s->len] = c;
    s->len++;
}

static void put_text(sink *s, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put(s, text[i]);
}

static void put_number(sink *s, uint64_t value, unsigned base, size_t width, char fill)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    for (; width > count; width--)
        put(s, fill);
    while (count > 0)
        put(s, digits[--count]);
}

static void put_signed(sink *s, int64_t value, size_t width, char fill)
{
    if (value < 0)
        put(s, '-');
    put_number(s, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, width, fill);
}

static void put_string(sink *s, const char *text, int precision)
{
    size_t len = 0;
    while ((precision < 0 || len < (size_t)precision) && text[len] != '\0')
        len++;
    put_text(s, text, len);
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    sink s = {to, size, 0};
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(&s, *format);
            continue;
        }
        int precision = -1;
        size_t width = 0;
        int longs = 0;
        format++;
        char fill = *format == '0' ? '0' : ' ';
        for (; *format >= '0' && *format <= '9'; format++)
            width = width * 10 + (size_t)(*format - '0');
        if (format[0] == '.' && format[1] == '*') {
            precision = va_arg(arguments, int);
            format += 2;
        }
        for (; *format == 'l' || *format == 'z'; format++)
            longs += *format == 'l';
        bool wide = longs == 2; /* long and size_t have 32 bits here */
        switch (*format) {
        case 's':
            put_string(&s, va_arg(arguments, const char *), precision);
            break;
        case 'c':
            put(&s, (char)va_arg(arguments, int));
            break;
        case 'd':
        case 'i':
            put_signed(&s, wide ? va_arg(arguments, int64_t) : va_arg(arguments, int32_t), width,
                       fill);
            break;
        case 'u':
        case 'x':
            put_number(&s, wide ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t),
                       *format == 'x' ? 16 : 10, width, fill);
            break;
        case '%':
            put(&s, '%');
            break;
        default:
            OL_UNREACHABLE();
        }
    }
    if (size > 0)
        to[s.len < size ? s.len : size - 1] = '\0';
    return (int)s.len;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(to, size, format, arguments);
    va_end(arguments);
    return len;
}
