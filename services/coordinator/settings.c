#include "services/coordinator/settings.h"

#include "lib/base/log.h"

#define AT(member) offsetof(coordinator_settings, member)
#define TEXT(name, member, standard, help)                                                         \
    {name, OL_SETTING_TEXT, AT(member), standard, false, 0, 0, help}
#define NUMBER(name, member, standard, min, max, help)                                             \
    {name, OL_SETTING_U64, AT(member), standard, false, min, max, help}
#define FLAG(name, member, standard, help)                                                         \
    {name, OL_SETTING_BOOL, AT(member), standard, false, 0, 0, help}

enum { DAY_SECONDS = 86400 };

static const ol_setting TABLE[] = {
    TEXT("HOST", host, "0.0.0.0", "address of the public listener"),
    NUMBER("PORT", port, "8080", 0, 65535, "its port; 0 takes a free one and logs it"),
    TEXT("PRIVATE_HOST", private_host, "127.0.0.1", "address of the private listener"),
    NUMBER("PRIVATE_PORT", private_port, "8081", 0, 65535,
           "its port: /internal/system-logs, /metrics"),
    TEXT("LOG_LEVEL", log_level, "info", "debug, info, warn or error"),

    TEXT("DATABASE_URL", database_url, "sqlite:outlayer.db", "sqlite:PATH"),
    TEXT("WASM_CACHE_DIR", wasm_cache_dir, "wasm-cache", "folder of cached code"),
    NUMBER("WASM_CACHE_MAX_SIZE_GB", wasm_cache_gb, "50", 1, 1 << 20, "size it is kept under"),
    NUMBER("LRU_EVICTION_CHECK_INTERVAL_SECONDS", eviction_seconds, "3600", 1, DAY_SECONDS,
           "how often that is checked"),
    NUMBER("DB_POOL_SIZE", db_pool_size, "50", 1, 1000, "connections to a server database"),
    TEXT("REDIS_URL", redis_url, NULL, "not needed; accepted and not used"),

    FLAG("REQUIRE_AUTH", require_auth, "true", "false lets any worker in: development only"),
    {"ADMIN_BEARER_TOKEN", OL_SETTING_SECRET, AT(admin_token), NULL, true, 0, 0,
     "credential of the admin routes"},
    TEXT("CORS_ALLOWED_ORIGINS", cors_origins, "http://localhost:3000",
         "origins of restricted routes, comma-separated"),
    TEXT("TRUSTED_PROXIES", trusted_proxies, NULL,
         "addresses whose X-Forwarded-For and X-Real-IP count, comma-separated"),

    TEXT("NEAR_RPC_URL", near_rpc_url, NULL, "JSON-RPC of the chain; none: no contract views"),
    TEXT("OFFCHAINVM_CONTRACT_ID", contract_id, NULL, "account of the OutLayer contract"),
    TEXT("PROJECTS_FILE", projects_file, NULL,
         "projects served without a chain; read again on SIGHUP"),
    TEXT("GITHUB_API_URL", github_api_url, "https://api.github.com",
         "where branches of commits are looked up"),
    TEXT("KEYSTORE_BASE_URL", keystore_url, NULL, "the keystore"),
    {"KEYSTORE_AUTH_TOKEN", OL_SETTING_SECRET, AT(keystore_token), NULL, false, 0, 0,
     "its credential"},
    TEXT("OPERATOR_ACCOUNT_ID", operator_account_id, NULL,
         "account whose access keys are workers' session keys"),
    FLAG("REQUIRE_TEE_SESSION", require_tee_session, "false",
         "execution needs a registered worker session"),
    NUMBER("SESSION_RECHECK_SECONDS", session_recheck_seconds, "3600", 1, DAY_SECONDS,
           "how often sessions' access keys are looked up again"),
    FLAG("ANY_OPERATOR_KEY", any_operator_key, "false",
         "sessions also by keys of the operator that may do more than a worker's four methods, as "
         "the public reference takes them: its owner can then be a worker for ever"),
    FLAG("BARE_CHALLENGES", bare_challenges, "true",
         "sessions also by signed bare challenges, as the public reference's workers ask for"),

    NUMBER("DEFAULT_COMPUTE_LIMIT", compute_limit_standard, "10000", 1, UINT64_MAX,
           "X-Compute-Limit when absent, micro-USD"),
    NUMBER("MIN_COMPUTE_LIMIT", compute_limit_min, "1000", 0, UINT64_MAX, "least X-Compute-Limit"),
    NUMBER("HTTPS_CALL_TIMEOUT_SECONDS", call_seconds, "300", 1, DAY_SECONDS,
           "how long a call may take until it is settled"),
    NUMBER("ASYNC_QUEUE_ALLOWANCE_SECONDS", async_allowance_seconds, "900", 0, DAY_SECONDS,
           "what an asynchronous call may wait beyond that"),
    NUMBER("SYSTEM_TASK_LEASE_SECONDS", system_lease_seconds, "300", 1, DAY_SECONDS,
           "until a system task that a worker took is given to another"),
    NUMBER("MAX_CONCURRENT_CALLS_PER_KEY", calls_per_key_max, "10", 1, 1 << 20,
           "calls of one key in flight"),
    NUMBER("PAYMENT_KEY_RATE_LIMIT_PER_MINUTE", key_requests_per_minute, "1000", 0, 1 << 30,
           "calls of one key a minute; 0: no limit"),
    NUMBER("HTTPS_RATE_LIMIT_PER_MINUTE", https_requests_per_minute, "100", 0, 1 << 30,
           "HTTPS API requests of one address a minute; 0: no limit"),
    NUMBER("PUBLIC_RATE_LIMIT_PER_MINUTE", public_requests_per_minute, "100", 0, 1 << 30,
           "attestation reads of one address a minute; 0: no limit"),
    NUMBER("SECRETS_RATE_LIMIT_PER_MINUTE", secrets_requests_per_minute, "10", 0, 1 << 30,
           "secrets requests of one address a minute; 0: no limit"),

    NUMBER("DRAIN_SECONDS", drain_seconds, "20", 0, 600,
           "how long a stop waits for calls in flight"),
    NUMBER("CONNECTIONS_MAX", connections_max, "4096", 16, 65536, "connections at once"),
    NUMBER("CONNECTIONS_PER_ADDRESS_MAX", connections_per_address_max, "0", 0, 65536,
           "of one address; 0: no limit (behind a proxy all come from one)"),
    NUMBER("HEAD_SECONDS", head_seconds, "60", 1, 3600,
           "from connection or last answer to a whole head"),
    NUMBER("BODY_SECONDS", body_seconds, "120", 1, 3600, "from the head to a whole body"),

    TEXT("STABLECOIN_CONTRACT", stablecoin_contract, NULL, "token that funds payment keys"),
    NUMBER("STABLECOIN_DECIMALS", stablecoin_decimals, "6", 0, 24, "its decimals"),
    TEXT("STABLECOIN_SYMBOL", stablecoin_symbol, "USDC", "its name"),
};

