/* Secret bytes: wiped at the end, compared in constant time. There is deliberately no view as
 * ol_str and no row in KV, so that logging or printing one does not compile (a test proves it);
 * whoever needs the bytes says so by calling ol_secret_reveal. */
#ifndef OL_CRYPTO_SECRET_H
#define OL_CRYPTO_SECRET_H

#include "lib/base/assert.h"
#include "lib/base/str.h"

enum { OL_SECRET_BYTES_MAX = 256 };

typedef struct ol_secret {
    size_t len;
    uint8_t bytes[OL_SECRET_BYTES_MAX];
} ol_secret;

/* Copies; false (and *ret empty) when longer than OL_SECRET_BYTES_MAX. The source stays the
 * caller's to wipe. */
OL_MUST_USE bool ol_secret_of(ol_bytes bytes, ol_secret *ret);
void ol_secret_deinit(ol_secret *secret); /* wipes; OL_AUTO(ol_secret) does it by itself */

/* Borrowed, for the one call that needs it. */
ol_bytes ol_secret_reveal(const ol_secret *secret);

/* Lengths may leak, contents do not. */
bool ol_secret_eq(const ol_secret *a, const ol_secret *b);
bool ol_bytes_eq_secret(ol_bytes a, ol_bytes b); /* constant time in the contents */
void ol_wipe(void *data, size_t size);           /* the compiler may not leave it out */

/* For a program that holds secrets, first thing: no core file, no look into its memory by others
 * of the same user (ptrace, /proc/PID/mem, /proc/PID/environ). */
void ol_secret_hide_process(void);

#endif
