/* The handlers of the route table, by the file they stand in. */
#ifndef COORDINATOR_HANDLERS_H
#define COORDINATOR_HANDLERS_H

#include "services/coordinator/coordinator.h"

/* http_calls.c: Coordinator 2 */
ol_web_handler call_post;
ol_web_handler call_get;
ol_web_handler balance_get;
/* A call has ended: answers whoever waits for it. Writer thread. */
void calls_finished(coordinator *it, const call_answer *call);
/* A wait for a call ran into its deadline, or the service stops. Takes the waiter. */
void call_wait_ended(waiter *one, bool stopping);

/* http_queue.c: Coordinator 4.2 */
ol_web_handler execution_create;
ol_web_handler execution_poll;
ol_web_handler job_claim_post;
ol_web_handler job_complete_post;
ol_web_handler https_call_complete;
/* Work came: hands it to a waiting poll. Writer thread. */
void polls_wake(coordinator *it, unsigned queues);
void poll_wait_ended(waiter *one);

/* http_workers.c: Coordinator 4.2, 7 */
ol_web_handler lock_post;
ol_web_handler lock_delete;
ol_web_handler heartbeat_post;
ol_web_handler task_completion_post;
ol_web_handler block_cursor_get;
ol_web_handler tee_challenge_post;
ol_web_handler tee_register_post;
/* The request's X-TEE-Session is valid for its token; true where none is required. */
bool tee_session_valid(coordinator *it, ol_web_request *request);

/* http_keys.c: Coordinator 3.4 */
ol_web_handler payment_key_init_post;
ol_web_handler topup_complete_post;
ol_web_handler payment_key_delete_post;

/* http_system_tasks.c: Coordinator 3.4 */
ol_web_handler topup_create;
ol_web_handler key_delete_task_create;
ol_web_handler cleanup_task_create;
ol_web_handler storage_clear_project_post;
ol_web_handler system_poll;
ol_web_handler system_close_post;
void system_wake(coordinator *it);
void system_wait_ended(waiter *one);

/* http_secrets.c: Coordinator 8 */
ol_web_handler secrets_pubkey_post;
ol_web_handler secrets_generate_post;
ol_web_handler secrets_update_post;
ol_web_handler vrf_pubkey_get;

/* http_storage.c, http_public_storage.c: Coordinator 6 */
ol_web_handler storage_set_post;
ol_web_handler storage_set_if_absent_post;
ol_web_handler storage_set_if_equals_post;
ol_web_handler storage_get_post;
ol_web_handler storage_get_by_version_post;
ol_web_handler storage_get_public_post;
ol_web_handler storage_has_post;
ol_web_handler storage_delete_post;
ol_web_handler storage_list_get;
ol_web_handler storage_usage_get;
ol_web_handler storage_clear_all_post;
ol_web_handler storage_clear_version_post;
ol_web_handler public_storage_get;
ol_web_handler public_storage_batch_post;

/* http_owned_storage.c: Coordinator 6 */
ol_web_handler owned_storage_list_post;
ol_web_handler owned_storage_delete_post;
ol_web_handler owned_storage_usage_post;

/* http_wasm.c: Coordinator 5 */
ol_web_handler wasm_get;
ol_web_handler wasm_exists_get;
ol_web_handler wasm_upload_post;
ol_web_handler wasm_info_get;
ol_web_handler wasm_delete;

/* http_projects.c: Coordinator 8 */
ol_web_handler project_uuid_get;
ol_web_handler project_cache_delete;
ol_web_handler pricing_get;
ol_web_handler pricing_refresh_post;

/* http_branch.c: Coordinator 8 */
ol_web_handler branch_get;

/* http_proofs.c: Coordinator 9, 11 */
ol_web_handler attestation_post;
ol_web_handler attestation_get;
ol_web_handler attestation_by_tx_get;
ol_web_handler attestation_by_call_get;
ol_web_handler system_log_post;
ol_web_handler compile_logs_get;

/* http_stats.c: Coordinator 10 */
ol_web_handler workers_get;
ol_web_handler public_balance_get;
ol_web_handler public_usage_get;
ol_web_handler project_earnings_get;
ol_web_handler earnings_history_get;

/* http_runs.c: Coordinator 10 */
ol_web_handler stats_get;
ol_web_handler user_earnings_get;
ol_web_handler jobs_get;
ol_web_handler repos_popular_get;

/* http_admin.c: Coordinator 11 */
ol_web_handler grant_post;
ol_web_handler grant_keys_get;
ol_web_handler grant_key_delete_route;
ol_web_handler worker_delete;
ol_web_handler dead_requests_get;

/* http_health.c: Coordinator 12 */
ol_web_handler health_get;
ol_web_handler health_detailed_get;

/* http_metrics.c: Coordinator 12 */
ol_web_handler metrics_get;

#endif
