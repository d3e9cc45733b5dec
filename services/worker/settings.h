/* What the operator sets (Worker 2). Read once, then const. */
#ifndef WORKER_SETTINGS_H
#define WORKER_SETTINGS_H

#include "lib/base/log.h"
#include "lib/base/settings.h"

typedef struct worker_settings {
    ol_str api_url;   /* without a slash at the end */
    ol_str api_token; /* secret */
    ol_str near_rpc_url;
    ol_str contract_id;
    ol_str operator_account_id;
    ol_str projects_file; /* empty: projects come from the contract */

    ol_str worker_id; /* empty: made up at start */
    ol_str log_level_name;
    ol_level log_level;
    bool compilation;
    bool execution;
    bool event_monitor;
    uint64_t concurrency; /* slots */
    uint64_t poll_seconds;
    uint64_t seconds_cap; /* MAX_EXECUTION_SECONDS_CAP */
    uint64_t overhead_seconds;
    uint64_t memory_mb_cap;

    ol_str compilation_mode;
    ol_str init_private_key;     /* secret; accepted, used by registration */
    ol_str operator_private_key; /* secret; signs what is delivered on chain */
    bool on_chain;               /* there is all it takes to deliver on chain */

    /* Watching the chain (Worker 3). */
    uint64_t start_height; /* 0: the latest */
    uint64_t scan_pause_ms;
    ol_str event_source_name; /* neardata or rpc */
    bool blocks_by_rpc;
    ol_str finality_name; /* final or optimistic */
    bool optimistic;
    ol_str neardata_url;
    ol_str event_standard;
    ol_str event_name;
    ol_str event_version_min;

    uint64_t deliveries; /* threads that deliver on chain */
    ol_str keystore_url;
    ol_str keystore_token; /* secret */
    ol_str tee_mode;
    bool tee_registration;

    bool rpc_proxy;
    ol_str rpc_proxy_url; /* empty: near_rpc_url */
    uint64_t rpc_calls_max;
    bool rpc_transactions;

    uint64_t cache_mb; /* 0: neither bytes nor artifacts are kept */
    ol_str cache_dir;
    bool hidden_logs;
    ol_str hidden_logs_url; /* base; empty: api_url */
    bool print_stderr;
    bool egress_audit;

    ol_str runner_program;
    ol_str runner_cgroup; /* empty: none */
    ol_str aot_program;
    uint64_t compile_threads;
    uint64_t compile_seconds;
    ol_str ca_file;      /* trusted in place of the system's, for tests */
    bool allow_loopback; /* development: guests may reach this machine */

    /* Accepted for the sake of older units; without effect (Worker 2). */
    uint64_t ignored_number;
    ol_str ignored_text;
} worker_settings;

/* Fills from the environment and checks what rows cannot say. Every fault, one a line. */
ol_rc worker_settings_load(ol_arena *arena, worker_settings *ret, ol_setting_faults *ret_faults);
void worker_settings_print(void);

#endif
