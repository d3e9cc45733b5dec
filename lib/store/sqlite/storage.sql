-- Projects' stored rows and how much each account keeps (Coordinator 6).

-- name: storage_find
SELECT encrypted_key, encrypted_value, wasm_hash, is_encrypted FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id AND key_hash = :key_hash

-- name: storage_find_version
SELECT encrypted_key, encrypted_value, wasm_hash, is_encrypted FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id AND key_hash = :key_hash
    AND wasm_hash = :wasm_hash

-- name: storage_put
INSERT INTO storage (project_uuid, account_id, key_hash, wasm_hash, encrypted_key,
    encrypted_value, is_encrypted, updated_ms)
VALUES (:project_uuid, :account_id, :key_hash, :wasm_hash, :encrypted_key, :encrypted_value,
    :is_encrypted, :now)
ON CONFLICT (project_uuid, account_id, key_hash) DO UPDATE SET wasm_hash = :wasm_hash,
    encrypted_key = :encrypted_key, encrypted_value = :encrypted_value,
    is_encrypted = :is_encrypted, updated_ms = :now

-- name: storage_delete
DELETE FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id AND key_hash = :key_hash

-- name: storage_clear_account
DELETE FROM storage WHERE project_uuid = :project_uuid AND account_id = :account_id

-- name: storage_clear_version
DELETE FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id AND wasm_hash = :wasm_hash

-- name: storage_clear_project
DELETE FROM storage WHERE project_uuid = :project_uuid

-- name: storage_version_projects
SELECT DISTINCT project_uuid FROM storage
WHERE wasm_hash = :wasm_hash AND account_id = :account_id LIMIT 2

-- name: storage_list
SELECT key_hash, encrypted_key, CASE WHEN :with_values THEN encrypted_value ELSE x'' END, wasm_hash
FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id
ORDER BY id LIMIT :limit OFFSET :offset

-- name: storage_usage_find
SELECT total_bytes, key_count FROM storage_usage
WHERE project_uuid = :project_uuid AND account_id = :account_id

-- name: storage_usage_add
INSERT INTO storage_usage (project_uuid, account_id, total_bytes, key_count)
VALUES (:project_uuid, :account_id, :bytes, :keys)
ON CONFLICT (project_uuid, account_id) DO UPDATE SET total_bytes = total_bytes + :bytes,
    key_count = key_count + :keys

-- name: storage_usage_drop_empty
DELETE FROM storage_usage
WHERE project_uuid = :project_uuid AND account_id = :account_id AND key_count = 0

-- name: storage_usage_forget_account
DELETE FROM storage_usage WHERE project_uuid = :project_uuid AND account_id = :account_id

-- name: storage_usage_forget_project
DELETE FROM storage_usage WHERE project_uuid = :project_uuid

-- name: storage_version_sum
SELECT coalesce(sum(length(encrypted_key) + length(encrypted_value)), 0), count(*) FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id AND wasm_hash = :wasm_hash

-- name: storage_usage_differs
SELECT u.project_uuid FROM storage_usage u
WHERE u.total_bytes <> (SELECT coalesce(sum(length(s.encrypted_key) + length(s.encrypted_value)), 0)
        FROM storage s WHERE s.project_uuid = u.project_uuid AND s.account_id = u.account_id)
    OR u.key_count <> (SELECT count(*) FROM storage s
        WHERE s.project_uuid = u.project_uuid AND s.account_id = u.account_id)
LIMIT 1

-- What owners ask, with their signature. Pages go by the hash, as the index does.

-- name: signed_nonce_take
INSERT INTO signed_nonce (account_id, nonce, expires_ms) VALUES (:account_id, :nonce, :expires)
ON CONFLICT (account_id, nonce) DO NOTHING

-- name: signed_nonces_purge
DELETE FROM signed_nonce WHERE expires_ms <= :now

-- name: storage_owned_list
SELECT key_hash, CASE WHEN is_encrypted THEN x'' ELSE encrypted_key END,
    length(encrypted_key) + length(encrypted_value), wasm_hash, is_encrypted, updated_ms
FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id AND key_hash > :after
    AND (NOT :only_public OR NOT is_encrypted)
    AND (:prefix_bytes = 0
        OR (NOT is_encrypted AND substr(encrypted_key, 1, :prefix_bytes) = :prefix))
ORDER BY key_hash LIMIT :limit

-- name: storage_owned_sum
SELECT coalesce(sum(length(encrypted_key) + length(encrypted_value)), 0), count(*) FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id
    AND key_hash >= :first AND key_hash <= :last AND (NOT :only_public OR NOT is_encrypted)

-- name: storage_owned_delete
DELETE FROM storage
WHERE project_uuid = :project_uuid AND account_id = :account_id
    AND key_hash >= :first AND key_hash <= :last AND (NOT :only_public OR NOT is_encrypted)

-- name: storage_usage_project
SELECT coalesce(sum(total_bytes), 0), coalesce(sum(key_count), 0) FROM storage_usage
WHERE project_uuid = :project_uuid

-- name: storage_usage_accounts
SELECT account_id, total_bytes, key_count FROM storage_usage
WHERE project_uuid = :project_uuid AND account_id > :after
ORDER BY account_id LIMIT :limit
