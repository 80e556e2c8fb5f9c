-- Release and withdrawal: who was given what, what came back, and on whose decision.

-- The disclosure ledger: who was given which record of a log, our own or one that we passed on, when first, and under which
-- contract ('' where it was given before contracts were noted).
CREATE TABLE ledger (
    log_id    BIGINT NOT NULL,
    idx       BIGINT NOT NULL,
    recipient BYTEA  NOT NULL,
    contract  BYTEA  NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (log_id, idx, recipient)
);
CREATE INDEX ledger_recipients ON ledger (recipient, log_id);
INSERT INTO ledger (log_id, idx, recipient, contract, at)
SELECT l.id, d.idx, d.recipient, '', d.at FROM disclosures d, logs l, self s WHERE l.origin = s.node_id;
DROP TABLE disclosures;

-- When the author of a log was heard of last, so that its records may be shown; 0 for never.
ALTER TABLE logs ADD COLUMN heard_at BIGINT NOT NULL DEFAULT 0;
UPDATE logs SET heard_at = COALESCE((SELECT p.last_contact FROM peerings p WHERE p.node_id = logs.origin), 0);

-- Our own withdrawals.
CREATE TABLE withdrawals (
    idx         BIGINT NOT NULL PRIMARY KEY,
    retraction  BIGINT NOT NULL,
    reason      TEXT   NOT NULL,
    note        TEXT   NOT NULL,
    parts       TEXT   NOT NULL,
    replaced_by BIGINT,
    at          BIGINT NOT NULL,
    by_whom     TEXT   NOT NULL
);

-- What holders say about our withdrawals, newest word only, and how often they were asked.
CREATE TABLE receipts (
    idx           BIGINT NOT NULL,
    holder        BYTEA  NOT NULL,
    outcome       TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    backups_until TEXT   NOT NULL,
    basis         TEXT   NOT NULL,
    review_on     TEXT   NOT NULL,
    passed_on_to  TEXT   NOT NULL,
    received_at   BIGINT NOT NULL,
    PRIMARY KEY (idx, holder)
);
CREATE TABLE asked (
    idx     BIGINT NOT NULL,
    holder  BYTEA  NOT NULL,
    times   BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    PRIMARY KEY (idx, holder)
);

-- Withdrawn records of others for which we owe a receipt: `receipt` is its index in our log, once the database's
-- files are cleared.
CREATE TABLE purges (
    log_id     BIGINT NOT NULL,
    idx        BIGINT NOT NULL,
    retraction BIGINT NOT NULL,
    held       BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    receipt    BIGINT,
    PRIMARY KEY (log_id, idx)
);
CREATE INDEX purges_owed ON purges (receipt);

-- What pre-flight found and was released all the same, with the reasons, as JSON; and who approved it.
ALTER TABLE releases ADD COLUMN overrides TEXT NOT NULL DEFAULT '[]';
ALTER TABLE releases ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';

-- Releases that call for a second person. `wish` is JSON: which card, for whom, with which overrides.
CREATE TABLE release_requests (
    id         BIGINT NOT NULL PRIMARY KEY,
    wish       TEXT   NOT NULL,
    experiment TEXT,
    version    BIGINT NOT NULL,
    asked_by   TEXT   NOT NULL,
    asked_at   BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    decided_by TEXT   NOT NULL,
    decided_at BIGINT,
    reason     TEXT   NOT NULL,
    record     BIGINT
);

-- Our groups. `record` is the newest record in our log that tells the members.
CREATE TABLE groups_ (
    id     TEXT   NOT NULL PRIMARY KEY,
    name   TEXT   NOT NULL,
    about  TEXT   NOT NULL,
    record BIGINT
);
CREATE TABLE members (
    group_id TEXT   NOT NULL,
    node     BYTEA  NOT NULL,
    since    BIGINT NOT NULL,
    earlier  BIGINT NOT NULL,
    PRIMARY KEY (group_id, node)
);

-- Groups of others to which we belong: the record that says so.
CREATE TABLE memberships (
    log_id   BIGINT NOT NULL,
    group_id TEXT   NOT NULL,
    idx      BIGINT NOT NULL,
    PRIMARY KEY (log_id, group_id)
);

-- One row while all sharing is paused.
CREATE TABLE pause (
    one     BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    at      BIGINT NOT NULL,
    by_whom TEXT   NOT NULL,
    reason  TEXT   NOT NULL
);

-- What was done here. Each entry has the hash of all before it and is signed; nothing is ever changed or deleted.
CREATE TABLE audit (
    seq       BIGINT NOT NULL PRIMARY KEY,
    entry     TEXT   NOT NULL,
    hash      BYTEA  NOT NULL,
    signature BYTEA  NOT NULL
);
