-- Limits and suspensions, quotas, blocks, and lists of proposals about others.

-- That one side ('us' or 'them') holds a peering back. `settled_to` is how far our copy of its log was settled when that began:
-- once it is over, openings are asked for again from there, because some were held back meanwhile.
CREATE TABLE restrictions (
    node_id    BYTEA  NOT NULL,
    side       TEXT   NOT NULL,
    degree     TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    review_on  TEXT   NOT NULL,
    since      BIGINT NOT NULL,
    settled_to BIGINT NOT NULL,
    PRIMARY KEY (node_id, side)
);

-- Bytes of openings that a peer fetched from us on a day (YYYY-MM-DD, UTC).
CREATE TABLE served_bytes (
    node_id BYTEA  NOT NULL,
    day     TEXT   NOT NULL,
    bytes   BIGINT NOT NULL,
    PRIMARY KEY (node_id, day)
);

-- Identities that nothing is taken from and nothing is given to.
CREATE TABLE blocks (
    node_id   BYTEA  NOT NULL PRIMARY KEY,
    reason    TEXT   NOT NULL,
    review_on TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    by_whom   TEXT   NOT NULL
);

-- Lists of other places, as drafts. `hash` is that of the signed list.
CREATE TABLE trust_lists (
    id          BIGINT NOT NULL PRIMARY KEY,
    author      BYTEA  NOT NULL,
    hash        BYTEA  NOT NULL UNIQUE,
    about       TEXT   NOT NULL,
    made_at     BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    by_whom     TEXT   NOT NULL
);

-- What they propose, and what was accepted of it.
CREATE TABLE trust_entries (
    list_id     BIGINT NOT NULL,
    n           BIGINT NOT NULL,
    node_id     BYTEA  NOT NULL,
    proposal    TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    review_on   TEXT   NOT NULL,
    accepted_at BIGINT,
    accepted_by TEXT   NOT NULL,
    PRIMARY KEY (list_id, n)
);
CREATE INDEX trust_entries_nodes ON trust_entries (node_id);
