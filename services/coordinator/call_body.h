/* The body of POST /call (Coordinator 2.1). */
#ifndef COORDINATOR_CALL_BODY_H
#define COORDINATOR_CALL_BODY_H

#include "lib/base/buf.h"
#include "lib/proto/task.h"

typedef struct call_body {
    ol_buf input; /* owned: compact JSON, the bytes that will be hashed */
    bool is_async;
    ol_resource_limits limits; /* as asked, or the standards */
    ol_secrets_ref secrets_ref;
    ol_str version_key; /* may be absent */
} call_body;

/* OL_ERR_SYNTAX, OL_ERR_SHAPE. Texts are borrowed from `json` or live in the arena. */
ol_rc call_body_decode(ol_str json, ol_arena *arena, call_body *ret, ol_err *err);
void call_body_deinit(call_body *body);

#endif
