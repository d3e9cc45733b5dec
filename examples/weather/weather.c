/* {"city":"Lisbon","units":"metric"} → the weather there, from a service that wants an API key. The
 * key is a secret of the project, the host is declared in the manifest: the program can reach
 * nothing else. Host interfaces 13, `weather`. */
#include <outlayer.h>

/* 127.0.0.1 is there for this repository's test server; outside of tests no run reaches it, since
 * private addresses are refused whatever a manifest says. */
OL_MANIFEST("{\"network\":[\"api.openweathermap.org\",\"127.0.0.1\"]}");

static const ol_str STANDARD_API = OL_STR_INIT("https://api.openweathermap.org");
enum { TIMEOUT_MS = 10000, ANSWER_BYTES_MAX = 65536 };

/* Percent-encoding; letters, digits and -._~ stay. */
static void add_encoded(ol_buf *url, ol_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            ol_buf_add_char(url, c);
        else
            ol_buf_addf(url, "%%%02X", (unsigned char)c);
    }
}

static ol_str text_member(const ol_json *object, ol_str name, ol_arena *arena, ol_str otherwise)
{
    ol_json value;
    ol_str text = otherwise;
    if (ol_json_find(object, name, &value))
        (void)ol_json_text(&value, arena, &text, NULL);
    return text;
}

/* The member's own JSON, `null` when it is missing. */
static ol_str raw_member(const ol_json *object, ol_str name)
{
    ol_json value;
    return ol_json_find(object, name, &value) ? value.raw : OL_STR("null");
}

static ol_json object_member(const ol_json *object, ol_str name)
{
    ol_json value;
    return ol_json_find(object, name, &value) ? value : (ol_json){OL_STR("{}"), "{}"};
}

static void write_report(const ol_json *answer, ol_str unit, ol_buf *into)
{
    ol_json sys = object_member(answer, OL_STR("sys"));
    ol_json main = object_member(answer, OL_STR("main"));
    ol_json wind = object_member(answer, OL_STR("wind"));
    ol_json list = object_member(answer, OL_STR("weather"));
    ol_json first = {OL_STR("{}"), "{}"};
    if (ol_json_kind_of(&list) == OL_JSON_ARRAY) {
        ol_json_iter it = ol_json_iterate(&list);
        (void)ol_json_next_item(&it, &first);
    }
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_object_begin(&w);
    ol_json_put_raw(&w, "city", raw_member(answer, OL_STR("name")));
    ol_json_put_raw(&w, "country", raw_member(&sys, OL_STR("country")));
    ol_json_put_raw(&w, "temperature", raw_member(&main, OL_STR("temp")));
    ol_json_put_str(&w, "temperature_unit", unit);
    ol_json_put_raw(&w, "description", raw_member(&first, OL_STR("description")));
    ol_json_put_raw(&w, "humidity", raw_member(&main, OL_STR("humidity")));
    ol_json_put_raw(&w, "wind_speed", raw_member(&wind, OL_STR("speed")));
    ol_json_object_end(&w);
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_arena arena = ol_arena_new(OL_KIB(256));
    ol_json input;
    ol_str key;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (ol_var(OL_STR("OPENWEATHER_API_KEY"), &key) != 0)
        return ol_fail_with(OL_STR("OPENWEATHER_API_KEY not found in environment variables"));

    ol_str units = text_member(&input, OL_STR("units"), &arena, OL_STR("metric"));
    ol_buf url = ol_buf_new(4096);
    ol_buf_add_str(&url, ol_var_or(OL_STR("WEATHER_API"), STANDARD_API));
    ol_buf_add_str(&url, OL_STR("/data/2.5/weather?q="));
    add_encoded(&url, text_member(&input, OL_STR("city"), &arena, OL_STR("")));
    ol_buf_add_str(&url, OL_STR("&units="));
    add_encoded(&url, units);
    ol_buf_add_str(&url, OL_STR("&appid="));
    add_encoded(&url, key);

    ol_http_response response;
    ol_http_request request = {.method = OL_STR("GET"),
                               .url = ol_buf_str(&url),
                               .timeout_ms = TIMEOUT_MS,
                               .bytes_max = ANSWER_BYTES_MAX};
    ol_json answer;
    if (!ol_buf_ok(&url))
        return ol_fail_with(OL_STR("the city is too long"));
    if (ol_http_send(&request, &response) != 0)
        return ol_fail_with(ol_last_error());
    if (response.status != 200 || ol_json_parse(ol_buf_str(&response.body), &answer, NULL) != OL_OK)
        return ol_fail_with(OL_STR("the weather service refused the request"));

    ol_str unit = ol_str_eq(units, OL_STR("imperial")) ? OL_STR("F") : OL_STR("C");
    ol_buf report = ol_buf_new(OL_KIB(64));
    write_report(&answer, unit, &report);
    return ol_output(ol_buf_str(&report)) != 0;
}
