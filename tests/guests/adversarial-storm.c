/* Host calls without end: each is cheap, so only counting or the deadline stops it. */
#include <outlayer.h>

int main(void)
{
    for (;;)
        (void)ol_now_ms();
}
