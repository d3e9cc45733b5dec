/* What the vectors of Keystore 2 to 15 share: the master K, a source of fixed "random" bytes. */
#ifndef TESTS_SECRETS_VECTORS_H
#define TESTS_SECRETS_VECTORS_H

#include "lib/crypto/random.h"
#include "lib/secrets/master.h"

/* K = 00 01 … 1f. */
ol_master vector_master(void);
/* Another one. */
ol_master other_master(void);

/* Bytes given out in order; the test fails when they run out. */
typedef struct scripted_random {
    ol_random random;
    const uint8_t *bytes;
    size_t len;
    size_t at;
} scripted_random;

scripted_random scripted_random_over(const uint8_t *bytes, size_t len);

#endif
