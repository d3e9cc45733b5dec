#include "lib/crypto/random.h"

#include <errno.h>
#include <sys/random.h>

#include "lib/base/assert.h"

/* getrandom waits for the kernel's first seed and cannot fail afterwards, except by a signal. */
static void fill_from_kernel(const ol_random *random, void *ret, size_t size)
{
    (void)random;
    uint8_t *at = ret;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        OL_ASSERT(got >= 0 || errno == EINTR);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
}

const ol_random *ol_random_kernel(void)
{
    static const ol_random KERNEL = {fill_from_kernel};
    return &KERNEL;
}

uint64_t ol_random_u64(const ol_random *random)
{
    uint64_t value;
    ol_random_fill(random, &value, sizeof value);
    return value;
}

uint64_t ol_random_below(const ol_random *random, uint64_t bound)
{
    OL_ASSERT(bound > 0);
    /* Values above the last whole multiple of bound would favour the small remainders. */
    uint64_t excess = (UINT64_MAX % bound + 1) % bound;
    uint64_t value;
    do {
        value = ol_random_u64(random);
    } while (value > UINT64_MAX - excess);
    return value % bound;
}

ol_uuid ol_random_uuid(const ol_random *random)
{
    uint8_t bytes[OL_UUID_BYTES];
    ol_random_fill(random, bytes, sizeof bytes);
    return ol_uuid_from_random(bytes);
}
