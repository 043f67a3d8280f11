-- Who may write intents for an account. Each acquisition has a new generation; older ones are void.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    generation BIGINT NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL
);
