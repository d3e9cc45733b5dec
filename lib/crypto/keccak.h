/* Keccak-256 with the padding of Ethereum (not SHA-3's). */
#ifndef OL_CRYPTO_KECCAK_H
#define OL_CRYPTO_KECCAK_H

#include "lib/base/str.h"

typedef struct ol_keccak256 {
    uint8_t bytes[32];
} ol_keccak256;

ol_keccak256 ol_keccak256_of(ol_bytes bytes);

#endif
