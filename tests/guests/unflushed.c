/* Leaves text in the C library's buffer across host calls that allocate: nothing may be flushed,
 * closed or constructed twice because of them (Host interfaces 17). */
#include <outlayer.h>
#include <stdio.h>
#include <stdio_ext.h>

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
        size_t pending = __fpending(stdout);
        if (ol_rpc_status(&answer) == 0)
            ol_buf_deinit(&answer);
        if (__fpending(stdout) != pending)
            return ol_fail_with(OL_STR("a host call flushed stdout"));
        (void)printf(" %d", i);
    }
    (void)printf(" after %d", constructed);
    return 0;
}
