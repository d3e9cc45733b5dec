/* The smallest use of the crypto module: the SHA-256 of the input. Its size says what that costs.
 */
#include <outlayer.h>

int main(void)
{
    uint8_t hash[OL_CRYPTO_SHA256_BYTES];
    ol_buf input = ol_buf_new(OL_MIB(64));
    if (ol_input(&input) != 0)
        return 1;
    ol_crypto_sha256(ol_buf_bytes(&input), hash);
    return ol_output_bytes((ol_bytes){hash, sizeof hash}) != 0;
}
