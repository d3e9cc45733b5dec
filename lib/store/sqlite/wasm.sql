-- The cache of built code (Coordinator 5).

-- name: wasm_find
SELECT checksum, content, bytes, repo_url, commit_hash, build_target, created_ms, last_used_ms,
       executions
FROM wasm WHERE checksum = :checksum

-- name: wasm_put
INSERT INTO wasm (checksum, content, bytes, repo_url, commit_hash, build_target, first_seen_ms,
                  created_ms, last_used_ms, executions)
VALUES (:checksum, :content, :bytes, :repo_url, :commit_hash, :build_target, :now, :now, :now, 0)
ON CONFLICT (checksum) DO UPDATE SET
    content = excluded.content, bytes = excluded.bytes, repo_url = excluded.repo_url,
    commit_hash = excluded.commit_hash, build_target = excluded.build_target,
    created_ms = excluded.created_ms, last_used_ms = excluded.last_used_ms

-- name: wasm_used
UPDATE wasm SET last_used_ms = :now WHERE checksum = :checksum AND last_used_ms < :now

-- name: wasm_executed
UPDATE wasm SET executions = executions + 1, last_used_ms = :now WHERE checksum = :checksum

-- name: wasm_delete
DELETE FROM wasm WHERE checksum = :checksum AND content = :content

-- name: wasm_content_used
SELECT EXISTS (SELECT 1 FROM wasm WHERE content = :content)

-- name: wasm_total
SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM wasm

-- name: wasm_candidates
SELECT w.checksum, w.content, w.bytes, w.last_used_ms, w.executions FROM wasm AS w
WHERE w.last_used_ms <= :unused_since
    AND NOT EXISTS (SELECT 1 FROM queue AS q JOIN request AS r ON r.id = q.request
                    WHERE r.checksum = w.checksum)
    AND NOT EXISTS (SELECT 1 FROM lease AS l WHERE l.checksum = w.checksum)
ORDER BY w.executions > 100, w.last_used_ms LIMIT :limit

-- name: wasm_banned
SELECT EXISTS (SELECT 1 FROM wasm_ban WHERE checksum = :checksum)

-- name: wasm_ban
INSERT INTO wasm_ban (checksum, created_ms) VALUES (:checksum, :now)
ON CONFLICT (checksum) DO NOTHING
