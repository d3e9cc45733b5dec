#include "lib/near/dev_key.h"

#include "lib/crypto/hash.h"
#include "lib/crypto/secret.h"

void ol_dev_key(ol_str seed, ol_str account_id, ol_ed25519_key *ret)
{
    ol_sha256_stream stream;
    ol_sha256_stream_init(&stream);
    ol_sha256_stream_add(&stream, ol_str_bytes(OL_STR("outlayer-dev:")));
    ol_sha256_stream_add(&stream, ol_str_bytes(ol_str_slice(seed, 0, OL_DEV_SEED_BYTES_MAX)));
    ol_sha256_stream_add(&stream, ol_str_bytes(OL_STR(":")));
    ol_sha256_stream_add(&stream, ol_str_bytes(account_id));
    ol_sha256 hash = ol_sha256_stream_end(&stream);
    ol_ed25519_key_of_seed(hash.bytes, ret);
    ol_wipe(hash.bytes, sizeof hash.bytes);
}
