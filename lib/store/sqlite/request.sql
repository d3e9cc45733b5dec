-- Requests and their tasks (Coordinator 4). State: 0 queued_compile, 1 compiling,
-- 2 queued_execute, 3 executing, 4 done, 5 dead. Compile outcome: 0 none, 1 success, 2 failure.

-- name: request_insert
INSERT INTO request (request_id, data_id, state, order_key, is_call, compile_only, force_rebuild,
                     seconds_max, created_ms, checksum, compile_result, project_uuid, project_id,
                     account, attached, near_payment, transaction_hash, repo, commit_hash)
VALUES (:request_id, :data_id, :state, :order_key, :is_call, :compile_only, :force_rebuild,
        :seconds_max, :now, :checksum, :compile_result, :project_uuid, :project_id, :account,
        :attached, :near_payment, :transaction_hash, :repo, :commit)
ON CONFLICT (request_id, data_id) DO NOTHING

-- name: request_by_data
SELECT id, request_id, data_id, state, order_key, is_call, compile_only, force_rebuild, seconds_max,
       created_ms, deliveries, compile_attempts, execute_attempts, compile_outcome, last_job,
       checksum, compile_result, compile_error, compile_cost, compile_time_ms, project_uuid,
       project_id, account, attached, near_payment, transaction_hash, repo, commit_hash
FROM request WHERE request_id = :request_id AND data_id = :data_id

-- name: request_by_id
SELECT id, request_id, data_id, state, order_key, is_call, compile_only, force_rebuild, seconds_max,
       created_ms, deliveries, compile_attempts, execute_attempts, compile_outcome, last_job,
       checksum, compile_result, compile_error, compile_cost, compile_time_ms, project_uuid,
       project_id, account, attached, near_payment, transaction_hash, repo, commit_hash
FROM request WHERE id = :id

-- name: request_move
UPDATE request SET state = :to WHERE id = :id AND state = :from

-- name: request_claimed
UPDATE request
SET state = :to, last_job = :job,
    compile_attempts = compile_attempts + :compiles,
    execute_attempts = execute_attempts + :executes
WHERE id = :id AND state = :from

-- name: request_compiled
UPDATE request
SET compile_outcome = :outcome,
    compile_result = COALESCE(:compile_result, compile_result), compile_error = :error,
    compile_cost = :cost, compile_time_ms = :time_ms
WHERE id = :id

-- name: request_source
UPDATE request SET checksum = :checksum, compile_outcome = 0 WHERE id = :id

-- name: request_delivered
UPDATE request SET deliveries = deliveries + 1 WHERE id = :id

-- name: requests_parked
SELECT r.id FROM request AS r
WHERE r.state = 0 AND r.checksum = :checksum AND r.id <> :except
    AND NOT EXISTS (SELECT 1 FROM queue AS q
                    WHERE q.kind = 0 AND q.order_key = r.order_key AND q.request = r.id)
LIMIT :limit

-- name: requests_dead
SELECT request_id, data_id, created_ms, deliveries FROM request
WHERE state = 5 ORDER BY id DESC LIMIT :limit

-- name: task_insert
INSERT INTO task (request, json) VALUES (:request, :json)

-- name: task_find
SELECT json FROM task WHERE request = :request

-- name: task_update
UPDATE task SET json = :json WHERE request = :request

-- name: tasks_forget
DELETE FROM task
WHERE request > :after AND request <= :upto AND request IN
    (SELECT id FROM request
     WHERE id > :after AND id <= :upto AND state >= 4 AND created_ms < :before)

-- name: request_after
SELECT id, created_ms FROM request WHERE id > :after ORDER BY id LIMIT 1
