-- Identity chains of nodes that say they were recovered with their recovery key, until a person here confirms it.
CREATE TABLE recoveries (
    node_id  BYTEA  NOT NULL,
    seq      BIGINT NOT NULL,
    envelope BYTEA  NOT NULL,
    PRIMARY KEY (node_id, seq)
);
