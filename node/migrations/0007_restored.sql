-- One row while the node was made from a backup and may not know its newest head: when the backup was made, when it was
-- restored, and how many records our own log had in it.
CREATE TABLE restored (
    one         BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    made_at     BIGINT NOT NULL,
    restored_at BIGINT NOT NULL,
    log_size    BIGINT NOT NULL
);
