/* What owners sign to change a secret (Keystore 6; 15, X4). */
#include "lib/secrets/update_statement.h"

#include "lib/near/nep413.h"
#include "tests/harness/test.h"

enum { NAMES_MAX = 4 };

#define REQUEST                                                                                    \
    "{\"mode\":\"append\",\"owner\":\"not signed\",\"accessor\":{\"type\":\"Project\","            \
    "\"project_id\":\"alice.near/app\"},\"expires_at\":1700000600000,\"generate_protected\":"      \
    "[{\"name\":\"PROTECTED_SEED\",\"generation_type\":\"hex32\"}],\"secrets\":{\"TOKEN\":\"t\","  \
    "\"API_KEY\":\"abc123\"}"
#define MESSAGE                                                                                    \
    "Update Outlayer secrets v2 for alice.near:default\n"                                          \
    "body:cedc2f49ea1bb46ed2ab09dc09f7368601a9e0a51ded35eb375f3067a5b083e5"

static void check(const char *request, const char *message, bool same)
{
    ol_json root;
    ol_err err;
    OL_AUTO(ol_buf) text = ol_buf_new(OL_UPDATE_STATEMENT_BYTES_MAX);
    CHECK_OK(ol_json_parse(ol_str_of(request), &root, &err));
    CHECK_OK(ol_update_statement_v2(OL_STR("alice.near"), OL_STR("default"), &root, &text, &err));
    CHECK_EQ_ROW(ol_str_eq(ol_buf_str(&text), ol_str_of(message)), same, request);
}

TEST("X4: an update has the listed message, and the hash a wallet signs")
{
    ol_nep413 signed_message = {.message = OL_STR(MESSAGE), .recipient = OL_STR("outlayer.near")};
    ol_sha256 hash;
    ol_err err;
    check(REQUEST "}", MESSAGE, true);
    for (uint8_t i = 0; i < sizeof signed_message.nonce; i++)
        signed_message.nonce[i] = i;
    CHECK_OK(ol_nep413_hash(&signed_message, &hash, &err));
    ol_sha256_hex hex = ol_sha256_format(&hash);
    CHECK_STR(ol_sha256_hex_str(&hex),
              OL_STR("509e1cb92aa681e2df4b8d0a6bfb8b9a2829c18a307b37c9d74efb90cb1a4799"));
}

TEST("X4: null is absent, anything else is said")
{
    check(REQUEST ",\"vault_id\":null,\"new_accessor\":null}", MESSAGE, true);
    check(REQUEST ",\"profile\":\"other\",\"nonce\":1}", MESSAGE, true);
    check(REQUEST ",\"vault_id\":\"\"}", MESSAGE, false);
    check(REQUEST ",\"new_accessor\":{}}", MESSAGE, false);
    check(REQUEST ",\"mode\":\"reset\"}", MESSAGE, false);
}

TEST("an update of form 1 names what is set and what is generated, sorted, where there is any")
{
    ol_str set[NAMES_MAX] = {OL_STR("TOKEN"), OL_STR("API_KEY")};
    ol_str generated[NAMES_MAX] = {OL_STR("PROTECTED_SEED")};
    OL_AUTO(ol_buf) text = ol_buf_new(OL_UPDATE_STATEMENT_BYTES_MAX);
    ol_update_statement_v1(OL_STR("alice.near"), OL_STR("default"), (ol_update_names){set, 2},
                           (ol_update_names){generated, 1}, &text);
    CHECK_STR(ol_buf_str(&text), OL_STR("Update Outlayer secrets for alice.near:default\n"
                                        "keys:API_KEY,TOKEN\nprotected:PROTECTED_SEED"));
    ol_buf_clear(&text);
    ol_update_statement_v1(OL_STR("a"), OL_STR("b"), (ol_update_names){set, 0},
                           (ol_update_names){generated, 0}, &text);
    CHECK_STR(ol_buf_str(&text), OL_STR("Update Outlayer secrets for a:b"));
}
