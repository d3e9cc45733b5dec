/* Logs: a constant event name and typed fields, one line each, on standard error:
 *
 *   2026-03-01T09:30:00.000Z info worker job_done call_id=3fa1… instructions=501
 *
 * Libraries return, programs log; each failure once, where it stops travelling. Values of guests
 * and clients are quoted data. Values with spaces, quotes or control bytes are written in double
 * quotes with \" \\ and \xNN, cut to OL_LOG_VALUE_BYTES_MAX. A secret has no row in OL_KV, so
 * logging one does not compile. */
#ifndef OL_BASE_LOG_H
#define OL_BASE_LOG_H

#include "lib/base/err.h"
#include "lib/base/num.h"

typedef enum ol_level { OL_DEBUG, OL_INFO, OL_WARN, OL_ERROR } ol_level;

enum { OL_LOG_VALUE_BYTES_MAX = 512, OL_LOG_LINE_BYTES_MAX = 4096 };

/* Once, before threads start: the program's name in every line, and the lowest level written. */
void ol_log_open(const char *program, ol_level lowest);
bool ol_level_parse(ol_str text, ol_level *ret); /* debug info warn error */

typedef struct ol_field {
    const char *name; /* NULL ends the list */
    enum { OL_FIELD_TEXT, OL_FIELD_SIGNED, OL_FIELD_UNSIGNED, OL_FIELD_BOOL } kind;
    union {
        ol_str text;
        int64_t i;
        ol_u128 u;
        bool b;
    };
} ol_field;

ol_field ol_field_str(const char *name, ol_str value);
ol_field ol_field_cstr(const char *name, const char *value);
ol_field ol_field_i64(const char *name, int64_t value);
ol_field ol_field_u64(const char *name, uint64_t value);
ol_field ol_field_u128(const char *name, ol_u128 value);
ol_field ol_field_bool(const char *name, bool value);

#define KV(name, value)                                                                            \
    _Generic((value),                                                                              \
        ol_str: ol_field_str,                                                                      \
        char *: ol_field_cstr,                                                                     \
        const char *: ol_field_cstr,                                                               \
        bool: ol_field_bool,                                                                       \
        int: ol_field_i64,                                                                         \
        long: ol_field_i64,                                                                        \
        unsigned: ol_field_u64,                                                                    \
        unsigned long: ol_field_u64,                                                               \
        ol_u128: ol_field_u128)(name, value)

#define OL_LOG(level, event, ...)                                                                  \
    ol_log_write((level), (event), (const ol_field[]){__VA_ARGS__ __VA_OPT__(, ){.name = NULL}})

void ol_log_write(ol_level level, const char *event, const ol_field *fields);

/* An error with its reason, text and notes, and fields of the event. */
#define OL_LOG_ERR(level, event, err, ...)                                                         \
    ol_log_error((level), (event), (err),                                                          \
                 (const ol_field[]){__VA_ARGS__ __VA_OPT__(, ){.name = NULL}})

void ol_log_error(ol_level level, const char *event, const ol_err *err, const ol_field *fields);

#endif
