-- One row a completion, appended only.

-- name: history_insert
INSERT INTO history (job, status, time_ms, instructions, cost, error, engine, metering_profile,
                     account, is_call, resolve_tx, created_ms)
VALUES (:job, :status, :time_ms, :instructions, :cost, :error, :engine, :metering_profile,
        :account, :is_call, :resolve_tx, :now)

-- name: history_count_of_job
SELECT COUNT(*) FROM history WHERE job = :job

-- name: history_metering_of_job
SELECT engine, metering_profile FROM history WHERE job = :job

-- name: history_page
SELECT h.id, h.job, h.status, h.time_ms, h.instructions, h.cost, h.error, h.created_ms, h.is_call,
       h.account, j.kind, j.worker_id, r.request_id, r.data_id, r.near_payment, r.transaction_hash,
       r.repo, r.commit_hash, r.project_id, c.compute_cost, h.resolve_tx
FROM (SELECT id FROM history
      WHERE id > (SELECT MAX(id) FROM history) - :window
          AND (:account IS NULL OR account = :account)
          AND (:is_call IS NULL OR is_call = :is_call)
      ORDER BY id DESC LIMIT :limit OFFSET :offset) AS page
JOIN history AS h ON h.id = page.id
JOIN job AS j ON j.id = h.job
JOIN request AS r ON r.id = j.request
LEFT JOIN call AS c ON h.is_call AND j.kind = 1 AND c.id = r.request_id
ORDER BY h.id DESC
