/* Doubles as decimal text, exact in both directions: reading rounds correctly (to nearest, ties to
 * even), printing gives the shortest digits that read back as the same double. Freestanding. */
#ifndef OL_CODEC_DOUBLE_H
#define OL_CODEC_DOUBLE_H

#include "lib/base/str.h"

/* `-1.7976931348623157e+308` has 24 characters. */
enum { OL_DOUBLE_TEXT_MAX = 32 };

typedef struct ol_double_text {
    char data[OL_DOUBLE_TEXT_MAX]; /* NUL-terminated */
    size_t len;
} ol_double_text;

/* `number` has the form of a JSON number. false: its magnitude passes the largest double. */
bool ol_double_parse(ol_str number, double *ret);

/* A finite value in the form of Coordinator 19: `1.0`, `0.00001`, `1e-6`, `1e+16`, `-0.0`. */
ol_double_text ol_double_format(double value);

#endif
