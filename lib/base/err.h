/* Errors: a fallible function returns ol_rc (0 is success) and fills a caller-owned ol_err of fixed
 * size, so that failing never allocates. The text is what the requester may read, worded as in the
 * specification; notes are for the operator, innermost first, and never reach a requester. */
#ifndef OL_BASE_ERR_H
#define OL_BASE_ERR_H

#include "lib/base/assert.h"
#include "lib/base/str.h"

typedef enum ol_rc {
    OL_OK = 0,
#define OL_REASON(code, name, http, exit, terminal, hint) OL_ERR_##code,
#include "lib/base/reasons.def"
#undef OL_REASON
    OL_RC_COUNT
} ol_rc;

enum { OL_ERR_TEXT_BYTES = 1024, OL_ERR_NOTES_MAX = 6, OL_ERR_NOTE_BYTES = 192 };

typedef struct ol_err {
    ol_rc rc;
    char text[OL_ERR_TEXT_BYTES]; /* NUL-terminated, cut at a character boundary */
    unsigned notes;
    char note[OL_ERR_NOTES_MAX][OL_ERR_NOTE_BYTES];
} ol_err;

/* What a reason is, from reasons.def. */
typedef struct ol_reason {
    const char *name; /* stable, machine-readable */
    int http;         /* status an HTTP answer carries */
    int exit;         /* exit code of the command line (User experience 3) */
    bool terminal;    /* repeating the same request cannot help */
    const char *hint; /* what to do next; may be empty */
} ol_reason;

const ol_reason *ol_reason_of(ol_rc rc); /* never NULL */

/* Start an error. Returns `rc`, so that callers write `return ol_fail(...)`. `err` may be NULL. */
ol_rc ol_fail(ol_err *err, ol_rc rc, const char *format, ...) OL_PRINTF(3, 4);
/* The same with `: strerror(errno)` as a note. */
ol_rc ol_fail_errno(ol_err *err, ol_rc rc, const char *format, ...) OL_PRINTF(3, 4);
/* Adds what we were doing, for the operator. Returns the error's code. */
ol_rc ol_note(ol_err *err, const char *format, ...) OL_PRINTF(2, 3);
/* Puts words before the text. Returns the error's code. */
ol_rc ol_prefix(ol_err *err, const char *prefix);

static inline ol_str ol_err_text(const ol_err *err)
{
    return ol_str_of(err->text);
}

/* Pass an error on. */
#define OL_TRY(expression)                                                                         \
    do {                                                                                           \
        ol_rc ol_try_rc_ = (expression);                                                           \
        if (ol_try_rc_ != OL_OK)                                                                   \
            return ol_try_rc_;                                                                     \
    } while (0)

/* Pass an error on and say what we were doing. */
#define OL_TRY_NOTE(err, expression, ...)                                                          \
    do {                                                                                           \
        ol_rc ol_try_rc_ = (expression);                                                           \
        if (ol_try_rc_ != OL_OK) {                                                                 \
            (void)ol_note((err), __VA_ARGS__);                                                     \
            return ol_try_rc_;                                                                     \
        }                                                                                          \
    } while (0)

#endif
