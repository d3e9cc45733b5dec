/* The header X-Payment-Key: what is accepted has an owner and a nonce within bounds. */
#include "services/coordinator/payment_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    payment_key key;
    ol_err err;
    ol_str header = {(const char *)data, size};
    if (payment_key_parse(header, &key, &err) == OL_OK) {
        OL_ASSERT(key.owner.len > 0 && key.owner.len <= PAYMENT_OWNER_BYTES_MAX);
        OL_ASSERT(size >= key.owner.len + 3 + PAYMENT_SECRET_HEX_DIGITS);
    } else {
        OL_ASSERT(ol_str_starts(ol_err_text(&err), OL_STR("Invalid X-Payment-Key format: ")));
    }
    return 0;
}
