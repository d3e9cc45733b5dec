#include "tests/unit/secrets/vectors.h"

#include <string.h>

#include "tests/harness/test.h"

ol_master vector_master(void)
{
    ol_master master;
    for (size_t i = 0; i < sizeof master.secret; i++)
        master.secret[i] = (uint8_t)i;
    return master;
}

ol_master other_master(void)
{
    ol_master master = vector_master();
    master.secret[0] = 0xff;
    return master;
}

static void fill(const ol_random *random, void *ret, size_t size)
{
    /* The struct is the caller's and writable; the interface is const for the kernel's sake. */
    union {
        const ol_random *in;
        scripted_random *out;
    } self = {.in = random};
    CHECK(self.out->at + size <= self.out->len);
    memcpy(ret, self.out->bytes + self.out->at, size);
    self.out->at += size;
}

scripted_random scripted_random_over(const uint8_t *bytes, size_t len)
{
    return (scripted_random){{fill}, bytes, len, 0};
}
