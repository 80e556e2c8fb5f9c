-- What is followed of whom, and what was only told of in a catalogue.

-- By author: a peer, or one whose log comes through others. Without a row everything is followed. The lists have one entry a line;
-- `from_idx` is the first index that the depth reaches, once the log was seen.
CREATE TABLE subscriptions (
    node_id  BYTEA  NOT NULL PRIMARY KEY,
    paused   BIGINT NOT NULL,
    kinds    TEXT   NOT NULL,
    themes   TEXT   NOT NULL,
    scales   TEXT   NOT NULL,
    factors  TEXT   NOT NULL,
    depth    TEXT   NOT NULL,
    from_idx BIGINT
);

-- How often more of a log came to be here than was asked for at first: those to whom it is passed on ask again then. At the reader, what
-- it was told last.
ALTER TABLE logs ADD COLUMN widened BIGINT NOT NULL DEFAULT 0;
ALTER TABLE carriers ADD COLUMN widened BIGINT NOT NULL DEFAULT 0;

-- Whether what a tombstone stands for had been held here: who only saw a title says so when it is withdrawn. Of tombstones from before
-- this is not known, and counts as held.
ALTER TABLE tombstones ADD COLUMN held BIGINT NOT NULL DEFAULT 1;

-- Who was told of a record and was not given it: its title and labels only.
CREATE TABLE told (
    log_id    BIGINT NOT NULL,
    idx       BIGINT NOT NULL,
    recipient BYTEA  NOT NULL,
    PRIMARY KEY (log_id, idx, recipient)
);
