-- Projects by id, and the prices.

-- name: project_find
SELECT uuid FROM project WHERE project_id = :project_id

-- name: project_put
INSERT INTO project (project_id, uuid) VALUES (:project_id, :uuid)
ON CONFLICT (project_id) DO UPDATE SET uuid = excluded.uuid

-- name: project_forget
DELETE FROM project WHERE project_id = :project_id

-- name: pricing_find
SELECT json, read_ms FROM pricing WHERE id = 1

-- name: pricing_put
INSERT INTO pricing (id, json, read_ms) VALUES (1, :json, :now)
ON CONFLICT (id) DO UPDATE SET json = excluded.json, read_ms = excluded.read_ms
