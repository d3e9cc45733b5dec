/* Host interfaces 13, `echo`: who said what, at which block (H3). */
#include <outlayer.h>

int main(void)
{
    ol_buf input = ol_buf_new(OL_MIB(1));
    ol_buf line = ol_buf_new(OL_MIB(2));
    if (ol_input(&input) != 0)
        return 1;
    ol_buf_add_str(&line, ol_var_or(OL_STR("NEAR_SENDER_ID"), OL_STR("unknown")));
    ol_buf_add_str(&line, OL_STR(" said \""));
    ol_buf_add_str(&line, ol_str_trim(ol_buf_str(&input)));
    ol_buf_add_str(&line, OL_STR("\" at block "));
    ol_buf_add_str(&line, ol_var_or(OL_STR("NEAR_BLOCK_HEIGHT"), OL_STR("unknown")));
    return !ol_buf_ok(&line) || ol_output(ol_buf_str(&line)) != 0;
}
