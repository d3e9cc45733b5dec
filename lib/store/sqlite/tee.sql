-- TEE challenges and sessions (Coordinator 7).

-- name: challenge_insert
INSERT INTO tee_challenge (challenge, token_id, expires_ms)
VALUES (:challenge, :token_id, :expires)

-- name: challenge_take
DELETE FROM tee_challenge WHERE challenge = :challenge AND token_id = :token_id
RETURNING expires_ms

-- name: challenges_purge
DELETE FROM tee_challenge WHERE expires_ms <= :before

-- name: session_retire
DELETE FROM tee_session WHERE token_id = :token_id AND public_key = :public_key

-- name: session_insert
INSERT INTO tee_session (session_id, token_id, public_key, created_ms, last_used_ms)
VALUES (:session_id, :token_id, :public_key, :now, :now)

-- name: session_find
SELECT last_used_ms FROM tee_session
WHERE session_id = :session_id AND token_id = :token_id AND last_used_ms > :idle_since

-- name: session_used
UPDATE tee_session SET last_used_ms = :now
WHERE session_id = :session_id AND last_used_ms < :now

-- name: session_delete
DELETE FROM tee_session WHERE session_id = :session_id

-- name: sessions_purge
DELETE FROM tee_session WHERE last_used_ms <= :idle_since

-- name: sessions_list
SELECT session_id, token_id, public_key FROM tee_session ORDER BY created_ms LIMIT :limit
