-- Money is a blob of 16 bytes, most significant first: comparing blobs compares numbers.
-- Times are milliseconds since 1970 (`_ms`) or seconds (`_s`). Flags are 0 and 1.

-- migration: 1
CREATE TABLE payment_key (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    proof BLOB NOT NULL,
    initial_balance BLOB NOT NULL,
    spent BLOB NOT NULL,
    reserved BLOB NOT NULL,
    scopes TEXT NOT NULL,
    max_per_call BLOB NOT NULL,
    is_grant INTEGER NOT NULL,
    note TEXT,
    created_ms INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL,
    deleted_ms INTEGER
);
CREATE UNIQUE INDEX payment_key_of_owner ON payment_key (owner, nonce, incarnation);

CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    call_id BLOB NOT NULL,
    key_id INTEGER NOT NULL,
    status INTEGER NOT NULL,
    expired INTEGER NOT NULL DEFAULT 0,
    project_id TEXT NOT NULL,
    compute_limit BLOB NOT NULL,
    deposit BLOB NOT NULL,
    fee_base BLOB NOT NULL,
    fee_instructions BLOB NOT NULL,
    fee_second BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    compute_cost BLOB,
    instructions INTEGER NOT NULL DEFAULT 0,
    time_ms INTEGER NOT NULL DEFAULT 0,
    job_id INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    output TEXT
);
CREATE UNIQUE INDEX call_by_call_id ON call (call_id);

-- One row a pending call; releasing it is exact.
CREATE TABLE reservation (
    call INTEGER PRIMARY KEY,
    key_id INTEGER NOT NULL,
    amount BLOB NOT NULL,
    deadline_ms INTEGER NOT NULL
);
CREATE INDEX reservation_of_key ON reservation (key_id);

CREATE TABLE idempotency (
    key_id INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    digest BLOB NOT NULL,
    call INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (key_id, idempotency_key)
) WITHOUT ROWID;

-- One row a settled call.
CREATE TABLE usage (
    key_id INTEGER NOT NULL,
    call INTEGER NOT NULL,
    charged BLOB NOT NULL,
    author_share BLOB NOT NULL,
    status INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (key_id, call)
) WITHOUT ROWID;

CREATE TABLE author (
    owner TEXT PRIMARY KEY,
    balance BLOB NOT NULL,
    total_earned BLOB NOT NULL,
    updated_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE earning (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    source INTEGER NOT NULL,
    project_id TEXT NOT NULL,
    attached BLOB NOT NULL,
    refund BLOB NOT NULL,
    amount BLOB NOT NULL,
    transaction_hash TEXT,
    caller TEXT,
    request_id INTEGER,
    call_id TEXT,
    key_owner TEXT,
    key_nonce INTEGER,
    created_ms INTEGER NOT NULL
);
CREATE INDEX earning_of_owner ON earning (owner, id);

CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    request_id INTEGER NOT NULL,
    data_id TEXT NOT NULL,
    state INTEGER NOT NULL,
    order_key INTEGER NOT NULL,
    is_call INTEGER NOT NULL,
    compile_only INTEGER NOT NULL,
    force_rebuild INTEGER NOT NULL,
    seconds_max INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 0,
    compile_attempts INTEGER NOT NULL DEFAULT 0,
    execute_attempts INTEGER NOT NULL DEFAULT 0,
    compile_outcome INTEGER NOT NULL DEFAULT 0,
    last_job INTEGER NOT NULL DEFAULT 0,
    checksum TEXT,
    compile_result TEXT,
    compile_error TEXT,
    compile_cost BLOB,
    compile_time_ms INTEGER,
    project_uuid TEXT,
    project_id TEXT,
    account TEXT,
    attached BLOB,
    near_payment BLOB,
    transaction_hash TEXT
);
CREATE UNIQUE INDEX request_by_id ON request (request_id, data_id);
CREATE INDEX request_parked ON request (checksum) WHERE state = 0;
CREATE INDEX request_dead ON request (id) WHERE state = 5;

