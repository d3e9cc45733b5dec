#include "lib/codec/hex.h"
#include "lib/near/dev_key.h"
#include "tests/harness/test.h"

/* The seeds come from sha256sum, as in: printf 'outlayer-dev:dev:alice.test.near' | sha256sum */
TEST("a local chain's key follows from seed and account, the same everywhere")
{
    static const struct {
        ol_str seed;
        ol_str account_id;
        const char *secret_hex;
    } cases[] = {
        {OL_STR_INIT("dev"), OL_STR_INIT("alice.test.near"),
         "5b0c4ed75a7b56adfafdb5facd8fdf0c82b9cc7b65dcaf937e8167320390839a"},
        {OL_STR_INIT(""), OL_STR_INIT("test.near"),
         "f05474e13f09dd563c92ed8d1c9e7f9f0364913dc625ad91dd249e6a7935030a"},
    };
    OL_EACH (c, cases) {
        ol_ed25519_key key;
        char digits[2 * OL_ED25519_SEED_BYTES];
        ol_dev_key(c->seed, c->account_id, &key);
        ol_str hex = {digits, sizeof digits};
        ol_hex_encode((ol_bytes){key.secret, OL_ED25519_SEED_BYTES}, digits);
        CHECK_STR(hex, ol_str_of(c->secret_hex));
        ol_ed25519_key_deinit(&key);
    }
}
