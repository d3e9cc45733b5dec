/* Random bytes of the kernel. */
#ifndef OL_CRYPTO_RANDOM_H
#define OL_CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/codec/uuid.h"

/* A source of randomness as a parameter: programs pass ol_random_kernel(), tests a seeded one. */
typedef struct ol_random {
    void (*fill)(const struct ol_random *random, void *ret, size_t size); /* cannot fail */
} ol_random;

const ol_random *ol_random_kernel(void);

static inline void ol_random_fill(const ol_random *random, void *ret, size_t size)
{
    random->fill(random, ret, size);
}

uint64_t ol_random_u64(const ol_random *random);
uint64_t ol_random_below(const ol_random *random, uint64_t bound); /* uniform; bound > 0 */
ol_uuid ol_random_uuid(const ol_random *random);

#endif
