-- Counters of public statistics, kept as completions come (Coordinator 10). Account '' is all.
-- Repositories have the same counters, and their last commit.

-- name: counter_add
INSERT INTO run_counter (account, total, successful, failed, access_denied, compilation_failed,
                         execution_failed, insufficient_payment, custom, million_instructions,
                         instructions_beyond, timed, time_ms, near_paid)
VALUES (:account, 1, :successful, :failed, :access_denied, :compilation_failed, :execution_failed,
        :insufficient_payment, :custom, :million_instructions, :instructions_beyond, :timed,
        :time_ms, :zero)
ON CONFLICT (account) DO UPDATE SET
    total = total + 1,
    successful = successful + excluded.successful,
    failed = failed + excluded.failed,
    access_denied = access_denied + excluded.access_denied,
    compilation_failed = compilation_failed + excluded.compilation_failed,
    execution_failed = execution_failed + excluded.execution_failed,
    insufficient_payment = insufficient_payment + excluded.insufficient_payment,
    custom = custom + excluded.custom,
    million_instructions = million_instructions + excluded.million_instructions,
    instructions_beyond = instructions_beyond + excluded.instructions_beyond,
    timed = timed + excluded.timed,
    time_ms = time_ms + excluded.time_ms

-- name: counter_find
SELECT total, successful, failed, access_denied, compilation_failed, execution_failed,
       insufficient_payment, custom, million_instructions, instructions_beyond, timed, time_ms,
       near_paid
FROM run_counter WHERE account = :account

-- name: counter_near_paid
UPDATE run_counter SET near_paid = :near_paid WHERE account = :account

-- name: counter_accounts
SELECT COUNT(*) FROM run_counter WHERE account <> ''

-- name: repo_counter_add
INSERT INTO repo_counter (repo, total, successful, failed, access_denied, compilation_failed,
                          execution_failed, insufficient_payment, custom, million_instructions,
                          instructions_beyond, timed, time_ms, near_paid)
VALUES (:account, 1, :successful, :failed, :access_denied, :compilation_failed, :execution_failed,
        :insufficient_payment, :custom, :million_instructions, :instructions_beyond, :timed,
        :time_ms, :zero)
ON CONFLICT (repo) DO UPDATE SET
    total = total + 1,
    successful = successful + excluded.successful,
    failed = failed + excluded.failed,
    access_denied = access_denied + excluded.access_denied,
    compilation_failed = compilation_failed + excluded.compilation_failed,
    execution_failed = execution_failed + excluded.execution_failed,
    insufficient_payment = insufficient_payment + excluded.insufficient_payment,
    custom = custom + excluded.custom,
    million_instructions = million_instructions + excluded.million_instructions,
    instructions_beyond = instructions_beyond + excluded.instructions_beyond,
    timed = timed + excluded.timed,
    time_ms = time_ms + excluded.time_ms

-- name: repo_counter_find
SELECT total, successful, failed, access_denied, compilation_failed, execution_failed,
       insufficient_payment, custom, million_instructions, instructions_beyond, timed, time_ms,
       near_paid
FROM repo_counter WHERE repo = :account

-- name: repo_counter_near_paid
UPDATE repo_counter SET near_paid = :near_paid WHERE repo = :account

-- name: repo_counter_commit
UPDATE repo_counter SET last_commit = :commit WHERE repo = :repo

-- name: repos_popular
SELECT repo, last_commit, total, successful, failed, access_denied, compilation_failed,
       execution_failed, insufficient_payment, custom, million_instructions, instructions_beyond,
       timed, time_ms, near_paid
FROM repo_counter ORDER BY total DESC LIMIT :limit
