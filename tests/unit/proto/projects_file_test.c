#include "lib/proto/projects_file.h"

#include "tests/harness/test.h"

#define HASH "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"

static const ol_str GOOD = OL_STR_INIT(
    "{\"projects\":[{\"owner\":\"b.near\",\"name\":\"y\",\"active_version\":\"v1\",\"versions\":["
    "{\"key\":\"v1\",\"url\":\"https://a/b.wasm\",\"sha256\":\"" HASH "\",\"target\":"
    "\"wasm32-wasip2\"}]},"
    "{\"owner\":\"a.near\",\"name\":\"echo\",\"uuid\":\"p0000000000000001\",\"active_version\":"
    "\"v2\",\"versions\":[{\"key\":\"v1\",\"file\":\"/abs/echo.wasm\",\"sha256\":\"" HASH "\"},"
    "{\"key\":\"v2\",\"file\":\"echo.wasm\",\"sha256\":\"" HASH "\"}]}]}");

TEST("projects are found by id, versions by key, and the active one by none")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_projects projects;
    static ol_projects_faults faults;
    CHECK_EQ(ol_projects_parse(GOOD, OL_STR("/etc/outlayer"), &arena, &projects, &faults), OL_OK);
    CHECK_EQ(projects.count, 2);
    const ol_project *echo = ol_projects_find(&projects, OL_STR("a.near/echo"));
    CHECK(echo != NULL);
    CHECK_STR(echo->uuid, OL_STR("p0000000000000001"));
    const ol_project_version *active = ol_project_version_find(echo, OL_STR(""));
    CHECK(active != NULL);
    CHECK_STR(active->file, OL_STR("/etc/outlayer/echo.wasm"));
    CHECK_STR(active->target, OL_STR("wasm32-wasip1"));
    CHECK_STR(active->sha256,
              OL_STR("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
    CHECK_STR(ol_project_version_find(echo, OL_STR("v1"))->file, OL_STR("/abs/echo.wasm"));
    CHECK(ol_project_version_find(echo, OL_STR("v3")) == NULL);
    CHECK(ol_projects_find(&projects, OL_STR("a.near/none")) == NULL);
    const ol_project *y = ol_projects_find(&projects, OL_STR("b.near/y"));
    CHECK(y != NULL && y->uuid.data == NULL && y->version[0].file.data == NULL);
    ol_arena_deinit(&arena);
}

TEST("every fault of a projects file is named with its place")
{
    ol_arena arena = ol_arena_new(OL_MIB(1));
    ol_projects projects = {0};
    static ol_projects_faults faults;
    ol_str bad = OL_STR(
        "{\"projects\":[{\"owner\":\"a b\",\"name\":\"\",\"active_version\":\"v9\",\"versions\":["
        "{\"key\":\"v1\",\"file\":\"x\",\"url\":\"https://"
        "a\",\"sha256\":\"12\",\"target\":\"arm\"},"
        "{\"key\":\"v1\",\"url\":\"http://a\",\"sha256\":\"" HASH "\"}]},7,"
        "{\"owner\":\"c.near\",\"name\":\"z\",\"active_version\":\"v\",\"versions\":[]}]}");
    CHECK_EQ(ol_projects_parse(bad, OL_STR("."), &arena, &projects, &faults), OL_ERR_INVALID);
    static const char *const wanted[] = {
        "projects[0].owner: ",
        "projects[0].name: ",
        "projects[0].active_version: is not the key of a version",
        "projects[0].versions[0].file: exactly one of file and url",
        "projects[0].versions[0].sha256: ",
        "projects[0].versions[0].target: ",
        "projects[0].versions[1].key: is that of versions[0] already",
        "projects[0].versions[1].url: must begin with https://",
        "projects[1]: must be an object",
        "projects[2].versions: ",
    };
    OL_EACH (want, wanted)
        CHECK_HAS(ol_str_of(faults.text), ol_str_of(*want), *want);
    CHECK_EQ(faults.count, OL_COUNT(wanted));
    CHECK_EQ(projects.count, 0);
    ol_arena_deinit(&arena);
}

TEST("a project listed twice, or text that is no JSON, is refused")
{
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"projects\":{}}",
        "{\"projects\":[{\"owner\":\"a\",\"name\":\"b\",\"active_version\":\"v\",\"versions\":["
        "{\"key\":\"v\",\"file\":\"x\",\"sha256\":\"" HASH "\"}]},"
        "{\"owner\":\"a\",\"name\":\"b\",\"active_version\":\"v\",\"versions\":["
        "{\"key\":\"v\",\"file\":\"x\",\"sha256\":\"" HASH "\"}]}]}",
    };
    OL_EACH (text, bad) {
        ol_arena arena = ol_arena_new(OL_MIB(1));
        ol_projects projects;
        static ol_projects_faults faults;
        CHECK_EQ_ROW(ol_projects_parse(ol_str_of(*text), OL_STR("."), &arena, &projects, &faults),
                     OL_ERR_INVALID, *text);
        CHECK_ROW(faults.count == 1, *text);
        ol_arena_deinit(&arena);
    }
}
