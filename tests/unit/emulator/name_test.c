/* What follows from account ids, keys and states (NEAR 7, appendix A). */
#include "emulator/account_name.h"
#include "emulator/receipt.h"

#include <string.h>

#include "lib/codec/base58.h"
#include "lib/codec/hex.h"
#include "lib/crypto/secp256k1.h"
#include "tests/harness/test.h"

TEST("the form of an id tells the kind of its account")
{
    static const struct {
        const char *id;
        ol_account_kind kind;
    } cases[] = {
        {"alice.near", OL_ACCOUNT_NAMED},
        {"03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8", OL_ACCOUNT_IMPLICIT},
        {"0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", OL_ACCOUNT_ETH},
        {"0x7e5f4552091a69125d5dfcb7b8c2659029395bd", OL_ACCOUNT_NAMED},
        {"0x7e5f4552091a69125d5dfcb7b8c2659029395bdg", OL_ACCOUNT_NAMED},
        {"0s2da1ff2f6fd6170ac3094be0405cdcc5552e1a78", OL_ACCOUNT_DETERMINISTIC},
        {"system", OL_ACCOUNT_NAMED},
    };
    OL_EACH (c, cases)
        CHECK_EQ_ROW(ol_account_kind_of(ol_str_of(c->id)), c->kind, c->id);
}

TEST("a sub-account has exactly one label more than its parent")
{
    CHECK(ol_account_is_below(OL_STR("a.b.near"), OL_STR("b.near")));
    CHECK(!ol_account_is_below(OL_STR("x.a.b.near"), OL_STR("b.near")));
    CHECK(!ol_account_is_below(OL_STR("ab.near"), OL_STR("b.near")));
    CHECK(!ol_account_is_below(OL_STR("b.near"), OL_STR("b.near")));
    CHECK(!ol_account_is_below(OL_STR("near"), OL_STR("near")));
    CHECK(ol_account_is_top_level(OL_STR("near")) && !ol_account_is_top_level(OL_STR("a.near")));
}

static ol_str id_text(ol_arena *arena, const ol_sha256 *id)
{
    return ol_base58_of(arena, ol_sha256_bytes(id));
}

TEST("NA5: ids of receipts, actions and data")
{
    ol_arena arena = ol_arena_new(OL_KIB(4));
    ol_sha256 transaction;
    CHECK(ol_base58_decode_fixed(OL_STR("5iEd7R5gJJpZsnFLHxD8pGYvGho3EorCso87ughDXBJY"),
                                 transaction.bytes, sizeof transaction.bytes));
    ol_sha256 receipt = ol_id_of(&transaction, 100, 0);
    CHECK_STR(id_text(&arena, &receipt), OL_STR("9WwJvkUYJKrnXWoLw9LRHkEQFgNhepidCEt8kBHckCEx"));
    ol_sha256 second = ol_id_of(&receipt, 101, 1);
    CHECK_STR(id_text(&arena, &second), OL_STR("7qr9ancSTN7jnA3AWCydVsxmajhMVVxmCUdVJFTax1KJ"));
    ol_sha256 action = ol_action_hash(&receipt, 101, 0);
    CHECK_STR(id_text(&arena, &action), OL_STR("AEMdu7Pg7XL7gJA567Dk3cRTjiiC71npKcQ6MYp5xz8V"));
    ol_sha256 data = ol_id_of(&action, 101, 0);
    CHECK_STR(id_text(&arena, &data), OL_STR("2yvaqhjeGmhTtbc2Yr1fzq7KTZWWBMCoUuKWBSZh7ApJ"));
    ol_arena_deinit(&arena);
}

TEST("NA7: the Ethereum-style account of secret 1")
{
    static const uint8_t secret[32] = {[31] = 1};
    ol_secp256k1_public key;
    char id[OL_ACCOUNT_ETH_BYTES];
    CHECK(ol_secp256k1_public_of(secret, &key));
    ol_account_id_of_secp256k1(key.bytes, id);
    CHECK_STR(((ol_str){id, sizeof id}), OL_STR("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"));
}

TEST("NA10: the account of a state without data")
{
    const ol_state_init init = {0};
    char id[OL_ACCOUNT_ETH_BYTES];
    ol_account_id_of_state(&init, id);
    CHECK_STR(((ol_str){id, sizeof id}), OL_STR("0s2da1ff2f6fd6170ac3094be0405cdcc5552e1a78"));
}
