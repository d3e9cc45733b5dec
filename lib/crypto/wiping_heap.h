/* A heap that forgets: in a program that holds other people's secrets, every block is overwritten
 * before it is given back, whoever owned it - a buffer that grew, an arena, libcurl, libmicrohttpd.
 * Plaintext passes through so many hands on its way from a request to an answer that wiping it at
 * each of them would sooner or later miss one.
 *
 * Linking ol_wiping_heap puts `free` and `realloc` in front of the C library's; it is for programs,
 * not for libraries. What it costs is a memset of what is freed (blocks of a MiB and more give
 * their pages back instead). What it does not reach: storage that is kept for reuse (ol_buf_clear)
 * and stacks. */
#ifndef OL_CRYPTO_WIPING_HEAP_H
#define OL_CRYPTO_WIPING_HEAP_H

/* First thing in main. Under ASan, which has a heap of its own, this is what makes its free
 * overwrite; under TSan nothing does; elsewhere the call only ties the program to this file. */
void ol_wiping_heap_start(void);

#endif
