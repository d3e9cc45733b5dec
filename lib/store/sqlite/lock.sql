-- Named locks with a holder and an end.

-- name: lock_take
INSERT INTO named_lock (lock_key, token_id, worker_id, expires_ms)
VALUES (:lock_key, :token_id, :worker_id, :expires)
ON CONFLICT (lock_key) DO UPDATE SET
    token_id = excluded.token_id, worker_id = excluded.worker_id, expires_ms = excluded.expires_ms
WHERE named_lock.expires_ms <= :now

-- name: lock_free
DELETE FROM named_lock WHERE lock_key = :lock_key AND token_id = :token_id

-- name: locks_purge
DELETE FROM named_lock WHERE expires_ms <= :now
