/* What lib/ takes from string.h; see ../src/memory.c. */
#ifndef OL_CONTRACTS_LIBC_STRING_H
#define OL_CONTRACTS_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memchr(const void *in, int byte, size_t bytes);
size_t strlen(const char *text);

const char *strerrordesc_np(int cause); /* named by a function that no contract links */

#endif
