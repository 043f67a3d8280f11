-- What the market did, what each prediction was worth by it, and the day's commitments to both.

CREATE TABLE minutes (
    market INTEGER NOT NULL,
    timestamp BIGINT NOT NULL,
    open {amount} NOT NULL,
    high {amount} NOT NULL,
    low {amount} NOT NULL,
    close {amount} NOT NULL,
    PRIMARY KEY (timestamp, market)
);

CREATE TABLE scores (
    seq BIGINT PRIMARY KEY,
    digest TEXT NOT NULL,
    outcome TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    entry {amount},
    exit {amount},
    net_millionths BIGINT
);
CREATE INDEX scores_by_outcome ON scores (outcome, ends_at);

CREATE TABLE commitments (
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    leaves BIGINT NOT NULL,
    root TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (day, kind)
);
