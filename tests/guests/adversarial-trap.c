/* Writes its input to stderr, then traps. */
#include <outlayer.h>

int main(void)
{
    ol_buf input = ol_buf_new(OL_MIB(1));
    if (ol_input(&input) != 0)
        return 1;
    (void)ol_error_output(ol_buf_str(&input));
    __builtin_trap();
}
