#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const ol_reason REASONS[OL_RC_COUNT] = {
    [OL_OK] = {"ok", 200, 0, true, ""},
#define OL_REASON(code, name, http, exit, terminal, hint)                                          \
    [OL_ERR_##code] = {name, http, exit, terminal, hint},
#include "lib/base/reasons.def"
#undef OL_REASON
};

const ol_reason *ol_reason_of(ol_rc rc)
{
    OL_ASSERT(rc >= OL_OK && rc < OL_RC_COUNT);
    return &REASONS[rc];
}

/* Cuts text that did not fit where a UTF-8 character begins, so that what is sent stays valid. */
static void end_at_character(char *text, size_t size)
{
    size_t end = size - 1;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80)
        end--;
    if (end > 0 && (unsigned char)text[end - 1] >= 0xC0)
        end--;
    text[end] = '\0';
}

static void print(char *text, size_t size, const char *format, va_list arguments) OL_PRINTF(3, 0);

static void print(char *text, size_t size, const char *format, va_list arguments)
{
    int wanted = vsnprintf(text, size, format, arguments);
    if (wanted >= 0 && (size_t)wanted >= size)
        end_at_character(text, size);
}

static void set(ol_err *err, ol_rc rc, const char *format, va_list arguments) OL_PRINTF(3, 0);

static void set(ol_err *err, ol_rc rc, const char *format, va_list arguments)
{
    err->rc = rc;
    err->notes = 0;
    print(err->text, sizeof err->text, format, arguments);
}

ol_rc ol_fail(ol_err *err, ol_rc rc, const char *format, ...)
{
    OL_ASSERT(rc != OL_OK);
    if (err == NULL)
        return rc;
    va_list arguments;
    va_start(arguments, format);
    set(err, rc, format, arguments);
    va_end(arguments);
    return rc;
}

ol_rc ol_fail_errno(ol_err *err, ol_rc rc, const char *format, ...)
{
    int cause = errno;
    OL_ASSERT(rc != OL_OK);
    if (err == NULL)
        return rc;
    va_list arguments;
    va_start(arguments, format);
    set(err, rc, format, arguments);
    va_end(arguments);
    (void)ol_note(err, "%s", strerrordesc_np(cause) != NULL ? strerrordesc_np(cause) : "errno");
    return rc;
}

ol_rc ol_note(ol_err *err, const char *format, ...)
{
    if (err == NULL)
        return OL_ERR_INTERNAL;
    if (err->notes < OL_ERR_NOTES_MAX) {
        va_list arguments;
        va_start(arguments, format);
        print(err->note[err->notes++], OL_ERR_NOTE_BYTES, format, arguments);
        va_end(arguments);
    }
    return err->rc;
}

ol_rc ol_prefix(ol_err *err, const char *prefix)
{
    if (err == NULL)
        return OL_ERR_INTERNAL;
    char text[OL_ERR_TEXT_BYTES];
    int wanted = snprintf(text, sizeof text, "%s%s", prefix, err->text);
    if (wanted >= 0 && (size_t)wanted >= sizeof text)
        end_at_character(text, sizeof text);
    memcpy(err->text, text, sizeof text);
    return err->rc;
}
