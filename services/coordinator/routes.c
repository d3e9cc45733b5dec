#include "services/coordinator/routes.h"

#include "lib/proto/limits.h"
#include "services/coordinator/handlers.h"

/* Coordinator 1, CORS. */
static const ol_web_cors OPEN = {
    true, "GET,POST,OPTIONS",
    "content-type,x-payment-key,x-compute-limit,x-attached-deposit,x-wallet-id,authorization,"
    "x-use-owner-secret,x-idempotency-key"};
static const ol_web_cors RESTRICTED = {
    false, "GET,POST,DELETE,OPTIONS",
    "content-type,authorization,x-payment-key,x-compute-limit,x-attached-deposit"};

static const ol_web_cors STORAGE = {true, "GET,POST,OPTIONS", "content-type"};

#define GET OL_WEB_GET
#define POST OL_WEB_POST
#define DELETE OL_WEB_DELETE
#define JSON OL_WEB_BODY_JSON
#define ANY OL_WEB_BODY_ANY
#define NONE OL_WEB_BODY_NONE
#define BIG OL_BODY_BYTES_MAX
#define SMALL OL_BODY_SMALL_BYTES_MAX
/* A credential in X-Payment-Key is looked at by the handler, after the body's form. */
#define KEY NULL
#define PUBLIC NULL
/* The body carries its account's signature, which the handler looks at. */
#define SIGNED NULL
#define WORKER &GATE_WORKER
#define ADMIN &GATE_ADMIN
#define API &OPEN
#define REST &RESTRICTED
#define SHOWN &STORAGE

