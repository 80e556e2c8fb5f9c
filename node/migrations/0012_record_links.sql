-- Which records held here speak of which others: found without reading them all. What they say is in the records alone. A link goes
-- with its record; the record it leads to need not be held here.
CREATE TABLE record_links (
    log_id     BIGINT NOT NULL,
    idx        BIGINT NOT NULL,
    how        TEXT   NOT NULL,
    target     BYTEA  NOT NULL,
    target_idx BIGINT NOT NULL,
    PRIMARY KEY (log_id, idx, how, target, target_idx)
);
CREATE INDEX record_links_to ON record_links (target, target_idx, how);
