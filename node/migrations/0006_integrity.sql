-- Cosignatures that hold: of our own head by those who follow us; of others' heads by ourselves and by nodes that we know.
-- Only those of the newest head stand beside it; the older ones tell how far a witness had come.
CREATE TABLE cosignatures (
    log_id    BIGINT NOT NULL,
    witness   BYTEA  NOT NULL,
    size      BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    key_id    BYTEA  NOT NULL,
    signature BYTEA  NOT NULL,
    PRIMARY KEY (log_id, witness)
);

-- Evidence that a node signed two logs.
CREATE TABLE forks (
    origin   BYTEA  PRIMARY KEY,
    found_at BIGINT NOT NULL,
    evidence BYTEA  NOT NULL
);

-- The gate is closed while there is a row: nothing is signed until it is known that our newest head is here. `size` is how much
-- of our log was here when it closed.
CREATE TABLE gate (
    one    BIGINT PRIMARY KEY CHECK (one = 1),
    at     BIGINT NOT NULL,
    reason TEXT   NOT NULL,
    size   BIGINT NOT NULL
);
