/* Projects and versions (Contract 7; 15, K59 to K67), and what Contract 16 mends in them. */
#include "tests/chain/contract_bench.h"

#define HASH "abababababababababababababababababababababababababababababababab"
#define WASM_URL                                                                                   \
    "{\"WasmUrl\":{\"url\":\"https://x/y\",\"hash\":\"" HASH                                       \
    "\",\"build_target\":\"wasm32-wasip2\"}}"
#define GITHUB "{\"GitHub\":{\"repo\":\"https://github.com/u/r\",\"commit\":\"abc123\"}}"
#define CREATE "{\"name\":\"my-app\",\"source\":" WASM_URL "}"
#define MY_APP "{\"project_id\":\"alice.near/my-app\"}"

#define CREATE_PRICE AMT("5840000000000000000000")
#define PROJECT_PRICE AMT("2580000000000000000000")
#define GITHUB_PRICE AMT("2660000000000000000000")

static bench *open_new(void)
{
    bench *b = bench_open("outlayer", "outlayer.near");
    CALL_OK(b, "owner.near", 0, "new", "{\"owner_id\":\"owner.near\",\"operator_id\":\"op.near\"}");
    return b;
}

static bench *open_with_project(void)
{
    bench *b = open_new();
    CALL_OK(b, "alice.near", CREATE_PRICE, "create_project", CREATE);
    return b;
}

static void add_github(bench *b)
{
    CALL_OK(b, "alice.near", GITHUB_PRICE, "add_version",
            "{\"project_name\":\"my-app\",\"source\":" GITHUB ",\"set_active\":false}");
}

TEST("K59: a project is created with its first version active")
{
    bench *b = open_with_project();
    ol_str view = VIEW(b, "get_project", MY_APP);
    CHECK_STR(bench_member(b, view, "uuid"), OL_STR("\"p0000000000000001\""));
    CHECK_STR(bench_member(b, view, "owner"), OL_STR("\"alice.near\""));
    CHECK_STR(bench_member(b, view, "name"), OL_STR("\"my-app\""));
    CHECK_STR(bench_member(b, view, "active_version"), OL_STR("\"" HASH "\""));
    CHECK_STR(bench_member(b, view, "storage_deposit"), OL_STR("\"2580000000000000000000\""));
    CHECK_STR(VIEW(b, "get_version_count", MY_APP), OL_STR("1"));
    bench_close(b);
}

TEST("K59: what a project is paid too much goes back")
{
    bench *b = open_new();
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", CREATE_PRICE + 7, "create_project", CREATE);
    CHECK(bench_balance(b, "alice.near") == before - CREATE_PRICE);
    bench_close(b);
}

TEST("K60: one yocto less than the storage of project and version is refused")
{
    bench *b = open_new();
    CALL_FAILS(
        b, "alice.near", CREATE_PRICE - 1, "create_project", CREATE,
        "Insufficient storage deposit. Required: 5840000000000000000000 yoctoNEAR, attached: "
        "5839999999999999999999 yoctoNEAR");
    bench_close(b);
}

TEST("K61: a name is 1 to 64 letters, digits, dashes and underscores of ASCII")
{
    static const struct {
        const char *name;
        const char *error;
    } cases[] = {
        {"", "Project name cannot be empty"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "Project name too long (max 64 chars)"},
        {"a b", "only alphanumeric"},
        {"a/b", "only alphanumeric"},
        {"\\u00e4", "only alphanumeric"},
    };
    bench *b = open_new();
    OL_EACH (it, cases)
        CALL_FAILS(b, "alice.near", AMT("10000000000000000000000"), "create_project",
                   J(b, "{\"name\":\"%s\",\"source\":" WASM_URL "}", it->name), it->error);
    bench_close(b);
}

TEST("K62: a second project of the same name is refused")
{
    bench *b = open_with_project();
    CALL_FAILS(b, "alice.near", CREATE_PRICE, "create_project", CREATE,
               "Project 'alice.near/my-app' already exists");
    CALL_FAILS(b, "alice.near", 0, "create_project", CREATE,
               "Project 'alice.near/my-app' already exists");
    bench_close(b);
}

