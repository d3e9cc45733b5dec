/* One function of the guest library's crypto module, n times: run(operation, n) by the numbers of
 * bench/crypto_bench.c. The result keeps the work alive; a wrong signature ends it. */
#include <outlayer.h>

#include "bench/kernels/crypto.h"

#define EXPORT __attribute__((export_name("run")))

EXPORT uint32_t run(uint32_t operation, uint32_t n);

static void once(crypto_operation operation, uint8_t ret[static CRYPTO_TEXT_BYTES + 64])
{
    static const uint8_t text[CRYPTO_TEXT_BYTES], key[32] = {9};
    const ol_bytes data = {text, sizeof text}, message = {text, 32};
    switch (operation) {
    case CRYPTO_SHA256:
        ol_crypto_sha256(data, ret);
        break;
    case CRYPTO_KECCAK256:
        ol_crypto_keccak256(data, ret);
        break;
    case CRYPTO_CHACHA_SEAL:
        ol_crypto_chacha_seal(key, text, message, data, ret);
        break;
    case CRYPTO_ED25519_SIGN:
        ol_crypto_ed25519_sign(key, message, ret);
        break;
    case CRYPTO_ED25519_VERIFY:
        if (ol_crypto_ed25519_verify(CRYPTO_ED25519_KEY, message, CRYPTO_ED25519_SIGNATURE) != 0)
            __builtin_trap();
        break;
    case CRYPTO_SECP256K1_RECOVER:
        if (ol_crypto_secp256k1_recover(CRYPTO_SECP256K1_HASH, CRYPTO_SECP256K1_SIGNATURE, 1,
                                        ret) != 0)
            __builtin_trap();
        break;
    case CRYPTO_X25519:
        if (ol_crypto_x25519(key, key, ret) != 0)
            __builtin_trap();
        break;
    case CRYPTO_OPERATIONS:
        break;
    }
}

uint32_t run(uint32_t operation, uint32_t n)
{
    static uint8_t ret[CRYPTO_TEXT_BYTES + 64];
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        once((crypto_operation)operation, ret);
        sum += ret[0];
    }
    return sum;
}
