/* 32 random bytes as hex: two runs that print the same are a broken fork. */
#include <outlayer.h>
#include <stdio.h>

int main(void)
{
    uint8_t bytes[32];
    if (ol_random(bytes, sizeof bytes) != 0)
        return 1;
    OL_EACH (b, bytes)
        (void)printf("%02x", *b);
    return 0;
}