TEST("K63: a version from GitHub is keyed by repository and commit")
{
    bench *b = open_with_project();
    CALL_FAILS(b, "alice.near", GITHUB_PRICE - 1, "add_version",
               "{\"project_name\":\"my-app\",\"source\":" GITHUB ",\"set_active\":false}",
               "Required: 2660000000000000000000 yoctoNEAR");
    add_github(b);
    CHECK_STR(
        VIEW(b, "list_versions", MY_APP),
        ol_str_of(J(b,
                    "[{\"wasm_hash\":\"" HASH "\",\"source\":" WASM_URL
                    ",\"added_at\":%llu,\"is_active\":true},{\"wasm_hash\":"
                    "\"https://github.com/u/r@abc123\",\"source\":{\"GitHub\":{\"repo\":"
                    "\"https://github.com/u/r\",\"commit\":\"abc123\",\"build_target\":null}},"
                    "\"added_at\":%llu,\"is_active\":false}]",
                    (unsigned long long)(bench_now(b) - 2000000000u),
                    (unsigned long long)bench_now(b))));
    bench_close(b);
}

TEST("K64: the same commit with another build target is the same version")
{
    bench *b = open_with_project();
    add_github(b);
    CALL_FAILS(b, "alice.near", AMT("10000000000000000000000"), "add_version",
               "{\"project_name\":\"my-app\",\"source\":{\"GitHub\":{\"repo\":"
               "\"https://github.com/u/r\",\"commit\":\"abc123\",\"build_target\":"
               "\"wasm32-wasip1\"}},\"set_active\":false}",
               "Version 'https://github.com/u/r@abc123' already exists in project");
    bench_close(b);
}

TEST("K65: the active version stays; another one is removed and refunded")
{
    bench *b = open_with_project();
    add_github(b);
    CALL_FAILS(b, "alice.near", 0, "remove_version",
               "{\"project_name\":\"my-app\",\"version_key\":\"" HASH "\"}",
               "Cannot remove active version. Switch to another version first.");
    CALL_FAILS(b, "alice.near", 0, "remove_version",
               "{\"project_name\":\"my-app\",\"version_key\":\"nothing\"}", "Version not found");
    CALL_OK(b, "alice.near", 0, "set_active_version",
            "{\"project_name\":\"my-app\",\"version_key\":\"https://github.com/u/r@abc123\"}");
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", 0, "remove_version",
            "{\"project_name\":\"my-app\",\"version_key\":\"" HASH "\"}");
    CHECK(bench_balance(b, "alice.near") == before + AMT("3260000000000000000000"));
    CHECK_STR(VIEW(b, "get_version_count", MY_APP), OL_STR("1"));
    CHECK_STR(VIEW(b, "get_version",
                   "{\"project_id\":\"alice.near/my-app\",\"version_key\":\"" HASH "\"}"),
              OL_STR("null"));
    CALL_FAILS(b, "alice.near", 0, "set_active_version",
               "{\"project_name\":\"my-app\",\"version_key\":\"" HASH "\"}",
               "Version '" HASH "' not found in project");
    bench_close(b);
}

TEST("K66: deleting a project announces the clean-up of its storage")
{
    bench *b = open_with_project();
    CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"my-app\"}");
    ol_str event = bench_event(b, "system_event");
    CHECK_STR(event, ol_str_of(J(b,
                                 "{\"ProjectStorageCleanup\":{\"project_id\":\"alice.near/my-app\","
                                 "\"project_uuid\":\"p0000000000000001\",\"timestamp\":%llu}}",
                                 (unsigned long long)bench_now(b))));
    CHECK_STR(VIEW(b, "get_project", MY_APP), OL_STR("null"));
    CHECK_STR(VIEW(b, "list_versions", MY_APP), OL_STR("[]"));
    CHECK_STR(VIEW(b, "get_version_count", MY_APP), OL_STR("0"));
    CALL_FAILS(b, "alice.near", 0, "delete_project", "{\"project_name\":\"my-app\"}",
               "Project not found");
    bench_close(b);
}

TEST("K67: a transferred project keeps its uuid and loses its old id")
{
    bench *b = open_with_project();
    CALL_OK(b, "alice.near", 0, "transfer_project",
            "{\"project_name\":\"my-app\",\"new_owner\":\"bob.near\"}");
    CALL_OK(b, "bob.near", 0, "accept_project", MY_APP);
    CHECK_STR(VIEW(b, "get_project", MY_APP), OL_STR("null"));
    ol_str view = VIEW(b, "get_project", "{\"project_id\":\"bob.near/my-app\"}");
    CHECK_STR(bench_member(b, view, "uuid"), OL_STR("\"p0000000000000001\""));
    CHECK_STR(bench_member(b, view, "owner"), OL_STR("\"bob.near\""));
    CHECK_STR(VIEW(b, "get_version_count", "{\"project_id\":\"bob.near/my-app\"}"), OL_STR("1"));
    CHECK_STR(VIEW(b, "list_user_projects", "{\"account_id\":\"alice.near\"}"), OL_STR("[]"));
    bench_close(b);
}