ol_rc coordinator_settings_load(ol_arena *arena, coordinator_settings *ret,
                                ol_setting_faults *ret_faults)
{
    ol_level level;
    (void)ol_settings_load(TABLE, OL_COUNT(TABLE), ret, arena, ret_faults);
    if (ret->require_tee_session && ret->operator_account_id.len == 0)
        ol_setting_fault(ret_faults, "REQUIRE_TEE_SESSION needs OPERATOR_ACCOUNT_ID");
    if (ret->log_level.len > 0 && !ol_level_parse(ret->log_level, &level))
        ol_setting_fault(ret_faults, "LOG_LEVEL: not one of debug, info, warn, error");
    if (ret->database_url.len > 0 && !ol_str_starts(ret->database_url, OL_STR("sqlite:")))
        ol_setting_fault(ret_faults, "DATABASE_URL: only sqlite:PATH is built in");
    if (ret->near_rpc_url.len > 0 && ret->contract_id.len == 0)
        ol_setting_fault(ret_faults, "NEAR_RPC_URL needs OFFCHAINVM_CONTRACT_ID");
    return ret_faults->count == 0 ? OL_OK : OL_ERR_SETTINGS;
}

void coordinator_settings_print(void)
{
    ol_settings_print(TABLE, OL_COUNT(TABLE));
}
