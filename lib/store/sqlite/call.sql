-- HTTPS calls (Coordinator 2, 3.3). Status: 0 pending, 1 completed, 2 failed.

-- name: call_insert
INSERT INTO call (id, call_id, key_id, status, project_id, compute_limit, deposit, fee_base,
                  fee_instructions, fee_second, created_ms, deadline_ms)
VALUES ((SELECT COALESCE(MAX(id), 99999999999) + 1 FROM call),
        :call_id, :key_id, 0, :project_id, :compute_limit, :deposit, :fee_base, :fee_instructions,
        :fee_second, :now, :deadline)

-- name: call_terms
SELECT id, call_id, key_id, status, project_id, compute_limit, deposit, fee_base, fee_instructions,
       fee_second, deadline_ms
FROM call WHERE call_id = :call_id

-- name: call_terms_by_id
SELECT id, call_id, key_id, status, project_id, compute_limit, deposit, fee_base, fee_instructions,
       fee_second, deadline_ms
FROM call WHERE id = :id

-- name: call_answer
SELECT key_id, call_id, status, expired, compute_cost, instructions, time_ms, job_id, error, output
FROM call WHERE call_id = :call_id

-- name: call_answer_by_id
SELECT key_id, call_id, status, expired, compute_cost, instructions, time_ms, job_id, error, output
FROM call WHERE id = :id

-- name: call_settle
UPDATE call
SET status = :status, expired = :expired, finished_ms = :now, compute_cost = :compute_cost,
    instructions = :instructions, time_ms = :time_ms, job_id = :job_id, error = :error,
    output = :output
WHERE id = :id AND status = 0

-- name: calls_pending_unreserved
SELECT c.id FROM call AS c LEFT JOIN reservation AS r ON r.call = c.id
WHERE (c.status = 0) <> (r.call IS NOT NULL) LIMIT 1

-- name: calls_settled_unused
SELECT c.id FROM call AS c LEFT JOIN usage AS u ON u.key_id = c.key_id AND u.call = c.id
WHERE (c.status <> 0) <> (u.call IS NOT NULL) LIMIT 1

-- name: calls_forget
UPDATE call SET output = NULL, error = NULL
WHERE id > :after AND id <= :upto AND status <> 0 AND finished_ms < :before
    AND (output IS NOT NULL OR error IS NOT NULL)

-- name: call_after
SELECT id, created_ms FROM call WHERE id > :after ORDER BY id LIMIT 1

-- name: idempotency_find
SELECT digest, call FROM idempotency
WHERE key_id = :key_id AND idempotency_key = :idempotency_key AND expires_ms > :now

-- name: idempotency_put
INSERT INTO idempotency (key_id, idempotency_key, digest, call, expires_ms)
VALUES (:key_id, :idempotency_key, :digest, :call, :expires)
ON CONFLICT (key_id, idempotency_key) DO UPDATE SET
    digest = excluded.digest, call = excluded.call, expires_ms = excluded.expires_ms

-- name: idempotency_purge
DELETE FROM idempotency WHERE expires_ms <= :now

-- name: ping
SELECT 1
