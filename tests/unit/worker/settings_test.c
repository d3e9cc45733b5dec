#include "services/worker/settings.h"

#include <stdlib.h>

#include "tests/harness/test.h"

static void set_minimum(void)
{
    (void)clearenv();
    (void)setenv("API_BASE_URL", "http://127.0.0.1:8080/", 1);
    (void)setenv("API_AUTH_TOKEN", "canary-token", 1);
    (void)setenv("PROJECTS_FILE", "projects.json", 1);
}

TEST("the least a worker needs is a coordinator, a token and a source of projects")
{
    ol_arena arena = ol_arena_new(65536);
    worker_settings s;
    ol_setting_faults faults;
    set_minimum();
    CHECK_EQ(worker_settings_load(&arena, &s, &faults), OL_OK);
    CHECK_STR(s.api_url, OL_STR("http://127.0.0.1:8080"));
    CHECK_EQ(s.concurrency, 1);
    CHECK_EQ(s.poll_seconds, 60);
    CHECK_EQ(s.seconds_cap, 180);
    CHECK_EQ(s.memory_mb_cap, 512);
    CHECK_EQ(s.rpc_calls_max, 100);
    CHECK(getenv("API_AUTH_TOKEN") == NULL); /* /proc/PID/environ no longer has it */
    ol_arena_deinit(&arena);
}

TEST("W2: a worker with nothing to do does not start")
{
    ol_arena arena = ol_arena_new(65536);
    worker_settings s;
    ol_setting_faults faults;
    set_minimum();
    (void)setenv("COMPILATION_ENABLED", "false", 1);
    (void)setenv("EXECUTION_ENABLED", "false", 1);
    CHECK_EQ(worker_settings_load(&arena, &s, &faults), OL_ERR_SETTINGS);
    CHECK_EQ(faults.count, 1);
    CHECK_HAS(ol_str_of(faults.text), OL_STR("EXECUTION_ENABLED"), "text");
    ol_arena_deinit(&arena);
}

TEST("W3: native builds and execution do not share a worker")
{
    ol_arena arena = ol_arena_new(65536);
    worker_settings s;
    ol_setting_faults faults;
    set_minimum();
    (void)setenv("COMPILATION_MODE", "native", 1);
    CHECK_EQ(worker_settings_load(&arena, &s, &faults), OL_ERR_SETTINGS);
    CHECK_HAS(ol_str_of(faults.text),
              OL_STR("Security error: Native compilation mode (COMPILATION_MODE=native) must NOT "
                     "have"),
              "text");
    ol_arena_deinit(&arena);
}

TEST("every fault is named at once, and no secret among them")
{
    static const char *const wanted[] = {
        "API_BASE_URL", "WORKER_CONCURRENCY",     "POLL_TIMEOUT_SECONDS", "TEE_MODE",
        "NEAR_RPC_URL", "OFFCHAINVM_CONTRACT_ID", "OPERATOR_ACCOUNT_ID",  "WORKER_ID",
        "LOG_LEVEL"};
    ol_arena arena = ol_arena_new(65536);
    worker_settings s;
    ol_setting_faults faults;
    (void)clearenv();
    (void)setenv("API_BASE_URL", "ftp://x", 1);
    (void)setenv("API_AUTH_TOKEN", "canary-token", 1);
    (void)setenv("WORKER_CONCURRENCY", "0", 1);
    (void)setenv("POLL_TIMEOUT_SECONDS", "301", 1);
    (void)setenv("TEE_MODE", "sgx", 1);
    (void)setenv("WORKER_ID", "a b", 1);
    (void)setenv("LOG_LEVEL", "loud", 1);
    CHECK_EQ(worker_settings_load(&arena, &s, &faults), OL_ERR_SETTINGS);
    OL_EACH (name, wanted)
        CHECK_HAS(ol_str_of(faults.text), ol_str_of(*name), *name);
    size_t at;
    CHECK(!ol_str_find(ol_str_of(faults.text), OL_STR("canary"), &at));
    ol_arena_deinit(&arena);
}

TEST("TEE_MODE is trimmed, unquoted and lower-cased")
{
    ol_arena arena = ol_arena_new(65536);
    worker_settings s;
    ol_setting_faults faults;
    set_minimum();
    (void)setenv("TEE_MODE", " \"Outlayer_TEE\" ", 1);
    CHECK_EQ(worker_settings_load(&arena, &s, &faults), OL_OK);
    CHECK_STR(s.tee_mode, OL_STR("outlayer_tee"));
    ol_arena_deinit(&arena);
}
