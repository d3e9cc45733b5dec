/* The smallest whole program: what comes in goes out. */
#include <outlayer.h>

int main(void)
{
    ol_buf input = ol_buf_new(OL_MIB(64));
    if (ol_input(&input) != 0)
        return 1;
    return ol_output(ol_buf_str(&input)) != 0;
}
