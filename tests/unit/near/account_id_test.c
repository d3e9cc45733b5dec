#include "lib/near/account_id.h"

#include "tests/harness/test.h"

TEST("account ids are parts of small letters and digits with single separators")
{
    static const char *const good[] = {
        "aa", "a.near", "a-b_c.d", "100",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
    static const char *const bad[] = {
        "",
        "a",
        "A.near",
        ".a",
        "a.",
        "a..b",
        "a-_b",
        "a b",
        "a/b",
        "\xC3\xA9zz",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"};
    OL_EACH (text, good)
        CHECK_ROW(ol_account_id_valid(ol_str_of(*text)), *text);
    OL_EACH (text, bad)
        CHECK_ROW(!ol_account_id_valid(ol_str_of(*text)), *text);
    CHECK(ol_account_id_is_implicit(ol_str_of(good[4])));
    CHECK(!ol_account_id_is_implicit(OL_STR("a.near")));
}

TEST("a project id is an account, a slash and a name")
{
    CHECK(ol_project_id_valid(OL_STR("a.near/x")));
    CHECK(ol_project_id_valid(OL_STR("a.near/My-Project_1.0")));
    CHECK(!ol_project_id_valid(OL_STR("a.near")));
    CHECK(!ol_project_id_valid(OL_STR("a.near/")));
    CHECK(!ol_project_id_valid(OL_STR("/x")));
    CHECK(!ol_project_id_valid(OL_STR("a.near/x/y")));
    CHECK(!ol_project_id_valid(OL_STR("A/x")));
}
