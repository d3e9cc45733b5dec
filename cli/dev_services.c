#include "cli/dev_services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/dev_chain.h"
#include "lib/codec/hex.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "lib/near/dev_key.h"
#include "lib/secrets/attest.h"
#include "lib/secrets/master.h"

ol_rc dev_services_find(const cli *it, dev_state *state, dev_services *ret, ol_err *err)
{
    const char *runner, *aot; /* the worker finds them itself; say early when one is missing */
    *ret = (dev_services){.state = state, .slots = 2};
    OL_TRY(cli_program(it, "outlayer-coordinator", &ret->coordinator, err));
    OL_TRY(cli_program(it, "outlayer-worker", &ret->worker, err));
    OL_TRY(cli_program(it, "outlayer-keystore", &ret->keystore, err));
    OL_TRY(cli_program(it, "outlayer-runner", &runner, err));
    return cli_program(it, "outlayer-aot", &aot, err);
}

/* Secrets travel in files: an environment can be read in /proc by the same user. */
static ol_rc secret_variable(const dev_state *state, dev_spawn *spawn, const char *name,
                             const char *file, ol_str value, ol_err *err)
{
    ol_str path = dev_path(state, file);
    if (path.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    OL_TRY(ol_file_save(path.data, ol_str_bytes(value), S_IRUSR | S_IWUSR, err));
    dev_variable(state->cli, spawn, name, path);
    return OL_OK;
}

static void common(const dev_services *services, dev_spawn *spawn)
{
    const cli *it = services->state->cli;
    const char *home = getenv("HOME");
    dev_variable(it, spawn, "PATH", OL_STR("/usr/bin:/bin"));
    if (home != NULL)
        dev_variable(it, spawn, "HOME", ol_str_of(home));
    dev_variable(it, spawn, "LOG_LEVEL", it->verbose ? OL_STR("debug") : OL_STR("info"));
    dev_variable(it, spawn, "PROJECTS_FILE", dev_path(services->state, "projects.json"));
}

/* What both services know of the chain. */
static void chain_variables(const dev_services *services, dev_spawn *spawn)
{
    const cli *it = services->state->cli;
    if (services->rpc.len == 0)
        return;
    dev_variable(it, spawn, "NEAR_RPC_URL", services->rpc);
    dev_variable(it, spawn, "OFFCHAINVM_CONTRACT_ID", OL_STR(DEV_CONTRACT));
}

/* ---- the keystore */

static ol_rc token_draw(const cli *it, ol_str *ret, ol_err *err)
{
    uint8_t bytes[32];
    ol_random_fill(ol_random_kernel(), bytes, sizeof bytes);
    *ret = ol_hex_of(it->arena, (ol_bytes){bytes, sizeof bytes});
    return ret->data != NULL ? OL_OK : ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
}

static void token_hash(const cli *it, dev_spawn *spawn, const char *name, ol_str token)
{
    ol_sha256_hex hash = ol_sha256_hex_of(ol_str_bytes(token));
    dev_variable(it, spawn, name, ol_arena_printf(it->arena, "%s", hash.data));
}

/* Workers prove themselves by the operator's key, as on the public networks; without a chain there
 * is nobody to ask about keys. */
static void keystore_chain(const dev_services *services, dev_spawn *spawn)
{
    const cli *it = services->state->cli;
    if (services->rpc.len == 0)
        return;
    dev_variable(it, spawn, "NEAR_RPC_URL", services->rpc);
    dev_variable(it, spawn, "NEAR_CONTRACT_ID", OL_STR(DEV_CONTRACT));
    dev_variable(it, spawn, "TEE_MODE", OL_STR("outlayer_tee"));
    dev_variable(it, spawn, "OPERATOR_ACCOUNT_ID", OL_STR(DEV_OPERATOR));
    /* Blocks come when there is work, and what was stored counts at once. */
    dev_variable(it, spawn, "BLOCK_AGE_MAX_SECONDS", OL_STR("0"));
    dev_variable(it, spawn, "FACTS_MS", OL_STR("0"));
}

ol_rc dev_keystore_start(dev_services *services, dev_child *ret, ol_err *err)
{
    const dev_state *state = services->state;
    const cli *it = state->cli;
    OL_AUTO(ol_ed25519_key) master;
    dev_spawn spawn = {.name = "keystore", .program = services->keystore};
    ol_dev_key(state->seed, OL_STR("keystore"), &master);
    ol_str hex = ol_hex_of(it->arena, (ol_bytes){master.secret, OL_MASTER_BYTES});
    if (hex.data == NULL)
        return ol_fail(err, OL_ERR_NO_MEMORY, "out of memory");
    if (services->keystore_token.len == 0) {
        OL_TRY(token_draw(it, &services->keystore_token, err));
        OL_TRY(token_draw(it, &services->keystore_coordinator_token, err));
    }
    common(services, &spawn);
    dev_variable(it, &spawn, "SERVER_HOST", OL_STR("127.0.0.1"));
    dev_variable(it, &spawn, "SERVER_PORT",
                 ol_arena_printf(it->arena, "%u", services->keystore_port));
    token_hash(it, &spawn, "ALLOWED_WORKER_TOKEN_HASHES", services->keystore_token);
    token_hash(it, &spawn, "ALLOWED_COORDINATOR_TOKEN_HASHES",
               services->keystore_coordinator_token);
    keystore_chain(services, &spawn);
    /* An ordinary user may lock 8 MiB; these are no secrets but of tests. */
    dev_variable(it, &spawn, "LOCK_MEMORY", OL_STR("false"));
    dev_variable(it, &spawn, "UPDATES_V1", OL_STR("false")); /* our own command line knows form 2 */
    OL_TRY(
        secret_variable(state, &spawn, "KEYSTORE_MASTER_SECRET_FILE", "keystore-master", hex, err));
    return dev_child_start(&spawn, ret, err);
}

ol_str dev_keystore_attestor(const dev_services *services)
{
    OL_AUTO(ol_ed25519_key) seed;
    OL_AUTO(ol_ed25519_key) attestor;
    OL_AUTO(ol_master) master;
    ol_dev_key(services->state->seed, OL_STR("keystore"), &seed);
    memcpy(master.secret, seed.secret, sizeof master.secret);
    ol_master_ed25519(&master, OL_STR(OL_ATTESTOR_SEED), &attestor);
    ol_ed25519_public public = ol_ed25519_public_of(&attestor);
    return ol_hex_of(services->state->cli->arena, (ol_bytes){public.bytes, sizeof public.bytes});
}

/* Where the keystore is, for those that ask it. Nothing before it has been started. */
static ol_rc keystore_variables(const dev_services *services, dev_spawn *spawn, const char *file,
                                ol_str token, ol_err *err)
{
    const cli *it = services->state->cli;
    if (token.len == 0)
        return OL_OK;
    dev_variable(it, spawn, "KEYSTORE_BASE_URL",
                 ol_arena_printf(it->arena, "http://127.0.0.1:%u", services->keystore_port));
    return secret_variable(services->state, spawn, "KEYSTORE_AUTH_TOKEN_FILE", file, token, err);
}

/* ---- coordinator and worker */

static ol_rc coordinator_plan(const dev_services *services, dev_spawn *spawn, ol_err *err)
{
    const dev_state *state = services->state;
    const cli *it = state->cli;
    *spawn = (dev_spawn){.name = "coordinator", .program = services->coordinator};
    common(services, spawn);
    dev_variable(it, spawn, "HOST", OL_STR("127.0.0.1"));
    dev_variable(it, spawn, "PORT", ol_arena_printf(it->arena, "%u", services->port));
    dev_variable(it, spawn, "PRIVATE_PORT", OL_STR("0"));
    dev_variable(it, spawn, "DATABASE_URL",
                 ol_arena_printf(it->arena, "sqlite:%.*s/coordinator.db", OL_FMT(state->folder)));
    dev_variable(it, spawn, "WASM_CACHE_DIR", dev_path(state, "wasm-cache"));
    chain_variables(services, spawn);
    if (services->rpc.len > 0) {
        dev_variable(it, spawn, "STABLECOIN_CONTRACT", OL_STR(DEV_TOKEN));
        /* Runs are for those that prove the operator's key, as on the public networks. */
        dev_variable(it, spawn, "REQUIRE_TEE_SESSION", OL_STR("true"));
        dev_variable(it, spawn, "OPERATOR_ACCOUNT_ID", OL_STR(DEV_OPERATOR));
        dev_variable(it, spawn, "BARE_CHALLENGES", OL_STR("false"));
    }
    dev_variable(it, spawn, "HTTPS_RATE_LIMIT_PER_MINUTE", OL_STR("0"));
    dev_variable(it, spawn, "PUBLIC_RATE_LIMIT_PER_MINUTE", OL_STR("0"));
    dev_variable(it, spawn, "SECRETS_RATE_LIMIT_PER_MINUTE", OL_STR("0"));
    OL_TRY(keystore_variables(services, spawn, "keystore-coordinator-token",
                              services->keystore_coordinator_token, err));
    return secret_variable(state, spawn, "ADMIN_BEARER_TOKEN_FILE", "admin-token",
                           state->admin_token, err);
}

ol_rc dev_token_ensure(const dev_services *services, ol_err *err)
{
    dev_state *state = services->state;
    dev_spawn spawn;
    char *const argv[] = {(char *)(uintptr_t)services->coordinator, (char *)(uintptr_t)"token",
                          (char *)(uintptr_t)"add", (char *)(uintptr_t)"dev", NULL};
    if (state->worker_token.len > 0)
        return OL_OK;
    OL_TRY(coordinator_plan(services, &spawn, err));
    spawn.argv = argv;
    OL_TRY(dev_program_run(state->cli, &spawn, &state->worker_token, err));
    return dev_tokens_save(state, err);
}

ol_rc dev_coordinator_start(const dev_services *services, dev_child *ret, ol_err *err)
{
    dev_spawn spawn;
    OL_TRY(coordinator_plan(services, &spawn, err));
    return dev_child_start(&spawn, ret, err);
}

/* The worker watches the chain and delivers to it. */
static ol_rc operator_variables(const dev_services *services, dev_spawn *spawn, ol_err *err)
{
    const cli *it = services->state->cli;
    chain_variables(services, spawn);
    if (services->rpc.len == 0)
        return OL_OK;
    dev_variable(it, spawn, "ENABLE_EVENT_MONITOR", OL_STR("true"));
    dev_variable(it, spawn, "TEE_MODE", OL_STR("outlayer_tee")); /* a session at the coordinator */
    dev_variable(it, spawn, "NEARDATA_API_URL",
                 ol_arena_printf(it->arena, "%.*s/v0/block", OL_FMT(services->rpc)));
    dev_variable(it, spawn, "OPERATOR_ACCOUNT_ID", OL_STR(DEV_OPERATOR));
    return secret_variable(services->state, spawn, "OPERATOR_PRIVATE_KEY_FILE", "operator-key",
                           services->operator_key, err);
}

ol_rc dev_worker_start(const dev_services *services, ol_str private_port, dev_child *ret,
                       ol_err *err)
{
    const dev_state *state = services->state;
    const cli *it = state->cli;
    dev_spawn spawn = {.name = "worker", .program = services->worker};
    common(services, &spawn);
    dev_variable(it, &spawn, "API_BASE_URL", it->api);
    dev_variable(it, &spawn, "WORKER_ID", OL_STR("dev"));
    dev_variable(it, &spawn, "WORKER_CONCURRENCY",
                 ol_arena_printf(it->arena, "%llu", (unsigned long long)services->slots));
    dev_variable(it, &spawn, "WASM_CACHE_DIR", dev_path(state, "worker-cache"));
    dev_variable(it, &spawn, "PRINT_WASM_STDERR", OL_STR("true"));
    if (private_port.len > 0)
        dev_variable(it, &spawn, "HIDDEN_LOGS_BASE_URL",
                     ol_arena_printf(it->arena, "http://127.0.0.1:%.*s", OL_FMT(private_port)));
    if (services->loopback)
        dev_variable(it, &spawn, "ALLOW_LOOPBACK_ADDRESSES", OL_STR("true"));
    OL_TRY(operator_variables(services, &spawn, err));
    OL_TRY(keystore_variables(services, &spawn, "keystore-worker-token", services->keystore_token,
                              err));
    OL_TRY(secret_variable(state, &spawn, "API_AUTH_TOKEN_FILE", "worker-token",
                           state->worker_token, err));
    return dev_child_start(&spawn, ret, err);
}
