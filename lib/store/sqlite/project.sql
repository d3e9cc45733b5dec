-- Projects by id, branches by commit, and the prices.

-- name: project_find
SELECT uuid FROM project WHERE project_id = :project_id

-- name: project_put
INSERT INTO project (project_id, uuid) VALUES (:project_id, :uuid)
ON CONFLICT (project_id) DO UPDATE SET uuid = excluded.uuid

-- name: project_forget
DELETE FROM project WHERE project_id = :project_id

-- name: branch_find
SELECT branch FROM branch WHERE repo = :repo AND commit_hash = :commit AND read_ms > :since

-- name: branch_put
INSERT INTO branch (repo, commit_hash, branch, read_ms) VALUES (:repo, :commit, :branch, :now)
ON CONFLICT (repo, commit_hash) DO UPDATE SET branch = excluded.branch, read_ms = excluded.read_ms

-- name: branches_forget
DELETE FROM branch WHERE read_ms <= :since

-- name: pricing_find
SELECT json, read_ms FROM pricing WHERE id = 1

-- name: pricing_put
INSERT INTO pricing (id, json, read_ms) VALUES (1, :json, :now)
ON CONFLICT (id) DO UPDATE SET json = excluded.json, read_ms = excluded.read_ms
