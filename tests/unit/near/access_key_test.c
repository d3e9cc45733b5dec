#include "lib/near/access_key.h"

#include "tests/harness/test.h"

static const char LIST[] =
    "{\"keys\":[{\"public_key\":\"ed25519:A\",\"access_key\":{\"nonce\":5,\"permission\":"
    "\"FullAccess\"}},{\"public_key\":\"ed25519:B\",\"access_key\":{\"nonce\":18446744073709551615,"
    "\"permission\":{\"FunctionCall\":{\"allowance\":null,\"receiver_id\":\"c.near\","
    "\"method_names\":[\"one\",\"two\"]}}}}],\"block_height\":1}";

static bool find(const char *key, ol_arena *arena, ol_access_key *ret)
{
    ol_err err;
    ol_json list;
    bool found;
    CHECK_OK(ol_json_parse(ol_str_of(LIST), &list, &err));
    CHECK_OK(ol_access_key_list_find(&list, ol_str_of(key), arena, &found, ret, &err));
    return found;
}

TEST("keys are found in a list with what they may do")
{
    static const ol_str BOTH[] = {OL_STR_INIT("two"), OL_STR_INIT("one")};
    static const ol_str OTHER[] = {OL_STR_INIT("two"), OL_STR_INIT("three")};
    ol_access_key key;
    OL_AUTO(ol_arena) arena = ol_arena_new(65536);
    CHECK(find("ed25519:A", &arena, &key));
    CHECK(key.full_access);
    CHECK(!ol_access_key_is_for(&key, OL_STR("c.near"), BOTH, 2));
    CHECK(find("ed25519:B", &arena, &key));
    CHECK(!key.full_access && !key.has_allowance);
    CHECK_EQ(key.nonce, UINT64_MAX);
    CHECK(ol_access_key_is_for(&key, OL_STR("c.near"), BOTH, 2));
    CHECK(!ol_access_key_is_for(&key, OL_STR("d.near"), BOTH, 2));
    CHECK(!ol_access_key_is_for(&key, OL_STR("c.near"), BOTH, 1));
    CHECK(!ol_access_key_is_for(&key, OL_STR("c.near"), OTHER, 2));
    CHECK(!find("ed25519:C", &arena, &key));
}
