#include "services/worker/projects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/codec/base64.h"
#include "lib/codec/json_read.h"
#include "lib/codec/json_write.h"
#include "tests/harness/test.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A contract that knows one project with one version; counts what it is asked. */
typedef struct contract {
    unsigned projects;
    unsigned versions;
    const char *active;
    bool down;
} contract;

static void answer(ol_buf *into, const char *json)
{
    ol_buf_add_str(into, OL_STR("{\"jsonrpc\":\"2.0\",\"result\":{\"result\":"));
    ol_json_writer w = ol_json_writer_over(into);
    ol_json_add_byte_array(&w, ol_str_bytes(ol_str_of(json)));
    ol_buf_add_str(into, OL_STR(",\"logs\":[]},\"id\":\"outlayer\"}"));
}

static ol_rc post(void *context, ol_str body, ol_buf *into, ol_err *err)
{
    contract *c = context;
    ol_arena arena = ol_arena_new(65536);
    ol_json root, params, member;
    ol_str base64, method;
    ol_bytes args;
    size_t at;
    char json[1024];
    if (c->down)
        return ol_fail(err, OL_ERR_NETWORK, "connection refused");
    CHECK(ol_json_parse(body, &root, err) == OL_OK);
    CHECK(ol_json_find(&root, OL_STR("params"), &params));
    CHECK(ol_json_find(&params, OL_STR("method_name"), &member));
    CHECK(ol_json_text(&member, &arena, &method, NULL) == OL_OK);
    CHECK(ol_json_find(&params, OL_STR("args_base64"), &member));
    CHECK(ol_json_text(&member, &arena, &base64, NULL) == OL_OK);
    CHECK(ol_base64_decode(base64, &arena, &args));
    bool known = ol_str_find(ol_bytes_str(args), OL_STR("\"a.near/x\""), &at);
    if (ol_str_eq(method, OL_STR("get_project"))) {
        c->projects++;
        (void)snprintf(json, sizeof json,
                       "{\"uuid\":\"p1\",\"owner\":\"a.near\",\"name\":\"x\",\"project_id\":"
                       "\"a.near/x\",\"active_version\":\"%s\"}",
                       c->active);
    } else {
        c->versions++;
        known = known && !ol_str_find(ol_bytes_str(args), OL_STR("\"v9\""), &at);
        (void)snprintf(json, sizeof json,
                       "{\"wasm_hash\":\"" HASH "\",\"source\":{\"WasmUrl\":{\"url\":"
                       "\"https://a/b.wasm\",\"hash\":\"" HASH "\",\"build_target\":"
                       "\"wasm32-wasip2\"}},\"added_at\":1,\"is_active\":true}");
    }
    answer(into, known ? json : "null");
    ol_arena_deinit(&arena);
    return OL_OK;
}

typedef struct fixture {
    contract contract;
    ol_rpc rpc;
    worker_settings settings;
    projects *projects;
    ol_arena arena;
    resolved_code code;
    ol_err err;
} fixture;

static void fixture_init(fixture *f, const char *file)
{
    ol_err err = {0};
    f->contract.active = "v1";
    f->rpc = (ol_rpc){post, &f->contract};
    f->settings =
        (worker_settings){.contract_id = OL_STR("outlayer.near"), .projects_file = ol_str_of(file)};
    f->arena = ol_arena_new(OL_MIB(1));
    CHECK_OK(projects_open(&f->settings, &f->projects, &err));
}

static void fixture_deinit(fixture *f)
{
    projects_close(f->projects);
    ol_arena_deinit(&f->arena);
}

static ol_rc resolve(fixture *f, const char *id, const char *key)
{
    return projects_resolve(f->projects, &f->rpc, ol_str_of(id), ol_str_of(key), &f->arena,
                            &f->code, &f->err);
}

TEST("a project's active version is its contract's, asked once within two seconds")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL);
    ol_err err = {0};
    for (int i = 0; i < 5; i++) {
        CHECK_OK(resolve(&f, "a.near/x", ""));
        CHECK_STR(f.code.source.url, OL_STR("https://a/b.wasm"));
        CHECK_STR(f.code.target, OL_STR("wasm32-wasip2"));
        CHECK_STR(f.code.uuid, OL_STR("p1"));
        CHECK_STR(ol_sha256_hex_str(&f.code.checksum), OL_STR(HASH));
        CHECK(f.code.checksum_is_content);
    }
    CHECK_EQ(f.contract.projects, 1);
    CHECK_EQ(f.contract.versions, 1);
    f.contract.down = true; /* what is known needs no node */
    CHECK_OK(resolve(&f, "a.near/x", "v1"));
}

TEST("W14: a project the contract does not know is named in the failure")
{
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, NULL);
    CHECK_EQ(resolve(&f, "a.near/none", ""), OL_ERR_PROJECT_NOT_FOUND);
    CHECK_STR(ol_err_text(&f.err),
              OL_STR("Failed to resolve project: Project not found: a.near/none"));
    CHECK_EQ(resolve(&f, "a.near/x", "v9"), OL_ERR_PROJECT_NOT_FOUND);
    CHECK_STR(ol_err_text(&f.err),
              OL_STR("Failed to resolve project: Project version not found: a.near/x @ v9"));
    f.contract.down = true;
    CHECK_EQ(resolve(&f, "b.near/y", ""), OL_ERR_NETWORK);
    CHECK_STARTS(ol_err_text(&f.err), OL_STR("Failed to resolve project: "), "network");
    CHECK_EQ(f.contract.projects, 2); /* absence is not remembered */
}

static void write_file(const char *path, const char *key)
{
    char text[1024];
    ol_err err = {0};
    (void)snprintf(text, sizeof text,
                   "{\"projects\":[{\"owner\":\"a.near\",\"name\":\"x\",\"uuid\":\"p5\","
                   "\"active_version\":\"%s\",\"versions\":[{\"key\":\"%s\",\"file\":\"x.wasm\","
                   "\"sha256\":\"" HASH "\"}]}]}",
                   key, key);
    CHECK_OK(ol_file_save(path, ol_str_bytes(ol_str_of(text)), 0600, &err));
}

TEST("with a projects file the contract is never asked, and a reload swaps it whole")
{
    char path[] = "/tmp/ol-projects-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    (void)close(fd);
    write_file(path, "v1");
    OL_AUTO(fixture) f = {0};
    fixture_init(&f, path);
    ol_err err = {0};
    CHECK_OK(resolve(&f, "a.near/x", ""));
    CHECK_STR(f.code.file, OL_STR("/tmp/x.wasm"));
    CHECK_STR(f.code.uuid, OL_STR("p5"));
    CHECK_EQ(resolve(&f, "a.near/y", ""), OL_ERR_PROJECT_NOT_FOUND);
    write_file(path, "v2");
    CHECK_OK(projects_reload(f.projects, &err));
    CHECK_EQ(resolve(&f, "a.near/x", "v1"), OL_ERR_PROJECT_NOT_FOUND);
    CHECK_OK(resolve(&f, "a.near/x", "v2"));
    CHECK_OK(ol_file_save(path, ol_str_bytes(OL_STR("{\"projects\":[{}]}")), 0600, &err));
    CHECK_EQ(projects_reload(f.projects, &err), OL_ERR_INVALID);
    CHECK_OK(resolve(&f, "a.near/x", "v2")); /* a file with faults changes nothing */
    CHECK_EQ(f.contract.projects + f.contract.versions, 0);
    (void)unlink(path);
}
