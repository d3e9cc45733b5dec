-- Worker tokens and heartbeats.

-- name: token_find
SELECT id, name, last_used_ms FROM worker_token WHERE hash = :hash AND active = 1

-- name: token_put
INSERT INTO worker_token (hash, name, active, last_used_ms) VALUES (:hash, :name, :active, 0)
ON CONFLICT (hash) DO UPDATE SET name = excluded.name, active = excluded.active
RETURNING id

-- name: token_used
UPDATE worker_token SET last_used_ms = :now WHERE id = :id AND last_used_ms < :now

-- name: worker_beat
INSERT INTO worker (worker_id, name, status, current_task, first_seen_ms, last_beat_ms,
                    block_height, block_ms, life)
VALUES (:worker_id, :name, :status, :current_task, :now, :now, :block_height,
        CASE WHEN :block_height IS NULL THEN 0 ELSE :now END, :life)
ON CONFLICT (worker_id) DO UPDATE SET
    name = excluded.name, status = excluded.status, current_task = excluded.current_task,
    last_beat_ms = excluded.last_beat_ms, life = excluded.life,
    block_height = COALESCE(excluded.block_height, block_height),
    block_ms = CASE WHEN excluded.block_height IS NULL THEN block_ms ELSE excluded.block_ms END

-- name: worker_count
UPDATE worker
SET completed = completed + :completed, failed = failed + :failed, status = 0, current_task = NULL
WHERE worker_id = :worker_id

-- name: worker_delete
DELETE FROM worker WHERE worker_id = :worker_id

-- name: workers_list
SELECT worker_id, name, status, current_task, first_seen_ms, last_beat_ms, completed, failed,
       block_height, block_ms
FROM worker ORDER BY last_beat_ms DESC, worker_id LIMIT :limit

-- name: block_cursor
SELECT MAX(block_height) FROM worker
