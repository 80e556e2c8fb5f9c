-- One portable set for SQLite and PostgreSQL: times are microseconds since the Unix epoch (UTC),
-- ids and hashes raw bytes, documents JSON text, truth values 0 or 1.

-- Signed identity events, our own and those of nodes we know.
CREATE TABLE identity_events (
    node_id  BYTEA  NOT NULL,
    seq      BIGINT NOT NULL,
    envelope BYTEA  NOT NULL,
    PRIMARY KEY (node_id, seq)
);

-- Which node presents which signing key now: how a TLS connection finds its node.
CREATE TABLE current_keys (
    signing_key BYTEA NOT NULL PRIMARY KEY,
    node_id     BYTEA NOT NULL UNIQUE
);

-- Our one own NodeId.
CREATE TABLE self (
    one     BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    node_id BYTEA  NOT NULL
);

-- Every version of our profile.
CREATE TABLE place_versions (
    version  BIGINT NOT NULL PRIMARY KEY,
    document TEXT   NOT NULL,
    at       BIGINT NOT NULL
);

CREATE TABLE peerings (
    node_id       BYTEA  NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL UNIQUE,
    endpoint      TEXT   NOT NULL,
    standing      TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    since         BIGINT NOT NULL,
    contract      BYTEA  NOT NULL,
    invitation    BYTEA,
    last_contact  BIGINT,
    last_error    TEXT   NOT NULL,
    software      TEXT   NOT NULL
);

-- Invitations we made. The secret itself is in the ticket only.
CREATE TABLE invitations (
    secret_hash BYTEA  NOT NULL PRIMARY KEY,
    terms       BYTEA  NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_by     BYTEA
);

-- Every log we hold, our own among them.
CREATE TABLE logs (
    id         BIGINT NOT NULL PRIMARY KEY,
    origin     BYTEA  NOT NULL UNIQUE,
    frontier   BYTEA  NOT NULL,
    settled_to BIGINT NOT NULL,
    head_size  BIGINT NOT NULL,
    checkpoint TEXT   NOT NULL
);

CREATE TABLE leaves (
    log_id BIGINT NOT NULL,
    idx    BIGINT NOT NULL,
    leaf   BYTEA  NOT NULL,
    PRIMARY KEY (log_id, idx)
);

-- Hashes of full subtrees of 256, 65536, ... leaves, so that a proof reads hundreds of hashes
-- and not the whole log.
CREATE TABLE subtrees (
    log_id BIGINT NOT NULL,
    level  BIGINT NOT NULL,
    idx    BIGINT NOT NULL,
    hash   BYTEA  NOT NULL,
    PRIMARY KEY (log_id, level, idx)
);

-- Openings: what turns a leaf back into a record. Deleting the row is the purge.
CREATE TABLE records (
    log_id     BIGINT NOT NULL,
    idx        BIGINT NOT NULL,
    salt       BYTEA  NOT NULL,
    envelope   BYTEA  NOT NULL,
    expires_at BIGINT,
    held_since BIGINT NOT NULL,
    PRIMARY KEY (log_id, idx)
);
CREATE INDEX records_newest ON records (held_since, log_id, idx);
CREATE INDEX records_expiry ON records (expires_at);

-- Records that were withdrawn or have expired. Checked before any opening is stored; never deleted.
CREATE TABLE tombstones (
    log_id BIGINT NOT NULL,
    idx    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (log_id, idx)
);

-- The disclosure ledger: who received which of our records, and when first.
CREATE TABLE disclosures (
    idx       BIGINT NOT NULL,
    recipient BYTEA  NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (idx, recipient)
);

-- What a release rests on. Stays at home.
CREATE TABLE releases (
    idx           BIGINT NOT NULL PRIMARY KEY,
    experiment_id TEXT,
    version       BIGINT NOT NULL,
    card          TEXT   NOT NULL,
    authorised_by TEXT   NOT NULL,
    consent       TEXT   NOT NULL,
    consent_salt  BYTEA  NOT NULL,
    at            BIGINT NOT NULL
);
CREATE INDEX releases_of ON releases (experiment_id);

-- Every version of every experiment kept at home.
CREATE TABLE experiment_versions (
    id       TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    document TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (id, version)
);
