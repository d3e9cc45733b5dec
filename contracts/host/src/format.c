/* printf for error texts: %s %.*s %d %u %%, with l, ll and z. Another one traps. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

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

static void put_number(sink *s, uint64_t value)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    while (count > 0)
        put(s, digits[--count]);
}

static void put_signed(sink *s, int64_t value)
{
    if (value < 0)
        put(s, '-');
    put_number(s, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void put_string(sink *s, const char *text, int precision)
{
    for (int i = 0; (precision < 0 || i < precision) && text[i] != '\0'; i++)
        put(s, text[i]);
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
        int longs = 0;
        format++;
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
        case 'd':
            put_signed(&s, wide ? va_arg(arguments, int64_t) : va_arg(arguments, int32_t));
            break;
        case 'u':
            put_number(&s, wide ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t));
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