TEST("projects of others are not found, and pausing stops creation alone")
{
    bench *b = open_with_project();
    CALL_FAILS(b, "bob.near", 0, "delete_project", "{\"project_name\":\"my-app\"}",
               "Project not found");
    CALL_FAILS(b, "bob.near", GITHUB_PRICE, "add_version",
               "{\"project_name\":\"my-app\",\"source\":" GITHUB ",\"set_active\":true}",
               "Project not found");
    CALL_OK(b, "owner.near", 0, "set_paused", "{\"paused\":true}");
    CALL_FAILS(b, "bob.near", CREATE_PRICE, "create_project", CREATE, "Contract is paused");
    CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"my-app\"}");
    bench_close(b);
}

/* --- Contract 16 ---------------------------------------------------------------------------------
 */

TEST("KF2: a project moves into nobody's namespace without being accepted")
{
    bench *b = open_with_project();
    CALL_OK(b, "alice.near", 0, "transfer_project",
            "{\"project_name\":\"my-app\",\"new_owner\":\"bob.near\"}");
    ol_str view = VIEW(b, "get_project", MY_APP);
    CHECK_STR(bench_member(b, view, "owner"), OL_STR("\"alice.near\""));
    CHECK_STR(bench_member(b, view, "offered_to"), OL_STR("\"bob.near\""));
    CALL_FAILS(b, "carol.near", 0, "accept_project", MY_APP, "is not offered to carol.near");
    CALL_OK(b, "alice.near", 0, "transfer_project", "{\"project_name\":\"my-app\"}");
    CALL_FAILS(b, "bob.near", 0, "accept_project", MY_APP, "is not offered to bob.near");
    bench_close(b);
}

TEST("KF2: an id that is taken, or that secrets still name, receives no project")
{
    bench *b = open_with_project();
    CALL_OK(b, "bob.near", AMT("10000000000000000000000"), "create_project", CREATE);
    CALL_FAILS(b, "alice.near", 0, "transfer_project",
               "{\"project_name\":\"my-app\",\"new_owner\":\"bob.near\"}",
               "Project 'bob.near/my-app' already exists");
    CALL_OK(b, "carol.near", AMT("10000000000000000000000"), "store_secrets",
            "{\"accessor\":{\"Project\":{\"project_id\":\"bob.near/my-app\"}},\"profile\":\"p\","
            "\"encrypted_secrets_base64\":\"AAAA\",\"access\":\"AllowAll\"}");
    CALL_OK(b, "bob.near", 0, "delete_project", "{\"project_name\":\"my-app\"}");
    CALL_OK(b, "alice.near", 0, "transfer_project",
            "{\"project_name\":\"my-app\",\"new_owner\":\"bob.near\"}");
    CALL_FAILS(b, "bob.near", 0, "accept_project", MY_APP, "is not free");
    CALL_OK(b, "carol.near", 0, "delete_secrets",
            "{\"accessor\":{\"Project\":{\"project_id\":\"bob.near/my-app\"}},\"profile\":\"p\"}");
    CALL_OK(b, "bob.near", 0, "accept_project", MY_APP);
    bench_close(b);
}

TEST("KF2: a longer id is paid by its receiver, a shorter one refunds")
{
    bench *b = open_with_project();
    CALL_OK(b, "alice.near", 0, "transfer_project",
            "{\"project_name\":\"my-app\",\"new_owner\":\"alice-and-friends.near\"}");
    CALL_FAILS(b, "alice-and-friends.near", 0, "accept_project", MY_APP,
               "Insufficient deposit for update. Required: 2700000000000000000000");
    CALL_OK(b, "alice-and-friends.near", AMT("120000000000000000000"), "accept_project", MY_APP);
    CALL_OK(b, "alice-and-friends.near", 0, "transfer_project",
            "{\"project_name\":\"my-app\",\"new_owner\":\"alice.near\"}");
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", 0, "accept_project",
            "{\"project_id\":\"alice-and-friends.near/my-app\"}");
    CHECK(bench_balance(b, "alice.near") == before + AMT("120000000000000000000"));
    bench_close(b);
}

