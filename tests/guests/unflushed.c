/* Leaves text in the C library's buffer across host calls that allocate: nothing may be flushed,
 * closed or constructed twice because of them (Host interfaces 17). */
#include <outlayer.h>
#include <stdio.h>

static int constructed;

__attribute__((constructor)) static void count_construction(void)
{
    constructed++;
}

int main(void)
{
    (void)printf("before");
    for (int i = 0; i < 3; i++) {
        ol_buf answer;
        if (ol_rpc_status(&answer) == 0)
            ol_buf_deinit(&answer);
        (void)printf(" %d", i);
    }
    (void)printf(" after %d", constructed);
    return 0;
}
