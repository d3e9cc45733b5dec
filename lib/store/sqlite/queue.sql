-- The queue and the leases (Coordinator 4.3). Kind: 0 compile, 1 execute.

-- name: queue_insert
INSERT INTO queue (kind, order_key, request, visible_ms)
VALUES (:kind, :order_key, :request, :visible)
ON CONFLICT (kind, order_key, request) DO UPDATE SET visible_ms = excluded.visible_ms

-- name: queue_first
SELECT request, order_key FROM queue
WHERE kind = :kind AND visible_ms <= :now
ORDER BY order_key, request LIMIT 1

-- name: queue_hide
UPDATE queue SET visible_ms = :visible
WHERE kind = :kind AND order_key = :order_key AND request = :request

-- name: queue_delete
DELETE FROM queue WHERE kind = :kind AND order_key = :order_key AND request = :request

-- name: queue_depth
SELECT COUNT(*), COUNT(CASE WHEN visible_ms <= :now THEN 1 END), MIN(r.created_ms)
FROM queue AS q JOIN request AS r ON r.id = q.request WHERE kind = :kind

-- name: queue_visible
SELECT COUNT(*) FROM
    (SELECT 1 FROM queue WHERE kind = :kind AND visible_ms <= :now LIMIT :limit)

-- name: job_insert
INSERT INTO job (request, kind, status, worker_id, checksum, created_ms)
VALUES (:request, :kind, 0, :worker_id, :checksum, :now)

-- name: job_find
SELECT request, kind, status, worker_id, checksum, created_ms FROM job WHERE id = :id

-- name: job_finish
UPDATE job SET status = :to, checksum = COALESCE(:checksum, checksum)
WHERE id = :id AND status = :from

-- name: lease_insert
INSERT INTO lease (request, kind, job, worker_id, checksum, claimed_ms, deadline_ms, life)
VALUES (:request, :kind, :job, :worker_id, :checksum, :now, :deadline, :life)

-- name: lease_delete
DELETE FROM lease WHERE request = :request AND kind = :kind AND job = :job

-- name: lease_compiling
SELECT EXISTS (SELECT 1 FROM lease
               WHERE kind = 0 AND checksum = :checksum AND request <> :request)

-- name: leases_lost
SELECT l.job, l.request, l.kind FROM lease AS l
LEFT JOIN worker AS w ON w.worker_id = l.worker_id
WHERE l.deadline_ms <= :now
    OR MAX(l.claimed_ms, COALESCE(w.last_beat_ms, 0), :listening_since)
        <= CASE WHEN l.life IS NULL THEN :silent_since ELSE :pulse_since END
    OR (l.life <> w.life AND l.claimed_ms < w.last_beat_ms)
LIMIT :limit

-- name: leases_count
SELECT COUNT(*) FROM lease

-- name: requests_dead_count
SELECT COUNT(*) FROM request WHERE state = 5