const ol_web_route PUBLIC_ROUTES[] = {
    {POST, "/call/{project_owner}/{project_name}", KEY, API, JSON, BIG, RATE_HTTPS, call_post},
    {GET, "/calls/{call_id:uuid}", KEY, API, NONE, BIG, RATE_HTTPS, call_get},
    {GET, "/payment-keys/balance", KEY, API, NONE, BIG, RATE_HTTPS, balance_get},

    {POST, "/executions/create", WORKER, REST, JSON, BIG, RATE_NONE, execution_create},
    {GET, "/executions/poll", WORKER, REST, NONE, BIG, RATE_NONE, execution_poll},
    {POST, "/jobs/claim", WORKER, REST, JSON, BIG, RATE_NONE, job_claim_post},
    {POST, "/jobs/complete", WORKER, REST, JSON, BIG, RATE_NONE, job_complete_post},
    {POST, "/https-calls/complete", WORKER, REST, JSON, BIG, RATE_NONE, https_call_complete},
    {POST, "/locks/acquire", WORKER, REST, JSON, BIG, RATE_NONE, lock_post},
    {DELETE, "/locks/release/{lock_key}", WORKER, REST, NONE, BIG, RATE_NONE, lock_delete},
    {POST, "/workers/heartbeat", WORKER, REST, JSON, BIG, RATE_NONE, heartbeat_post},
    {POST, "/workers/task-completion", WORKER, REST, JSON, BIG, RATE_NONE, task_completion_post},
    {GET, "/workers/block-cursor", WORKER, REST, NONE, BIG, RATE_NONE, block_cursor_get},
    {POST, "/workers/tee-challenge", WORKER, REST, ANY, BIG, RATE_NONE, tee_challenge_post},
    {POST, "/workers/register-tee", WORKER, REST, JSON, BIG, RATE_NONE, tee_register_post},

    {POST, "/payment-keys/init", WORKER, REST, JSON, BIG, RATE_NONE, payment_key_init_post},
    {POST, "/payment-keys/delete", WORKER, REST, JSON, BIG, RATE_NONE, payment_key_delete_post},
    {POST, "/payment-keys/delete-task/create", WORKER, REST, JSON, BIG, RATE_NONE,
     key_delete_task_create},
    {POST, "/topup/create", WORKER, REST, JSON, BIG, RATE_NONE, topup_create},
    {POST, "/topup/complete", WORKER, REST, JSON, BIG, RATE_NONE, topup_complete_post},
    {POST, "/projects/cleanup-task/create", WORKER, REST, JSON, BIG, RATE_NONE,
     cleanup_task_create},
    {POST, "/storage/clear-project", WORKER, REST, JSON, BIG, RATE_NONE,
     storage_clear_project_post},
    {POST, "/system-callbacks/close", WORKER, REST, JSON, BIG, RATE_NONE, system_close_post},
    {GET, "/system-callbacks/poll", WORKER, REST, NONE, BIG, RATE_NONE, system_poll},

    {POST, "/storage/set", WORKER, REST, JSON, BIG, RATE_NONE, storage_set_post},
    {POST, "/storage/set-if-absent", WORKER, REST, JSON, BIG, RATE_NONE,
     storage_set_if_absent_post},
    {POST, "/storage/set-if-equals", WORKER, REST, JSON, BIG, RATE_NONE,
     storage_set_if_equals_post},
    {POST, "/storage/get", WORKER, REST, JSON, BIG, RATE_NONE, storage_get_post},
    {POST, "/storage/get-by-version", WORKER, REST, JSON, BIG, RATE_NONE,
     storage_get_by_version_post},
    {POST, "/storage/get-public", WORKER, REST, JSON, BIG, RATE_NONE, storage_get_public_post},
    {POST, "/storage/has", WORKER, REST, JSON, BIG, RATE_NONE, storage_has_post},
    {POST, "/storage/delete", WORKER, REST, JSON, BIG, RATE_NONE, storage_delete_post},
    {GET, "/storage/list", WORKER, REST, NONE, BIG, RATE_NONE, storage_list_get},
    {GET, "/storage/usage", WORKER, REST, NONE, BIG, RATE_NONE, storage_usage_get},
    {POST, "/storage/clear-all", WORKER, REST, JSON, BIG, RATE_NONE, storage_clear_all_post},
    {POST, "/storage/clear-version", WORKER, REST, JSON, BIG, RATE_NONE,
     storage_clear_version_post},
    {POST, "/storage/owner/list", SIGNED, SHOWN, JSON, SMALL, RATE_PUBLIC, owned_storage_list_post},
    {POST, "/storage/owner/delete", SIGNED, SHOWN, JSON, SMALL, RATE_PUBLIC,
     owned_storage_delete_post},
    {POST, "/storage/owner/usage", SIGNED, SHOWN, JSON, SMALL, RATE_PUBLIC,
     owned_storage_usage_post},
    {GET, "/public/storage/get", PUBLIC, SHOWN, NONE, SMALL, RATE_PUBLIC, public_storage_get},
    {POST, "/public/storage/batch", PUBLIC, SHOWN, JSON, SMALL, RATE_PUBLIC,
     public_storage_batch_post},

    {GET, "/wasm/{checksum}", WORKER, REST, NONE, BIG, RATE_NONE, wasm_get},
    {GET, "/wasm/exists/{checksum}", WORKER, REST, NONE, BIG, RATE_NONE, wasm_exists_get},
    {POST, "/wasm/upload", WORKER, REST, ANY, BIG, RATE_NONE, wasm_upload_post},
    {GET, "/public/wasm/exists/{checksum}", PUBLIC, REST, NONE, SMALL, RATE_NONE, wasm_exists_get},
    {GET, "/public/wasm/info", PUBLIC, REST, NONE, SMALL, RATE_NONE, wasm_info_get},

    {GET, "/projects/uuid", WORKER, REST, NONE, BIG, RATE_NONE, project_uuid_get},
    {DELETE, "/projects/cache", WORKER, REST, NONE, BIG, RATE_NONE, project_cache_delete},
    {GET, "/github/resolve-branch", WORKER, REST, NONE, BIG, RATE_NONE, branch_get},
    {GET, "/public/pricing", PUBLIC, REST, NONE, SMALL, RATE_NONE, pricing_get},
    {POST, "/public/pricing/refresh", PUBLIC, REST, NONE, SMALL, RATE_NONE, pricing_refresh_post},

    {POST, "/secrets/pubkey", PUBLIC, REST, JSON, SMALL, RATE_SECRETS, secrets_pubkey_post},
    {POST, "/secrets/add_generated_secret", PUBLIC, REST, JSON, SMALL, RATE_SECRETS,
     secrets_generate_post},
    {POST, "/secrets/update_user_secrets", PUBLIC, REST, JSON, SMALL, RATE_SECRETS,
     secrets_update_post},
    {GET, "/vrf/pubkey", PUBLIC, REST, NONE, SMALL, RATE_NONE, vrf_pubkey_get},

    {POST, "/attestations", WORKER, REST, JSON, BIG, RATE_NONE, attestation_post},
    {GET, "/attestations/{task_id:i64}", PUBLIC, REST, NONE, SMALL, RATE_PUBLIC, attestation_get},
    {GET, "/attestations/by-tx/{hash}", PUBLIC, REST, NONE, SMALL, RATE_PUBLIC,
     attestation_by_tx_get},
    {GET, "/attestations/by-call/{call_id:uuid}", PUBLIC, REST, NONE, SMALL, RATE_PUBLIC,
     attestation_by_call_get},

    {GET, "/public/workers", PUBLIC, REST, NONE, SMALL, RATE_NONE, workers_get},
    {GET, "/public/stats", PUBLIC, REST, NONE, SMALL, RATE_NONE, stats_get},
    {GET, "/public/jobs", PUBLIC, REST, NONE, SMALL, RATE_PUBLIC, jobs_get},
    {GET, "/public/repos/popular", PUBLIC, REST, NONE, SMALL, RATE_NONE, repos_popular_get},
    {GET, "/public/users/{user_account_id}/earnings", PUBLIC, REST, NONE, SMALL, RATE_NONE,
     user_earnings_get},
    {GET, "/public/payment-keys/{owner}/{nonce:u32}/balance", PUBLIC, REST, NONE, SMALL, RATE_NONE,
     public_balance_get},
    {GET, "/public/payment-keys/{owner}/{nonce:u32}/usage", PUBLIC, REST, NONE, SMALL, RATE_NONE,
     public_usage_get},
    {GET, "/public/project-earnings/{project_owner}", PUBLIC, REST, NONE, SMALL, RATE_NONE,
     project_earnings_get},
    {GET, "/public/project-earnings/{project_owner}/history", PUBLIC, REST, NONE, SMALL, RATE_NONE,
     earnings_history_get},

    {POST, "/admin/grant-payment-key", ADMIN, REST, JSON, SMALL, RATE_NONE, grant_post},
    {GET, "/admin/grant-keys", ADMIN, REST, NONE, SMALL, RATE_NONE, grant_keys_get},
    {DELETE, "/admin/grant-keys/{owner}/{nonce:i32}", ADMIN, REST, NONE, SMALL, RATE_NONE,
     grant_key_delete_route},
    {DELETE, "/admin/workers/{worker_id}", ADMIN, REST, NONE, SMALL, RATE_NONE, worker_delete},
    {GET, "/admin/dead-requests", ADMIN, REST, NONE, SMALL, RATE_NONE, dead_requests_get},
    {GET, "/admin/compile-logs/{job_id:i64}", ADMIN, REST, NONE, SMALL, RATE_NONE,
     compile_logs_get},
    {DELETE, "/admin/wasm/{checksum}", ADMIN, REST, NONE, SMALL, RATE_NONE, wasm_delete},

    {GET, "/health", PUBLIC, REST, NONE, SMALL, RATE_NONE, health_get},
    {GET, "/health/detailed", PUBLIC, REST, NONE, SMALL, RATE_NONE, health_detailed_get},
};
const size_t PUBLIC_ROUTE_COUNT = OL_COUNT(PUBLIC_ROUTES);

/* For the machine's own network: what carries no credential, and what nobody outside may read. */
const ol_web_route PRIVATE_ROUTES[] = {
    {POST, "/internal/system-logs", PUBLIC, NULL, JSON, SMALL, RATE_NONE, system_log_post},
    {GET, "/metrics", PUBLIC, NULL, NONE, SMALL, RATE_NONE, metrics_get},
    {GET, "/health", PUBLIC, NULL, NONE, SMALL, RATE_NONE, health_get},
    {GET, "/health/detailed", PUBLIC, NULL, NONE, SMALL, RATE_NONE, health_detailed_get},
};
const size_t PRIVATE_ROUTE_COUNT = OL_COUNT(PRIVATE_ROUTES);
