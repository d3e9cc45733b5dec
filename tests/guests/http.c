/* One request after another: [{"method":"GET","url":"http://…","headers":[["a","b"]],"body":"…",
 * "timeout_ms":0,"max_bytes":65536,"repeat":1}, …] → a list with {"status","headers","body"} or
 * {"error"} for each request made (H18–H25). */
#include <outlayer.h>

enum { HEADERS_MAX = 64 };

static ol_str text(const ol_json *object, ol_str name, ol_arena *arena, ol_str otherwise)
{
    ol_json value;
    ol_str found = otherwise;
    if (ol_json_find(object, name, &value))
        (void)ol_json_text(&value, arena, &found, NULL);
    return found;
}

static uint32_t number(const ol_json *object, ol_str name, uint32_t otherwise)
{
    ol_json value;
    uint32_t found = otherwise;
    if (ol_json_find(object, name, &value))
        (void)ol_json_u32(&value, &found, NULL);
    return found;
}

static size_t headers(const ol_json *wish, ol_arena *arena, ol_http_header header[HEADERS_MAX])
{
    ol_json list, pair, item;
    size_t count = 0;
    if (!ol_json_find(wish, OL_STR("headers"), &list) || ol_json_kind_of(&list) != OL_JSON_ARRAY)
        return 0;
    for (ol_json_iter it = ol_json_iterate(&list);
         count < HEADERS_MAX && ol_json_next_item(&it, &pair); count++) {
        ol_json_iter sides = ol_json_iterate(&pair);
        if (ol_json_next_item(&sides, &item))
            (void)ol_json_text(&item, arena, &header[count].name, NULL);
        if (ol_json_next_item(&sides, &item))
            (void)ol_json_text(&item, arena, &header[count].value, NULL);
    }
    return count;
}

static void perform(const ol_http_request *request, ol_json_writer *w)
{
    ol_http_response response;
    ol_json_object_begin(w);
    if (ol_http_send(request, &response) != 0) {
        ol_json_put_str(w, "error", ol_last_error());
    } else {
        ol_json_put_u64(w, "status", response.status);
        ol_json_key(w, "headers");
        ol_json_array_begin(w);
        for (size_t i = 0; i < response.headers; i++) {
            ol_json_array_begin(w);
            ol_json_add_str(w, response.header[i].name);
            ol_json_add_str(w, response.header[i].value);
            ol_json_array_end(w);
        }
        ol_json_array_end(w);
        ol_json_put_str(w, "body", ol_buf_str(&response.body));
        ol_http_response_deinit(&response);
    }
    ol_json_object_end(w);
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_MIB(16));
    ol_buf answer = ol_buf_new(OL_MIB(64));
    ol_arena arena = ol_arena_new(OL_MIB(32));
    ol_json input, wish;
    if (ol_input_json(&storage, &input) != 0 || ol_json_kind_of(&input) != OL_JSON_ARRAY)
        return ol_fail_with(OL_STR("a list of requests, please"));

    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_array_begin(&w);
    for (ol_json_iter it = ol_json_iterate(&input); ol_json_next_item(&it, &wish);) {
        static ol_http_header header[HEADERS_MAX];
        ol_http_request request = {
            .method = text(&wish, OL_STR("method"), &arena, OL_STR("GET")),
            .url = text(&wish, OL_STR("url"), &arena, OL_STR("")),
            .header = header,
            .headers = headers(&wish, &arena, header),
            .body = ol_str_bytes(text(&wish, OL_STR("body"), &arena, OL_STR(""))),
            .timeout_ms = number(&wish, OL_STR("timeout_ms"), 0),
            .bytes_max = number(&wish, OL_STR("max_bytes"), 65536),
        };
        for (uint32_t left = number(&wish, OL_STR("repeat"), 1); left > 0; left--)
            perform(&request, &w);
    }
    ol_json_array_end(&w);
    return !ol_buf_ok(&answer) || ol_output(ol_buf_str(&answer)) != 0;
}
