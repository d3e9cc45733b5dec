/* {"words":"…"} → {"words":3,"charged":30}: ten micro-dollars a word; what was attached beyond that
 * goes back to the caller. */
#include <outlayer.h>

enum { PRICE_MICRO_USD = 10 };

static uint64_t words_of(ol_str text)
{
    uint64_t words = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        bool space = text.data[i] == ' ' || text.data[i] == '\n' || text.data[i] == '\t';
        words += !space && !inside;
        inside = !space;
    }
    return words;
}

static bool text_read(const ol_json *input, char *storage, size_t size, ol_str *ret)
{
    ol_json words;
    if (!ol_json_find(input, OL_STR("words"), &words) ||
        ol_json_kind_of(&words) != OL_JSON_STRING || words.raw.len > size)
        return false;
    *ret = (ol_str){storage, ol_json_text_decode(&words, storage)};
    return true;
}

int main(void)
{
    static char storage[OL_KIB(64)];
    ol_buf body = ol_buf_new(OL_KIB(64));
    ol_buf answer = ol_buf_new(OL_KIB(1));
    ol_json input;
    ol_str text;
    uint64_t over_https = 0;
    uint64_t on_chain = 0; /* the one that does not apply is 0 */
    if (ol_input_json(&body, &input) != 0)
        return ol_fail_with(ol_last_error());
    if (!text_read(&input, storage, sizeof storage, &text))
        return ol_fail_with(OL_STR("words must be a string"));
    uint64_t words = words_of(text);
    uint64_t price = words * PRICE_MICRO_USD;
    (void)ol_u64_parse(ol_payment_usd(), &over_https);
    (void)ol_u64_parse(ol_attached_usd(), &on_chain);
    uint64_t attached = over_https + on_chain;
    if (attached < price)
        return ol_fail_with(OL_STR("attach ten micro-dollars for each word"));
    if (attached > price && ol_refund_usd(attached - price) != 0)
        return ol_fail_with(ol_last_error());
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_u64(&w, "words", words);
    ol_json_put_u64(&w, "charged", price);
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
