-- One row a completion, appended only.

-- name: history_insert
INSERT INTO history (job, status, time_ms, instructions, cost, error, created_ms)
VALUES (:job, :status, :time_ms, :instructions, :cost, :error, :now)

-- name: history_count_of_job
SELECT COUNT(*) FROM history WHERE job = :job
