/* {"choice":"heads"} → {"choice":"heads","side":"tails","won":false}: one bit of the operating
 * system's randomness against a guess. The kind of answer a contract asks for and pays out on. */
#include <outlayer.h>

static const ol_str SIDES[] = {OL_STR_INIT("heads"), OL_STR_INIT("tails")};

/* Index of the guessed side; negative when the input names none. */
static int choice_read(const ol_json *input)
{
    ol_json choice;
    if (!ol_json_find(input, OL_STR("choice"), &choice) ||
        ol_json_kind_of(&choice) != OL_JSON_STRING)
        return -1;
    for (int side = 0; side < 2; side++) {
        if (ol_json_text_is(&choice, SIDES[side]))
            return side;
    }
    return -1;
}

int main(void)
{
    ol_buf storage = ol_buf_new(OL_KIB(64));
    ol_json input;
    uint8_t bits;
    if (ol_input_json(&storage, &input) != 0)
        return ol_fail_with(ol_last_error());
    int choice = choice_read(&input);
    if (choice < 0)
        return ol_fail_with(OL_STR("choice must be \"heads\" or \"tails\""));
    if (ol_random(&bits, sizeof bits) != 0)
        return ol_fail_with(OL_STR("no randomness"));

    int side = bits & 1;
    ol_buf answer = ol_buf_new(OL_KIB(1));
    ol_json_writer w = ol_json_writer_over(&answer);
    ol_json_object_begin(&w);
    ol_json_put_str(&w, "choice", SIDES[choice]);
    ol_json_put_str(&w, "side", SIDES[side]);
    ol_json_put_bool(&w, "won", side == choice);
    ol_json_object_end(&w);
    return ol_output(ol_buf_str(&answer)) != 0;
}
