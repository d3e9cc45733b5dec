#include <string.h>

#include "lib/net/http_internal.h"

/* Caches must not give one origin's answer to another (sent on every known path). */
static const char VARY[] = "origin, access-control-request-method, access-control-request-headers";

static const char *origin_allowed(const ol_web_request *request)
{
    const ol_web_settings *set = &request->from->server->set;
    ol_str origin;
    if (!ol_web_header(request, "origin", &origin))
        return NULL;
    for (size_t i = 0; i < set->origin_count; i++) {
        if (ol_str_eq(origin, ol_str_of(set->origins[i])))
            return set->origins[i];
    }
    return NULL;
}

void ol__cors_headers(const ol_web_request *request, struct MHD_Response *response)
{
    if (request->path == NULL || request->path->first->cors == NULL)
        return;
    const char *origin = request->path->first->cors->any_origin ? "*" : origin_allowed(request);
    (void)MHD_add_response_header(response, "vary", VARY);
    if (origin != NULL)
        (void)MHD_add_response_header(response, "access-control-allow-origin", origin);
}

void ol__cors_preflight(ol_web_request *request)
{
    const ol_web_cors *cors = request->path->first->cors;
    if (cors != NULL) {
        ol_web_add_header(request, "access-control-allow-methods", ol_str_of(cors->methods));
        ol_web_add_header(request, "access-control-allow-headers", ol_str_of(cors->headers));
    }
    ol_web_add_header(request, "allow", ol_str_of(request->path->allow));
    ol_web_answer_empty(request, MHD_HTTP_OK);
}
