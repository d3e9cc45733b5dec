/* What lib/ takes from stdlib.h; see ../src/alloc.c. */
#ifndef OL_CONTRACTS_LIBC_STDLIB_H
#define OL_CONTRACTS_LIBC_STDLIB_H

#include <stddef.h>

void *malloc(size_t bytes);
void *calloc(size_t count, size_t item_bytes);
void *realloc(void *old, size_t bytes);
void free(void *memory);

#endif
