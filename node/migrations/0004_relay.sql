-- Relay, legal holds and use receipts.

-- To whom a record of another that is held here may be passed on, by its own policy: a node, or '' for anyone. What
-- was held before this table stays with us.
CREATE TABLE passable (
    log_id BIGINT NOT NULL,
    idx    BIGINT NOT NULL,
    reader BYTEA  NOT NULL,
    PRIMARY KEY (log_id, idx, reader)
);
CREATE INDEX passable_readers ON passable (log_id, reader, idx);

-- Who passes another's log on to us, what it calls its author, and below which index the openings are settled that it may
-- pass on.
CREATE TABLE carriers (
    log_id     BIGINT NOT NULL,
    carrier    BYTEA  NOT NULL,
    name       TEXT   NOT NULL,
    settled_to BIGINT NOT NULL,
    PRIMARY KEY (log_id, carrier)
);

-- The retraction itself, where it was brought and does not stand in our copy of the log: so that it can be passed on.
ALTER TABLE purges ADD COLUMN retraction_envelope BYTEA;

-- Holders' receipts, and how often they were asked, now also for records of others that we passed on. `said` is the receipt's place
-- in its holder's log: the later word counts, whatever a clock says.
CREATE TABLE receipts_of_logs (
    log_id        BIGINT NOT NULL,
    idx           BIGINT NOT NULL,
    holder        BYTEA  NOT NULL,
    outcome       TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    backups_until TEXT   NOT NULL,
    basis         TEXT   NOT NULL,
    review_on     TEXT   NOT NULL,
    passed_on_to  TEXT   NOT NULL,
    received_at   BIGINT NOT NULL,
    said          BIGINT NOT NULL,
    PRIMARY KEY (log_id, idx, holder)
);
INSERT INTO receipts_of_logs
SELECT l.id, r.idx, r.holder, r.outcome, r.at, r.backups_until, r.basis, r.review_on, r.passed_on_to, r.received_at, 0
FROM receipts r, logs l, self s WHERE l.origin = s.node_id;
DROP TABLE receipts;
ALTER TABLE receipts_of_logs RENAME TO receipts;

CREATE TABLE asked_of_logs (
    log_id  BIGINT NOT NULL,
    idx     BIGINT NOT NULL,
    holder  BYTEA  NOT NULL,
    times   BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    PRIMARY KEY (log_id, idx, holder)
);
INSERT INTO asked_of_logs
SELECT l.id, a.idx, a.holder, a.times, a.last_at, a.reached FROM asked a, logs l, self s WHERE l.origin = s.node_id;
DROP TABLE asked;
ALTER TABLE asked_of_logs RENAME TO asked;

-- Records of others that are kept for a legal reason, should they be withdrawn.
CREATE TABLE holds (
    log_id    BIGINT NOT NULL,
    idx       BIGINT NOT NULL,
    basis     TEXT   NOT NULL,
    review_on TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    by_whom   TEXT   NOT NULL,
    PRIMARY KEY (log_id, idx)
);

-- Those of them that were withdrawn: shown and given to nobody, until the hold ends.
CREATE TABLE kept_back (
    log_id   BIGINT NOT NULL,
    idx      BIGINT NOT NULL,
    salt     BYTEA  NOT NULL,
    envelope BYTEA  NOT NULL,
    PRIMARY KEY (log_id, idx)
);

-- What was done here with records of others, and whether their author was told.
CREATE TABLE uses (
    log_id BIGINT NOT NULL,
    idx    BIGINT NOT NULL,
    way    TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    told   BIGINT NOT NULL,
    PRIMARY KEY (log_id, idx, way)
);
CREATE INDEX uses_to_tell ON uses (told, at);

-- What others say they did with ours.
CREATE TABLE uses_said (
    idx    BIGINT NOT NULL,
    holder BYTEA  NOT NULL,
    way    TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (idx, holder, way)
);
