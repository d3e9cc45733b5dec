/* Four requests at once over wasi:http: three are awaited together and their bodies read in turn,
 * the first is let go of without a look at its answer. Prints how many bytes each of the three
 * brought. The bindings are those of wit-bindgen 0.63 for wasi:http 0.2.12. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "many.h"

enum { REQUESTS = 4, READ_BYTES = 1000 };

typedef struct exchange {
    wasi_http_types_own_future_incoming_response_t future;
    wasi_http_types_own_pollable_t ready;
    wasi_http_types_own_incoming_response_t response;
    wasi_http_types_own_incoming_body_t body;
    wasi_http_types_own_input_stream_t stream;
    bool answered, ended;
    unsigned bytes;
} exchange;

static bool exchange_open(exchange *e, unsigned n)
{
    char path[16];
    many_string_t authority = {(uint8_t *)"h", 1};
    wasi_http_types_scheme_t scheme = {.tag = WASI_HTTP_TYPES_SCHEME_HTTP};
    wasi_http_types_error_code_t code;
    snprintf(path, sizeof path, "/%u", n);
    many_string_t at = {(uint8_t *)path, strlen(path)};
    wasi_http_types_own_outgoing_request_t q =
        wasi_http_types_constructor_outgoing_request(wasi_http_types_constructor_fields());
    wasi_http_types_borrow_outgoing_request_t b = wasi_http_types_borrow_outgoing_request(q);
    wasi_http_types_method_outgoing_request_set_scheme(b, &scheme);
    wasi_http_types_method_outgoing_request_set_authority(b, &authority);
    wasi_http_types_method_outgoing_request_set_path_with_query(b, &at);
    if (!wasi_http_outgoing_handler_handle(q, NULL, &e->future, &code))
        return false;
    e->ready = wasi_http_types_method_future_incoming_response_subscribe(
        wasi_http_types_borrow_future_incoming_response(e->future));
    return true;
}

static bool exchange_answer(exchange *e)
{
    wasi_http_types_result_result_own_incoming_response_error_code_void_t res;
    if (!wasi_http_types_method_future_incoming_response_get(
            wasi_http_types_borrow_future_incoming_response(e->future), &res))
        return false;
    e->answered = true;
    if (res.is_err || res.val.ok.is_err)
        return false;
    e->response = res.val.ok.val.ok;
    return wasi_http_types_method_incoming_response_consume(
               wasi_http_types_borrow_incoming_response(e->response), &e->body) &&
           wasi_http_types_method_incoming_body_stream(
               wasi_http_types_borrow_incoming_body(e->body), &e->stream);
}

static bool await_all(exchange *all)
{
    for (unsigned left = REQUESTS - 1; left > 0;) {
        wasi_io_poll_borrow_pollable_t in[REQUESTS];
        unsigned who[REQUESTS], n = 0;
        many_list_u32_t done;
        for (unsigned i = 1; i < REQUESTS; i++) {
            if (all[i].answered)
                continue;
            in[n] = wasi_io_poll_borrow_pollable(all[i].ready);
            who[n++] = i;
        }
        wasi_io_poll_list_borrow_pollable_t list = {in, n};
        wasi_io_poll_poll(&list, &done);
        for (size_t i = 0; i < done.len; i++, left--)
            if (!exchange_answer(&all[who[done.ptr[i]]]))
                return false;
    }
    return true;
}

int main(void)
{
    static exchange all[REQUESTS];
    for (unsigned i = 0; i < REQUESTS; i++)
        if (!exchange_open(&all[i], i))
            return 1;
    if (!await_all(all))
        return 2;
    wasi_io_poll_pollable_drop_own(all[0].ready);
    wasi_http_types_future_incoming_response_drop_own(all[0].future);
    for (unsigned open = REQUESTS - 1; open > 0;) {
        for (unsigned i = 1; i < REQUESTS; i++) {
            many_list_u8_t piece;
            wasi_io_streams_stream_error_t error;
            if (all[i].ended)
                continue;
            if (wasi_io_streams_method_input_stream_blocking_read(
                    wasi_io_streams_borrow_input_stream(all[i].stream), READ_BYTES, &piece,
                    &error)) {
                all[i].bytes += piece.len;
                many_list_u8_free(&piece);
            } else {
                all[i].ended = true;
                open--;
            }
        }
    }
    /* Not printf: every exported call of a command, cabi_realloc too, closes stdio behind it. */
    char text[64];
    int len = snprintf(text, sizeof text, "%u %u %u", all[1].bytes, all[2].bytes, all[3].bytes);
    return write(1, text, (size_t)len) == len ? 0 : 3;
}
