/* Whether the count of instructions depends on a secret: byte 0 of the input names the operation,
 * the 64 bytes behind it are the secret. What is read and written does not depend on it either. */
#include <outlayer.h>

enum { INPUT_BYTES = 65, TEXT_BYTES = 100 };

static const uint8_t TEXT[TEXT_BYTES] = {1, 2, 3};

static void work(uint8_t operation, const uint8_t *secret)
{
    static uint8_t ret[256];
    static const uint8_t peer[OL_CRYPTO_X25519_BYTES] = {9};
    const ol_bytes text = {TEXT, sizeof TEXT}, whole = {secret, 64};
    ol_buf out = ol_buf_over(ret, sizeof ret);
    switch (operation) {
    case 'h':
        ol_crypto_hmac_sha256(whole, text, ret);
        break;
    case 'H':
        ol_crypto_hmac_sha512(whole, text, ret);
        break;
    case 'k':
        (void)!ol_crypto_hkdf_sha256(whole, text, text, ret, TEXT_BYTES);
        break;
    case 'e':
        (void)!ol_crypto_equal(whole, (ol_bytes){TEXT, whole.len});
        break;
    case 'p':
        ol_crypto_ed25519_public(secret, ret);
        break;
    case 's':
        ol_crypto_ed25519_sign(secret, text, ret);
        break;
    case 'X':
        ol_crypto_x25519_public(secret, ret);
        break;
    case 'x':
        (void)!ol_crypto_x25519(secret, peer, ret);
        break;
    case 'c':
        ol_crypto_chacha_seal(secret, TEXT, whole, text, ret);
        break;
    case 'C':
        ol_crypto_xchacha_seal(secret, TEXT, whole, whole, ret);
        break;
    case 'b': /* not among them */
        ol_base58_add(&out, whole);
        break;
    default:
        break;
    }
}

int main(void)
{
    ol_buf input = ol_buf_new(OL_KIB(1));
    if (ol_input(&input) != 0 || input.len != INPUT_BYTES)
        return ol_fail_with(OL_STR("an operation and 64 bytes are wanted"));
    work(input.data[0], input.data + 1);
    return ol_output(OL_STR("done")) != 0;
}
