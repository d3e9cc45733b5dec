/* What lib/ takes from stdio.h; see ../src/format.c. */
#ifndef OL_CONTRACTS_LIBC_STDIO_H
#define OL_CONTRACTS_LIBC_STDIO_H

#include <stdarg.h>
#include <stddef.h>

int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
int snprintf(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
