/* For the guest library's own files: results of host functions as the canonical ABI writes them. */
#ifndef OUTLAYER_HOST_H
#define OUTLAYER_HOST_H

#include "sdk/outlayer.h"

/* A string or list<u8> in memory that cabi_realloc gave out: ours to free. */
typedef struct host_list {
    uint8_t *data;
    size_t len;
} host_list;

_Static_assert(sizeof(host_list) == 2 * sizeof(uint32_t), "a list is pointer and length, 32 bits");

#define HOST_IMPORT(interface, function)                                                           \
    __attribute__((import_module(interface), import_name(function)))

/* Keeps the text for ol_last_error, takes its memory, and finds the code it means. */
int32_t host_failed(host_list text);
/* The same for a text of ours, which is copied. Returns `code`. */
int32_t host_fail(int32_t code, ol_str text);
ol_buf host_buf(host_list list); /* moves it into a buffer */

void *cabi_realloc(void *old, size_t old_bytes, size_t alignment, size_t bytes);
enum { HOST_ALIGNMENT_MAX = 16 }; /* what malloc gives; no type of ours wants more than 8 */

#endif
