/* Input `CODE TEXT`: writes `partial` to stdout and TEXT to stderr, then calls proc_exit(CODE). */
#include <outlayer.h>
#include <wasi/api.h>

int main(void)
{
    uint32_t code = 0;
    ol_buf input = ol_buf_new(OL_MIB(1));
    if (ol_input(&input) != 0)
        return 1;
    ol_str number = ol_buf_str(&input), text = OL_STR("");
    (void)ol_str_cut(ol_buf_str(&input), ' ', &number, &text);
    if (!ol_u32_parse(ol_str_trim(number), &code))
        return 2;
    (void)ol_output(OL_STR("partial"));
    (void)ol_error_output(text);
    __wasi_proc_exit(code);
}
