/* What the operator sets (Coordinator 1). Read once, then const. */
#ifndef COORDINATOR_SETTINGS_H
#define COORDINATOR_SETTINGS_H

#include "lib/base/settings.h"

typedef struct coordinator_settings {
    ol_str host;
    uint64_t port;
    ol_str private_host;
    uint64_t private_port;
    ol_str log_level;

    ol_str database_url; /* sqlite:PATH */
    ol_str wasm_cache_dir;
    uint64_t wasm_cache_gb;
    uint64_t eviction_seconds;
    uint64_t db_pool_size;
    ol_str redis_url; /* accepted for the sake of old units; not needed */

    bool require_auth;
    ol_str admin_token;     /* secret */
    ol_str cors_origins;    /* comma list */
    ol_str trusted_proxies; /* comma list of addresses */

    ol_str near_rpc_url;
    ol_str contract_id;
    ol_str projects_file;
    ol_str github_api_url;
    ol_str keystore_url;
    ol_str keystore_token; /* secret */
    ol_str operator_account_id;
    bool require_tee_session;
    uint64_t session_recheck_seconds;
    bool any_operator_key; /* sessions also of keys that are not exactly a worker's */
    bool bare_challenges;  /* sessions also by the reference's form */

    uint64_t compute_limit_standard; /* micro-USD */
    uint64_t compute_limit_min;
    uint64_t call_seconds;            /* the sync window */
    uint64_t async_allowance_seconds; /* beyond the window */
    uint64_t system_lease_seconds;
    uint64_t calls_per_key_max; /* in flight */
    uint64_t key_requests_per_minute;
    uint64_t https_requests_per_minute; /* per client address */
    uint64_t public_requests_per_minute;
    uint64_t secrets_requests_per_minute;

    uint64_t drain_seconds; /* at SIGTERM, for waiting calls */
    uint64_t connections_max;
    uint64_t connections_per_address_max;
    uint64_t head_seconds;
    uint64_t body_seconds;

    ol_str stablecoin_contract;
    uint64_t stablecoin_decimals;
    ol_str stablecoin_symbol;
} coordinator_settings;

/* Fills from the environment and checks what rows cannot say. Faults, all together, in the text. */
ol_rc coordinator_settings_load(ol_arena *arena, coordinator_settings *ret,
                                ol_setting_faults *ret_faults);
void coordinator_settings_print(void);

#endif
