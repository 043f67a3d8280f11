-- Decoded events, a table each. Columns are the events' own fields in snake_case, and the event's place in the chain.
-- Enums are numbers: signal 0 strong long, 1 long, 2 short, 3 strong short; how 0 swap, 1 takeover, 2 oracle, 3 write-off.
-- Amounts are raw units. SQLite keeps integers of up to 63 bits exactly: enough for quotes of 6 to 8 decimals, and not for
-- base amounts, which are text therefore, to be cast where the database has wider numbers.

CREATE TABLE fleet_initialized (
    block_number  BIGINT NOT NULL,
    log_index     INTEGER NOT NULL,
    block_time    BIGINT NOT NULL,
    -- Raw quote units in a book unit: 10 ^ unitExponent.
    unit          NUMERIC(78, 0) NOT NULL
);

CREATE TABLE strike_opened (
    block_number    BIGINT NOT NULL,
    log_index       INTEGER NOT NULL,
    block_time      BIGINT NOT NULL,
    strike_id       BIGINT PRIMARY KEY,
    engine          TEXT NOT NULL,
    operator        TEXT NOT NULL,
    nonce           NUMERIC(20, 0) NOT NULL,
    market          INTEGER NOT NULL,
    signal          INTEGER NOT NULL,
    confidence_bps  INTEGER NOT NULL,
    model_id        INTEGER NOT NULL,
    horizon         INTEGER NOT NULL,
    take_profit_bps INTEGER NOT NULL,
    stop_loss_bps   INTEGER NOT NULL,
    base_amount     TEXT NOT NULL,
    notional        NUMERIC(78, 0) NOT NULL
);

-- The field weights of StrikeOpened, decoded: 10 bits a bot, or the view function decodeWeights. Only bots that take part.
CREATE TABLE strike_lots (
    strike_id BIGINT NOT NULL,
    bot       INTEGER NOT NULL,
    lots      INTEGER NOT NULL,
    PRIMARY KEY (strike_id, bot)
);

CREATE TABLE strike_due (
    block_number BIGINT NOT NULL,
    log_index    INTEGER NOT NULL,
    block_time   BIGINT NOT NULL,
    strike_id    BIGINT PRIMARY KEY,
    reason       INTEGER NOT NULL,
    marked_by    TEXT NOT NULL,
    worth        NUMERIC(78, 0) NOT NULL
);

CREATE TABLE strike_settled (
    block_number   BIGINT NOT NULL,
    log_index      INTEGER NOT NULL,
    block_time     BIGINT NOT NULL,
    strike_id      BIGINT PRIMARY KEY,
    closed_by      TEXT NOT NULL,
    market         INTEGER NOT NULL,
    signal         INTEGER NOT NULL,
    model_id       INTEGER NOT NULL,
    confidence_bps INTEGER NOT NULL,
    how            INTEGER NOT NULL,
    base_amount    TEXT NOT NULL,
    quote_amount   NUMERIC(78, 0) NOT NULL,
    pnl            NUMERIC(78, 0) NOT NULL,
    won            INTEGER NOT NULL
);

CREATE TABLE strike_taken (
    block_number BIGINT NOT NULL,
    log_index    INTEGER NOT NULL,
    block_time   BIGINT NOT NULL,
    strike_id    BIGINT PRIMARY KEY,
    taker        TEXT NOT NULL,
    off_bps      INTEGER NOT NULL,
    oracle_quote NUMERIC(78, 0) NOT NULL,
    mean_quote   NUMERIC(78, 0) NOT NULL,
    start_quote  NUMERIC(78, 0) NOT NULL
);

CREATE TABLE arbitrage_scored (
    block_number   BIGINT NOT NULL,
    log_index      INTEGER NOT NULL,
    block_time     BIGINT NOT NULL,
    operator       TEXT NOT NULL,
    model_id       INTEGER NOT NULL,
    confidence_bps INTEGER NOT NULL,
    hit            INTEGER NOT NULL
);

-- Every settlement in book units, rounded down as the books do, in the order in which it happened.
CREATE VIEW settled_units AS
SELECT s.*,
       f.unit,
       (s.pnl - ((s.pnl % f.unit) + f.unit) % f.unit) / f.unit AS units
FROM strike_settled AS s
CROSS JOIN (SELECT MAX(unit) AS unit FROM fleet_initialized) AS f;
