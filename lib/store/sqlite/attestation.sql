-- Attestation records (Coordinator 9) and hidden logs (11).

-- name: attestation_insert
INSERT INTO attestation (task_id, kind, quote, measurement, request_id, caller_account_id,
                         transaction_hash, block_height, call_id, payment_key_owner,
                         payment_key_nonce, repo_url, commit_hash, build_target, wasm_hash,
                         executed_wasm_sha256, input_hash, output_hash, project_id, secrets_ref,
                         attached_usd, timestamp_s)
VALUES (:task_id, :kind, :quote, :measurement, :request_id, :caller_account_id, :transaction_hash,
        :block_height, :call_id, :payment_key_owner, :payment_key_nonce, :repo_url, :commit_hash,
        :build_target, :wasm_hash, :executed_wasm_sha256, :input_hash, :output_hash, :project_id,
        :secrets_ref, :attached_usd, :timestamp)

-- name: attestation_by_task
SELECT id, task_id, kind, quote, measurement, request_id, caller_account_id, transaction_hash,
       block_height, call_id, payment_key_owner, payment_key_nonce, repo_url, commit_hash,
       build_target, wasm_hash, executed_wasm_sha256, input_hash, output_hash, project_id,
       secrets_ref, attached_usd, timestamp_s
FROM attestation WHERE task_id = :task_id ORDER BY id DESC LIMIT 1

-- name: attestation_by_transaction
SELECT id, task_id, kind, quote, measurement, request_id, caller_account_id, transaction_hash,
       block_height, call_id, payment_key_owner, payment_key_nonce, repo_url, commit_hash,
       build_target, wasm_hash, executed_wasm_sha256, input_hash, output_hash, project_id,
       secrets_ref, attached_usd, timestamp_s
FROM attestation WHERE transaction_hash = :transaction_hash ORDER BY id DESC LIMIT 1

-- name: attestation_by_call
SELECT id, task_id, kind, quote, measurement, request_id, caller_account_id, transaction_hash,
       block_height, call_id, payment_key_owner, payment_key_nonce, repo_url, commit_hash,
       build_target, wasm_hash, executed_wasm_sha256, input_hash, output_hash, project_id,
       secrets_ref, attached_usd, timestamp_s
FROM attestation WHERE call_id = :call_id ORDER BY id DESC LIMIT 1

-- name: hidden_log_insert
INSERT INTO hidden_log (request_id, job_id, log_type, stderr, stdout, execution_error, exit_code,
                        created_ms)
VALUES (:request_id, :job_id, :log_type, :stderr, :stdout, :execution_error, :exit_code, :now)

-- name: hidden_logs_of_job
SELECT id, request_id, job_id, log_type, stderr, stdout, execution_error, exit_code, created_ms
FROM hidden_log WHERE job_id = :job_id ORDER BY id DESC LIMIT :limit

-- name: hidden_logs_purge
DELETE FROM hidden_log WHERE created_ms < :before
