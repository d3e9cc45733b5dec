/* Where in a document an error stands. Private to this library. */
#ifndef OL_CODEC_JSON_ERROR_H
#define OL_CODEC_JSON_ERROR_H

#include "lib/base/err.h"

/* Starts an error `path: words at line L column C`. The path is that of the value which is being
 * read behind the bytes [doc, behind); line and column are those of the byte `at` (the document's
 * last one when `at` is its end). */
ol_rc ol__json_fail(ol_err *err, ol_rc rc, const char *doc, const char *behind, const char *at,
                    const char *end, const char *words);

#endif
