#include <stdlib.h>

#include "sdk/src/host.h"

/* result<response, string>: a tag, and behind it the larger of both. */
typedef struct http_result {
    uint8_t failed;
    union {
        struct {
            uint16_t status;
            ol_http_header *header; /* list<tuple<string,string>> */
            size_t headers;
            host_list body;
        } response;
        host_list error;
    };
} http_result;

_Static_assert(sizeof(ol_http_header) == 16, "tuple<string,string> is four words");
_Static_assert(sizeof(http_result) == 24, "a tag in its word, then five words");

HOST_IMPORT("outlayer:http/api@0.1.0", "request")
void host_http_request(const char *method, size_t method_len, const char *url, size_t url_len,
                       const ol_http_header *header, size_t headers, const uint8_t *body,
                       size_t body_len, uint32_t timeout_ms, uint32_t bytes_max, http_result *ret);

int32_t ol_http_send(const ol_http_request *request, ol_http_response *ret)
{
    http_result result;
    host_http_request(request->method.data, request->method.len, request->url.data,
                      request->url.len, request->header, request->headers, request->body.data,
                      request->body.len, request->timeout_ms, request->bytes_max, &result);
    if (result.failed != 0)
        return host_failed(result.error);
    *ret = (ol_http_response){
        .status = result.response.status,
        .header = result.response.header,
        .headers = result.response.headers,
        .body = host_buf(result.response.body),
    };
    return 0;
}

/* The host returns an address it did not allocate for an empty text. */
static void text_free(ol_str text)
{
    if (text.len != 0)
        free((void *)(uintptr_t)text.data);
}

void ol_http_response_deinit(ol_http_response *response)
{
    for (size_t i = 0; i < response->headers; i++) {
        text_free(response->header[i].name);
        text_free(response->header[i].value);
    }
    if (response->headers != 0)
        free(response->header);
    ol_buf_deinit(&response->body);
    *response = (ol_http_response){0};
}
