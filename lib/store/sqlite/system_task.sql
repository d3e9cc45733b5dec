-- System tasks (Coordinator 3.4). State: 0 open, 1 finished, 2 dead. What was finished keeps no
-- encrypted data.

-- What is not finished, and money of any age, is known: done twice it would be credited twice.
-- name: system_task_known
SELECT id FROM system_task
WHERE data_id = :data_id AND kind = :kind
    AND (created_s > :since OR state <> 1 OR (kind = 0 AND amount <> :zero))
LIMIT 1

-- name: system_task_insert
INSERT INTO system_task (kind, data_id, state, owner, nonce, amount, encrypted_data, project_id,
                         project_uuid, created_s, visible_ms)
VALUES (:kind, :data_id, 0, :owner, :nonce, :amount, :encrypted_data, :project_id, :project_uuid,
        :created, 0)

-- name: system_task_first
SELECT id, kind, data_id, owner, nonce, amount, encrypted_data, project_id, project_uuid, created_s,
       deliveries
FROM system_task WHERE state = 0 AND visible_ms <= :now ORDER BY id LIMIT 1

-- name: system_task_lease
UPDATE system_task SET visible_ms = :visible, deliveries = deliveries + 1
WHERE id = :id AND state = 0

-- Between the oldest open transfer to a key and this one.
-- name: topups_between
SELECT COUNT(*) FROM system_task
WHERE kind = 0 AND owner = :owner AND nonce = :nonce AND amount <> :zero AND id < :id
    AND id > (SELECT MIN(id) FROM system_task
              WHERE state IN (0, 2) AND state = 0 AND kind = 0 AND owner = :owner
                  AND nonce = :nonce AND amount <> :zero AND id < :id)

-- name: system_task_postpone
UPDATE system_task SET visible_ms = :visible WHERE id = :id AND state = 0

-- name: system_task_die
UPDATE system_task SET state = 2 WHERE id = :id AND state = 0

-- As if it had been delivered once: a worker may have done a part of it.
-- name: system_tasks_revive
UPDATE system_task SET state = 0, visible_ms = 0, deliveries = 1 WHERE state = 2

-- name: system_task_visible
SELECT COUNT(*) FROM
    (SELECT 1 FROM system_task WHERE state = 0 AND visible_ms <= :now LIMIT :limit)

-- name: topup_oldest
SELECT id FROM system_task
WHERE state IN (0, 2) AND kind = 0 AND owner = :owner AND nonce = :nonce
    AND (:amount IS NULL OR amount = :amount)
ORDER BY id LIMIT 1

-- name: topup_by_data
SELECT id FROM system_task
WHERE state IN (0, 2) AND kind = 0 AND owner = :owner AND nonce = :nonce AND data_id = :data_id
LIMIT 1

-- name: topup_end
UPDATE system_task SET state = 1, encrypted_data = NULL
WHERE id = :id AND state IN (0, 2)

-- name: key_delete_end
UPDATE system_task SET state = 1, encrypted_data = NULL
WHERE state IN (0, 2) AND kind = 1 AND owner = :owner AND nonce = :nonce

-- Is a key yet to be made that a transfer (:task) was sent to?
-- name: key_making
SELECT id FROM system_task
WHERE state IN (0, 2) AND kind = 0 AND owner = :owner AND nonce = :nonce AND amount = :zero
    AND id < :task LIMIT 1

-- A key that was made before it was deleted is not made again.
-- name: key_made_end
UPDATE system_task SET state = 1, encrypted_data = NULL
WHERE state IN (0, 2) AND kind = 0 AND owner = :owner AND nonce = :nonce AND amount = :zero
    AND id < (SELECT MAX(id) FROM system_task
              WHERE state IN (0, 2) AND kind = 1 AND owner = :owner AND nonce = :nonce
                AND (:data_id IS NULL OR data_id = :data_id))

-- name: key_delete_open
SELECT id, owner, nonce, created_s FROM system_task
WHERE state IN (0, 2) AND kind = 1 AND data_id = :data_id

-- name: system_task_state
SELECT state FROM system_task WHERE kind = :kind AND data_id = :data_id ORDER BY id DESC LIMIT 1

-- name: system_task_end_by_data
UPDATE system_task SET state = 1, encrypted_data = NULL
WHERE state IN (0, 2) AND data_id = :data_id AND kind = :kind

-- name: system_tasks_left
SELECT COUNT(*) FILTER (WHERE state = 0), COUNT(*) FILTER (WHERE state = 2) FROM system_task
WHERE state IN (0, 2)

-- What was finished long ago. What brought money stays for good, as a narrow row: see above.
-- name: system_tasks_forget
DELETE FROM system_task
WHERE id > :after AND id <= :upto AND state = 1 AND created_s * 1000 < :before
    AND (kind <> 0 OR amount = zeroblob(16))

-- name: system_task_after
SELECT id, created_s * 1000 FROM system_task WHERE id > :after ORDER BY id LIMIT 1
