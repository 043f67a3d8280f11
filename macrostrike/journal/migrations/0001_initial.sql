-- {seq}, {amount} and {bytes} are the dialect's own types: see _database.py.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    parent_run_id TEXT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at DOUBLE PRECISION NOT NULL,
    ended_at DOUBLE PRECISION,
    versions TEXT NOT NULL,
    bytecode_hash TEXT,
    config_hash TEXT
);

CREATE TABLE predictions (
    seq {seq},
    digest TEXT NOT NULL UNIQUE,
    run_id TEXT,
    causation_id TEXT,
    seen_at DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    engine TEXT NOT NULL,
    engine_nonce {amount} NOT NULL,
    market INTEGER NOT NULL,
    signal TEXT NOT NULL,
    confidence_bps INTEGER NOT NULL,
    strategies INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    horizon INTEGER NOT NULL,
    take_profit_bps INTEGER NOT NULL,
    stop_loss_bps INTEGER NOT NULL,
    signature TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    strike_id BIGINT,
    decided_at DOUBLE PRECISION
);
CREATE INDEX predictions_by_decision ON predictions (decision, seq);
CREATE INDEX predictions_by_nonce ON predictions (engine, engine_nonce);

-- previous_hash and row_hash chain what is never changed; state_hash seals what is.
CREATE TABLE intents (
    seq {chained},
    run_id TEXT,
    causation_id TEXT,
    action TEXT NOT NULL,
    digest TEXT,
    engine TEXT,
    engine_nonce {amount},
    account TEXT NOT NULL,
    account_nonce BIGINT NOT NULL,
    signed TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    sent_at DOUBLE PRECISION,
    included_at DOUBLE PRECISION,
    block_number BIGINT,
    block_hash TEXT,
    gas_used BIGINT,
    gas_price {amount},
    error TEXT,
    previous_hash TEXT NOT NULL,
    row_hash TEXT NOT NULL,
    state_hash TEXT NOT NULL
);
CREATE INDEX intents_by_state ON intents (state, seq);
CREATE INDEX intents_by_nonce ON intents (account, account_nonce);
CREATE INDEX intents_by_digest ON intents (digest);

CREATE TABLE blocks (
    number BIGINT PRIMARY KEY,
    hash TEXT NOT NULL,
    parent_hash TEXT NOT NULL,
    timestamp BIGINT NOT NULL
);

-- topics and data are the log as the chain gave it; name and args are for people and SQL.
CREATE TABLE events (
    block_number BIGINT NOT NULL,
    log_index INTEGER NOT NULL,
    transaction_hash TEXT NOT NULL,
    transaction_index INTEGER,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    args TEXT NOT NULL,
    timestamp BIGINT NOT NULL,
    topics TEXT NOT NULL,
    data TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    row_hash TEXT NOT NULL,
    PRIMARY KEY (block_number, log_index)
);
CREATE INDEX events_by_name ON events (name, block_number);

CREATE TABLE strikes (
    strike_id BIGINT PRIMARY KEY,
    market INTEGER NOT NULL,
    engine TEXT NOT NULL,
    engine_nonce {amount} NOT NULL,
    model_id INTEGER NOT NULL,
    signal TEXT NOT NULL,
    confidence_bps INTEGER NOT NULL,
    strategies INTEGER NOT NULL,
    operator TEXT NOT NULL,
    notional {amount} NOT NULL,
    base_amount {amount} NOT NULL,
    horizon INTEGER NOT NULL,
    take_profit_bps INTEGER NOT NULL,
    stop_loss_bps INTEGER NOT NULL,
    opened_at BIGINT NOT NULL,
    opened_block BIGINT NOT NULL,
    opened_tx TEXT NOT NULL,
    lots TEXT NOT NULL,
    status TEXT NOT NULL,
    settled_at BIGINT,
    settled_block BIGINT,
    settled_tx TEXT,
    quote_amount {amount},
    pnl {amount},
    won BOOLEAN,
    settled_by TEXT
);
CREATE INDEX strikes_by_status ON strikes (status);
CREATE INDEX strikes_by_nonce ON strikes (engine, engine_nonce);
CREATE INDEX strikes_by_settlement ON strikes (settled_block);

CREATE TABLE arbitrages (
    block_number BIGINT NOT NULL,
    log_index INTEGER NOT NULL,
    operator TEXT NOT NULL,
    token_in TEXT NOT NULL,
    amount_in {amount} NOT NULL,
    profit {amount} NOT NULL,
    timestamp BIGINT NOT NULL,
    PRIMARY KEY (block_number, log_index)
);

CREATE TABLE equity (
    block_number BIGINT PRIMARY KEY,
    timestamp BIGINT NOT NULL,
    equity {amount} NOT NULL,
    high_water {amount} NOT NULL,
    reserve {amount} NOT NULL
);

CREATE TABLE transactions_seen (
    hash TEXT PRIMARY KEY,
    block_number BIGINT NOT NULL,
    gas_used BIGINT NOT NULL,
    gas_price {amount},
    account TEXT NOT NULL,
    action TEXT NOT NULL
);
CREATE INDEX transactions_by_block ON transactions_seen (block_number);

CREATE TABLE changes (
    seq {seq},
    run_id TEXT,
    at DOUBLE PRECISION NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    cause TEXT NOT NULL,
    causation_id TEXT
);
CREATE INDEX changes_by_kind ON changes (kind, seq);
