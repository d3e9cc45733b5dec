-- Payment keys, what they reserved, used and earned for authors (Coordinator 3).

-- name: key_find
SELECT id, proof, initial_balance, spent, reserved, scopes, max_per_call, is_grant, created_ms,
       last_used_ms, deleted_ms
FROM payment_key
WHERE owner = :owner AND nonce = :nonce
ORDER BY incarnation DESC LIMIT 1

-- name: key_balances
SELECT initial_balance, spent, reserved, is_grant FROM payment_key WHERE id = :id

-- name: key_insert
INSERT INTO payment_key (owner, nonce, incarnation, proof, initial_balance, spent, reserved, scopes,
                         max_per_call, is_grant, created_ms, last_used_ms)
VALUES (:owner, :nonce,
        (SELECT COALESCE(MAX(incarnation), 0) + 1 FROM payment_key
         WHERE owner = :owner AND nonce = :nonce),
        :proof, :initial_balance, :zero, :zero, :scopes, :max_per_call, 0, :now, 0)

-- name: key_reserve
UPDATE payment_key SET reserved = :reserved, last_used_ms = :now
WHERE id = :id AND reserved = :reserved_before AND deleted_ms IS NULL

-- name: key_settle
UPDATE payment_key SET spent = :spent, reserved = :reserved
WHERE id = :id AND spent = :spent_before AND reserved = :reserved_before

-- Deleted ones too: the contract may still keep the key.
-- name: key_fund
UPDATE payment_key
SET initial_balance = :initial_balance, proof = :proof, scopes = :scopes,
    max_per_call = :max_per_call, is_grant = 0
WHERE id = :id AND initial_balance = :initial_before

-- name: key_grant
UPDATE payment_key
SET initial_balance = :initial_balance, is_grant = 1, note = COALESCE(:note, note)
WHERE id = :id AND initial_balance = :initial_before AND deleted_ms IS NULL
    AND (is_grant = 1 OR initial_balance = :zero)

-- name: key_delete
UPDATE payment_key SET deleted_ms = :now
WHERE owner = :owner AND nonce = :nonce AND deleted_ms IS NULL

-- A deletion that the contract gave up: what it took away is back. Not where a key is yet to be made
-- after it: then the one on the chain is that.
-- name: key_kept
UPDATE payment_key SET deleted_ms = NULL
WHERE owner = :owner AND nonce = :nonce AND deleted_ms >= :since
    AND incarnation = (SELECT MAX(incarnation) FROM payment_key
                       WHERE owner = :owner AND nonce = :nonce)
    AND NOT EXISTS (SELECT 1 FROM system_task
                    WHERE state IN (0, 2) AND kind = 0 AND owner = :owner AND nonce = :nonce
                        AND amount = :zero AND id > :deletion)

-- name: grant_key_delete
UPDATE payment_key SET deleted_ms = :now
WHERE owner = :owner AND nonce = :nonce AND deleted_ms IS NULL AND is_grant = 1

-- name: grant_keys
SELECT id, owner, nonce, initial_balance, spent, reserved, scopes, max_per_call, created_ms,
       last_used_ms
FROM payment_key WHERE is_grant = 1 AND deleted_ms IS NULL
ORDER BY owner, nonce LIMIT :limit

-- name: keys_all
SELECT id, initial_balance, spent, reserved FROM payment_key

-- name: reservation_insert
INSERT INTO reservation (call, key_id, amount, deadline_ms)
VALUES (:call, :key_id, :amount, :deadline)

-- name: reservation_take
DELETE FROM reservation WHERE call = :call RETURNING amount

-- name: reservations_of_key
SELECT r.amount, c.status FROM reservation AS r LEFT JOIN call AS c ON c.id = r.call
WHERE r.key_id = :key_id

-- name: reservations_count
SELECT COUNT(*) FROM reservation WHERE key_id = :key_id

-- name: reservations_all
SELECT amount FROM reservation

-- name: reservations_due
SELECT call FROM reservation WHERE deadline_ms <= :now ORDER BY deadline_ms LIMIT :limit

-- name: reservation_next
SELECT MIN(deadline_ms) FROM reservation

-- name: usage_insert
INSERT INTO usage (key_id, call, charged, author_share, status, job_id, created_ms)
VALUES (:key_id, :call, :charged, :author_share, :status, :job_id, :now)

-- name: usage_amounts
SELECT charged, author_share FROM usage WHERE key_id = :key_id

-- name: usage_page
SELECT u.call, c.call_id, u.job_id, c.project_id, u.charged, c.deposit, u.status, u.created_ms
FROM usage AS u JOIN call AS c ON c.id = u.call
WHERE u.key_id = :key_id ORDER BY u.call DESC LIMIT :limit OFFSET :offset

-- name: usage_count
SELECT COUNT(*) FROM usage WHERE key_id = :key_id

-- name: author_find
SELECT balance, total_earned, updated_ms FROM author WHERE owner = :owner

-- name: authors_all
SELECT owner, total_earned FROM author

-- name: author_put
INSERT INTO author (owner, balance, total_earned, updated_ms)
VALUES (:owner, :balance, :total_earned, :now)
ON CONFLICT (owner) DO UPDATE SET
    balance = excluded.balance, total_earned = excluded.total_earned, updated_ms = excluded.updated_ms

-- name: earning_insert
INSERT INTO earning (owner, source, project_id, attached, refund, amount, transaction_hash, caller,
                     request_id, call_id, key_owner, key_nonce, created_ms)
VALUES (:owner, :source, :project_id, :attached, :refund, :amount, :transaction_hash, :caller,
        :request_id, :call_id,
        (SELECT owner FROM payment_key WHERE id = :key_id),
        (SELECT nonce FROM payment_key WHERE id = :key_id), :now)

-- name: earnings_page
SELECT id, project_id, attached, refund, amount, source, transaction_hash, caller, request_id,
       call_id, key_owner, key_nonce, created_ms
FROM earning
WHERE owner = :owner AND (:source = 0 OR source = :source)
ORDER BY id DESC LIMIT :limit OFFSET :offset

-- name: earnings_count
SELECT COUNT(*) FROM earning WHERE owner = :owner AND (:source = 0 OR source = :source)

-- name: earnings_amounts
SELECT amount FROM earning WHERE owner = :owner AND source = 1
