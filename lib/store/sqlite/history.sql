-- One row a completion, appended only.

-- name: history_insert
INSERT INTO history (job, status, time_ms, instructions, cost, error, engine, metering_profile,
  created_ms)
VALUES (:job, :status, :time_ms, :instructions, :cost, :error, :engine, :metering_profile, :now)

-- name: history_count_of_job
SELECT COUNT(*) FROM history WHERE job = :job

-- name: history_metering_of_job
SELECT engine, metering_profile FROM history WHERE job = :job
