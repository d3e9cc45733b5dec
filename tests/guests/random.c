/* Host interfaces 13, `random`: {"min":1,"max":6} → {"random_number":4} (H1, H2). */
#include <outlayer.h>

static int fail(const char *why)
{
    ol_buf text = ol_buf_new(4096);
    ol_buf_addf(&text, "Error: \"%s\"", why);
    return ol_fail_with(ol_buf_str(&text));
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_json input, low, high;
    int64_t min, max;
    uint64_t bits;
    if (ol_input_json(&storage, &input) != 0 || !ol_json_find(&input, OL_STR("min"), &low) ||
        !ol_json_find(&input, OL_STR("max"), &high) || ol_json_i64(&low, &min, NULL) != OL_OK ||
        ol_json_i64(&high, &max, NULL) != OL_OK)
        return fail("min and max must be numbers");
    if (max < min)
        return fail("max must be >= min");
    if (ol_random(&bits, sizeof bits) != 0)
        return fail("no randomness");
    uint64_t span = (uint64_t)max - (uint64_t)min + 1;
    int64_t number = (int64_t)((uint64_t)min + (span == 0 ? bits : bits % span));

    ol_buf answer = ol_buf_new(64);
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_i64(&w, "random_number", number);
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
