/* Query strings into structs by table, with the texts of Coordinator 1 and 19. Unknown fields are
 * ignored, a field given twice is refused. */
#ifndef COORDINATOR_QUERY_H
#define COORDINATOR_QUERY_H

#include "lib/net/http_server.h"

typedef enum query_type {
    QUERY_TEXT, /* ol_str */
    QUERY_U32,  /* uint32_t */
    QUERY_U64,  /* uint64_t */
    QUERY_I64,  /* int64_t */
} query_type;

typedef struct query_field {
    const char *name;
    query_type type;
    bool required;
    size_t offset;
} query_field;

/* Fills `into`, which holds the defaults; texts live in the request. On failure the request is
 * answered (400) and false returned. */
bool query_bind(ol_web_request *request, const query_field *fields, size_t count, void *into);

#endif
