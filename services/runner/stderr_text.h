/* What a guest wrote to stderr, as the text of an error (Host interfaces 2). */
#ifndef OUTLAYER_RUNNER_STDERR_TEXT_H
#define OUTLAYER_RUNNER_STDERR_TEXT_H

#include "lib/base/buf.h"

enum { STDERR_TEXT_BYTES_MAX = 16 << 10 };

/* Appends the bytes decoded as UTF-8, each maximal broken sequence replaced by U+FFFD, cut to the
 * last STDERR_TEXT_BYTES_MAX at a character boundary. */
void stderr_text_add(ol_bytes raw, ol_buf *text);

#endif
