-- Openings that cannot be found by their words yet: those from `first` to `last` of a log that are held and not in the index.
CREATE TABLE unindexed (
    log_id BIGINT NOT NULL,
    first  BIGINT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (log_id, first)
);
