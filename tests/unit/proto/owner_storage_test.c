#include "lib/proto/owner_storage.h"

#include "lib/near/public_key.h"
#include "tests/harness/test.h"

static const uint8_t SEED[OL_ED25519_SEED_BYTES] = {1};

static ol_signed_request request(ol_arena *arena)
{
    const ol_owner_storage body = {.account_id = OL_STR("alice.near"),
                                   .project_id = OL_STR("bob.near/counter"),
                                   .key = OL_STR("a\"b"),
                                   .expires = 2000};
    ol_signed_request made;
    ol_err err;
    CHECK_OK(ol_owner_storage_signed(&body, OL_STORAGE_ASK_DELETE, OL_STR("outlayer.near"), arena,
                                     &made, &err));
    return made;
}

static ol_signed_proof proof(const ol_signed_request *it, ol_arena *arena)
{
    OL_AUTO(ol_ed25519_key) key;
    ol_signed_proof made;
    ol_err err;
    ol_ed25519_key_of_seed(SEED, &key);
    CHECK_OK(ol_signed_request_sign(it, &key, ol_random_kernel(), arena, &made, &err));
    return made;
}

static ol_rc check(const ol_signed_request *it, const ol_signed_proof *by, int64_t now_s,
                   ol_arena *arena, ol_err *err)
{
    ol_str key = {0};
    ol_rc rc = ol_signed_request_check(it, by, now_s * 1000, arena, &key, err);
    if (rc == OL_OK)
        CHECK_STR(key, by->public_key);
    return rc;
}

TEST("the canonical body has every member in one order, absent ones as null")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    CHECK_STR(request(&arena).body,
              OL_STR("{\"account_id\":\"alice.near\",\"project_id\":\"bob.near/counter\","
                     "\"worker\":false,\"public\":false,\"key\":\"a\\\"b\",\"key_hash\":null,"
                     "\"all\":false,\"expires\":2000}"));
    CHECK_STR(request(&arena).operation, OL_STR("storage delete"));
    ol_arena_deinit(&arena);
}

TEST("a signature holds for every part of what it covers, and for nothing else")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_signed_request it = request(&arena);
    ol_signed_proof by = proof(&it, &arena);
    ol_err err;
    CHECK_OK(check(&it, &by, 1500, &arena, &err));
    ol_str *const part[] = {&it.operation, &it.account_id, &it.subject, &it.body, &it.recipient};
    OL_EACH (text, part) {
        ol_str kept = **text;
        **text = OL_STR("other");
        CHECK_EQ_ROW(check(&it, &by, 1500, &arena, &err), OL_ERR_UNAUTHORIZED, kept.data);
        **text = kept;
    }
    it.expires--;
    CHECK_EQ(check(&it, &by, 1500, &arena, &err), OL_ERR_UNAUTHORIZED);
    ol_arena_deinit(&arena);
}

TEST("a signature ends, and none is good for more than ten minutes")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_signed_request it = request(&arena);
    ol_signed_proof by = proof(&it, &arena);
    ol_err err;
    CHECK_OK(check(&it, &by, 1999, &arena, &err));
    CHECK_EQ(check(&it, &by, 2000, &arena, &err), OL_ERR_UNAUTHORIZED);
    CHECK_STR(ol_err_text(&err), OL_STR("The signature has expired"));
    CHECK_OK(check(&it, &by, 1400, &arena, &err));
    CHECK_EQ(check(&it, &by, 1399, &arena, &err), OL_ERR_INVALID);
    it.expires = UINT64_MAX;
    CHECK_EQ(check(&it, &by, 1400, &arena, &err), OL_ERR_INVALID);
    ol_arena_deinit(&arena);
}

TEST("a key of another curve signs nothing here")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_signed_request it = request(&arena);
    ol_signed_proof by = proof(&it, &arena);
    ol_public_key other = {.curve = OL_CURVE_SECP256K1};
    ol_err err;
    by.public_key = ol_public_key_text(&other, &arena);
    CHECK_EQ(check(&it, &by, 1500, &arena, &err), OL_ERR_UNAUTHORIZED);
    CHECK_STR(ol_err_text(&err), OL_STR("Invalid signature: key, nonce or signature is malformed"));
    ol_arena_deinit(&arena);
}
