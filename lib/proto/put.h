/* Members that may be absent: left out, not written as null. For files of this folder. */
#ifndef OL_PROTO_PUT_H
#define OL_PROTO_PUT_H

#include "lib/codec/json_write.h"
#include "lib/proto/task.h"

static inline void ol__put_text(ol_json_writer *into, const char *key, ol_str text)
{
    if (text.data != NULL)
        ol_json_put_str(into, key, text);
}

static inline void ol__put_raw(ol_json_writer *into, const char *key, ol_str json)
{
    if (json.data != NULL)
        ol_json_put_raw(into, key, json);
}

static inline void ol__put_u64(ol_json_writer *into, const char *key, ol_opt_u64 number)
{
    if (number.has)
        ol_json_put_u64(into, key, number.value);
}

static inline void ol__put_dec(ol_json_writer *into, const char *key, ol_opt_u128 number)
{
    if (number.has)
        ol_json_put_dec(into, key, number.value);
}

#endif
