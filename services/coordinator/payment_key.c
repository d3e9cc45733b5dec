#include "services/coordinator/payment_key.h"

#include "lib/crypto/secret.h"

#define BAD_KEY(err, ...)                                                                          \
    ol_fail(err, OL_ERR_PAYMENT_KEY_FORMAT, "Invalid X-Payment-Key format: " __VA_ARGS__)

/* Hashes the digits in lower case; false for anything but digits. */
static bool proof_of(ol_str secret, ol_sha256 *ret)
{
    char lower[PAYMENT_SECRET_HEX_DIGITS];
    for (size_t i = 0; i < sizeof lower; i++) {
        char c = secret.data[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            ol_wipe(lower, sizeof lower);
            return false;
        }
        lower[i] = c;
    }
    *ret = ol_sha256_of((ol_bytes){(const uint8_t *)lower, sizeof lower});
    ol_wipe(lower, sizeof lower);
    return true;
}

/* A header's text is visible ASCII and tabs; the published server calls all else by this name. */
static bool is_text(ol_str header)
{
    for (size_t i = 0; i < header.len; i++) {
        if (header.data[i] != '\t' && (header.data[i] < ' ' || header.data[i] > '~'))
            return false;
    }
    return true;
}

/* Decimal; a plus before it is accepted, as the published server does. */
static bool nonce_parse(ol_str text, uint32_t *ret)
{
    bool plus = text.len > 1 && text.data[0] == '+';
    return ol_u32_parse(ol_str_slice(text, plus ? 1 : 0, text.len), ret);
}

ol_rc payment_key_parse(ol_str header, payment_key *ret, ol_err *err)
{
    payment_key key = {0};
    ol_str rest;
    ol_str nonce;
    ol_str secret;

    if (!is_text(header))
        return BAD_KEY(err, "Invalid UTF-8");
    if (!ol_str_cut(header, ':', &key.owner, &rest) || !ol_str_cut(rest, ':', &nonce, &secret))
        return BAD_KEY(err, "Expected format: owner:nonce:key");
    if (!nonce_parse(nonce, &key.nonce))
        return BAD_KEY(err, "Invalid nonce");
    if (key.owner.len == 0 || key.owner.len > PAYMENT_OWNER_BYTES_MAX)
        return BAD_KEY(err, "Invalid owner");
    if (secret.len == 0)
        return BAD_KEY(err, "Empty key");
    if (secret.len != PAYMENT_SECRET_HEX_DIGITS)
        return BAD_KEY(err, "Key must be exactly 64 hex characters (got %zu chars)", secret.len);
    if (!proof_of(secret, &key.proof))
        return BAD_KEY(err, "Key must contain only hex characters (0-9, a-f, A-F)");
    *ret = key;
    return OL_OK;
}