-- The Task object as workers get it. Apart, because state changes rewrite their row.
CREATE TABLE task (
    request INTEGER PRIMARY KEY,
    json TEXT NOT NULL
);

CREATE TABLE queue (
    kind INTEGER NOT NULL,
    order_key INTEGER NOT NULL,
    request INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, order_key, request)
) WITHOUT ROWID;

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    request INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    status INTEGER NOT NULL,
    worker_id TEXT NOT NULL,
    checksum TEXT,
    created_ms INTEGER NOT NULL
);

CREATE TABLE lease (
    request INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    job INTEGER NOT NULL,
    worker_id TEXT NOT NULL,
    checksum TEXT,
    claimed_ms INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL,
    PRIMARY KEY (request, kind)
) WITHOUT ROWID;

CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL,
    status INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    instructions INTEGER NOT NULL,
    cost BLOB,
    error TEXT,
    engine TEXT,
    metering_profile TEXT,
    created_ms INTEGER NOT NULL
);

CREATE TABLE run_counter (
    account TEXT PRIMARY KEY,
    total INTEGER NOT NULL,
    successful INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    access_denied INTEGER NOT NULL,
    compilation_failed INTEGER NOT NULL,
    execution_failed INTEGER NOT NULL,
    insufficient_payment INTEGER NOT NULL,
    custom INTEGER NOT NULL,
    million_instructions INTEGER NOT NULL,
    instructions_beyond INTEGER NOT NULL,
    timed INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    near_paid BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE worker_token (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    active INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL
);

CREATE TABLE tee_challenge (
    challenge BLOB PRIMARY KEY,
    token_id INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE tee_session (
    session_id BLOB PRIMARY KEY,
    token_id INTEGER NOT NULL,
    public_key TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE worker (
    worker_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    status INTEGER NOT NULL,
    current_task TEXT,
    first_seen_ms INTEGER NOT NULL,
    last_beat_ms INTEGER NOT NULL,
    completed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    block_height INTEGER,
    block_ms INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE named_lock (
    lock_key TEXT PRIMARY KEY,
    token_id INTEGER NOT NULL,
    worker_id TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE system_task (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    data_id TEXT NOT NULL,
    state INTEGER NOT NULL,
    owner TEXT,
    nonce INTEGER,
    amount BLOB,
    encrypted_data TEXT,
    project_id TEXT,
    project_uuid TEXT,
    created_s INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX system_task_by_data ON system_task (data_id, kind);
CREATE INDEX system_task_open ON system_task (id) WHERE state = 0;

CREATE TABLE wasm (
    checksum TEXT PRIMARY KEY,
    content BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    repo_url TEXT NOT NULL,
    commit_hash TEXT NOT NULL,
    build_target TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL,
    executions INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX wasm_by_content ON wasm (content);

CREATE TABLE wasm_ban (
    checksum TEXT PRIMARY KEY,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE project (
    project_id TEXT PRIMARY KEY,
    uuid TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE pricing (
    id INTEGER PRIMARY KEY,
    json TEXT NOT NULL,
    read_ms INTEGER NOT NULL
);

CREATE TABLE attestation (
    id INTEGER PRIMARY KEY,
    task_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    quote TEXT NOT NULL,
    measurement TEXT NOT NULL,
    request_id INTEGER,
    caller_account_id TEXT,
    transaction_hash TEXT,
    block_height INTEGER,
    call_id TEXT,
    payment_key_owner TEXT,
    payment_key_nonce INTEGER,
    repo_url TEXT,
    commit_hash TEXT,
    build_target TEXT,
    wasm_hash TEXT,
    executed_wasm_sha256 TEXT,
    input_hash TEXT,
    output_hash TEXT NOT NULL,
    project_id TEXT,
    secrets_ref TEXT,
    attached_usd TEXT,
    timestamp_s INTEGER NOT NULL
);
CREATE INDEX attestation_by_task ON attestation (task_id);
CREATE INDEX attestation_by_transaction ON attestation (transaction_hash)
    WHERE transaction_hash IS NOT NULL;
CREATE INDEX attestation_by_call ON attestation (call_id) WHERE call_id IS NOT NULL;

CREATE TABLE hidden_log (
    id INTEGER PRIMARY KEY,
    request_id INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    log_type TEXT NOT NULL,
    stderr TEXT,
    stdout TEXT,
    execution_error TEXT,
    exit_code INTEGER,
    created_ms INTEGER NOT NULL
);
CREATE INDEX hidden_log_of_job ON hidden_log (job_id);

-- migration: 2
-- Which branch holds a commit, as GitHub said (Coordinator 8).
CREATE TABLE branch (
    repo TEXT NOT NULL,
    commit_hash TEXT NOT NULL,
    branch TEXT NOT NULL,
    read_ms INTEGER NOT NULL,
    PRIMARY KEY (repo, commit_hash)
) WITHOUT ROWID;

-- What /public/jobs lists and filters by stands in the row; what a run was of, with its request.
ALTER TABLE history ADD COLUMN account TEXT;
ALTER TABLE history ADD COLUMN is_call INTEGER NOT NULL DEFAULT 0;
ALTER TABLE request ADD COLUMN repo TEXT;
ALTER TABLE request ADD COLUMN commit_hash TEXT;

CREATE TABLE repo_counter (
    repo TEXT PRIMARY KEY,
    total INTEGER NOT NULL,
    successful INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    access_denied INTEGER NOT NULL,
    compilation_failed INTEGER NOT NULL,
    execution_failed INTEGER NOT NULL,
    insufficient_payment INTEGER NOT NULL,
    custom INTEGER NOT NULL,
    million_instructions INTEGER NOT NULL,
    instructions_beyond INTEGER NOT NULL,
    timed INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    near_paid BLOB NOT NULL,
    last_commit TEXT
) WITHOUT ROWID;
CREATE INDEX repo_counter_total ON repo_counter (total);

-- migration: 3
-- What projects keep (Coordinator 6). `id` is the order of creation.
CREATE TABLE storage (
    id INTEGER PRIMARY KEY,
    project_uuid TEXT NOT NULL,
    account_id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    wasm_hash TEXT NOT NULL,
    encrypted_key BLOB NOT NULL,
    encrypted_value BLOB NOT NULL,
    is_encrypted INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    UNIQUE (project_uuid, account_id, key_hash)
);
CREATE INDEX storage_by_version ON storage (wasm_hash, account_id);

CREATE TABLE storage_usage (
    project_uuid TEXT NOT NULL,
    account_id TEXT NOT NULL,
    total_bytes INTEGER NOT NULL,
    key_count INTEGER NOT NULL,
    PRIMARY KEY (project_uuid, account_id)
) WITHOUT ROWID;

-- migration: 4
-- Nonces of requests that accounts signed, until these end (Coordinator 6).
CREATE TABLE signed_nonce (
    account_id TEXT NOT NULL,
    nonce BLOB NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (account_id, nonce)
) WITHOUT ROWID;
CREATE INDEX signed_nonce_by_end ON signed_nonce (expires_ms);

-- migration: 5
-- Which life of a worker took a lease, and which it lives now (Coordinator 4.3).
ALTER TABLE lease ADD COLUMN life TEXT;
ALTER TABLE worker ADD COLUMN life TEXT;

-- migration: 6
-- Tasks that are left, by key; what was finished needs its ciphertext no more (Coordinator 3.4).
CREATE INDEX system_task_of_key ON system_task (owner, nonce, id) WHERE state IN (0, 2);
UPDATE system_task SET encrypted_data = NULL WHERE state = 1;

-- migration: 7
-- The transaction that answered a request on chain (Coordinator 10).
ALTER TABLE history ADD COLUMN resolve_tx TEXT;