TEST("KF9: deleting a project refunds all of its deposits and leaves no record")
{
    bench *b = open_new();
    int64_t usage = bench_storage_usage(b);
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", CREATE_PRICE, "create_project", CREATE);
    int64_t counter = 0;
    add_github(b);
    CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"my-app\"}");
    CHECK(bench_balance(b, "alice.near") == before);
    /* What stays is the counter of uuids: 1 byte of key, 8 of value, 40 of record. */
    counter = bench_storage_usage(b) - usage;
    CHECK_EQ(counter, 49);
    bench_close(b);
}

TEST("KF9: a project of very many versions is deleted in pages, the active one last")
{
    enum { VERSIONS = 120, PAGE = 50 };
    bench *b = open_new();
    ol_u128 before = bench_balance(b, "alice.near");
    CALL_OK(b, "alice.near", CREATE_PRICE, "create_project", CREATE);
    for (int i = 1; i < VERSIONS; i++)
        CALL_OK(b, "alice.near", AMT("2620000000000000000000"), "add_version",
                J(b,
                  "{\"project_name\":\"my-app\",\"source\":{\"GitHub\":{\"repo\":"
                  "\"https://github.com/u\",\"commit\":\"%04d\"}},\"set_active\":%s}",
                  i, i == 119 ? "true" : "false"));
    CHECK_STR(VIEW(b, "get_version_count", MY_APP), OL_STR("120"));
    const bench_outcome *first =
        CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"my-app\"}");
    CHECK_STR(first->value, OL_STR("70"));
    CHECK_STR(bench_member(b, VIEW(b, "get_project", MY_APP), "active_version"),
              OL_STR("\"https://github.com/u@0119\""));
    CHECK_STR(CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"my-app\"}")->value,
              OL_STR("20"));
    CHECK_STR(CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"my-app\"}")->value,
              OL_STR(""));
    CHECK_STR(VIEW(b, "get_project", MY_APP), OL_STR("null"));
    CHECK(bench_balance(b, "alice.near") == before);
    bench_close(b);
}

TEST("KF23: projects and versions are listed in pages")
{
    bench *b = open_new();
    for (int i = 0; i < 7; i++)
        CALL_OK(b, "alice.near", AMT("10000000000000000000000"), "create_project",
                J(b, "{\"name\":\"p%d\",\"source\":" WASM_URL "}", i));
    static const struct {
        const char *page;
        const char *first;
        const char *last;
    } pages[] = {
        {"\"from_index\":0,\"limit\":3", "alice.near/p0", "alice.near/p2"},
        {"\"from_index\":3,\"limit\":3", "alice.near/p3", "alice.near/p5"},
        {"\"from_index\":6,\"limit\":3", "alice.near/p6", "alice.near/p6"},
        {"\"from_index\":0", "alice.near/p0", "alice.near/p6"},
    };
    OL_EACH (it, pages) {
        ol_str got =
            VIEW(b, "list_user_projects", J(b, "{\"account_id\":\"alice.near\",%s}", it->page));
        CHECK_HAS(got, ol_str_of(it->first), it->page);
        CHECK_HAS(got, ol_str_of(it->last), it->page);
    }
    CHECK_STR(VIEW(b, "list_user_projects", "{\"account_id\":\"alice.near\",\"from_index\":99}"),
              OL_STR("[]"));
    CHECK_STR(
        VIEW(b, "list_versions", "{\"project_id\":\"alice.near/p0\",\"from_index\":1,\"limit\":5}"),
        OL_STR("[]"));
    /* Removing one from the middle moves the last one into its place. */
    CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"p2\"}");
    CALL_OK(b, "alice.near", 0, "delete_project", "{\"project_name\":\"p6\"}");
    ol_str rest = VIEW(b, "list_user_projects", "{\"account_id\":\"alice.near\"}");
    size_t at;
    CHECK(!ol_str_find(rest, OL_STR("/p2\""), &at) && !ol_str_find(rest, OL_STR("/p6\""), &at));
    CHECK(ol_str_find(rest, OL_STR("/p5\""), &at) && ol_str_find(rest, OL_STR("/p0\""), &at));
    bench_close(b);
}
