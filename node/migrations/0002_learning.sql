-- Learning cycles at home: documents of a kind, in versions, with what finds them again.

-- The number given last. Whoever saves a document takes the next one, so writers wait for each
-- other here, and numbers grow in the order of the commits.
CREATE TABLE saves (
    one   BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    last  BIGINT NOT NULL,
    -- The number of the last draft. People type these, so they are small, and none is given twice.
    draft BIGINT NOT NULL
);

-- The newest version of every document. Its `num` is new with every version: newest first is by `num`.
-- `indexed` is the format of its derived data (links, facets, text index), 0 for none.
CREATE TABLE documents (
    kind    TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    num     BIGINT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    title   TEXT   NOT NULL,
    cycle   TEXT,
    at      BIGINT NOT NULL,
    by_whom TEXT   NOT NULL,
    erased  BIGINT NOT NULL,
    indexed BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX documents_of_kind ON documents (kind, num);
CREATE INDEX documents_of_cycle ON documents (cycle, num);
CREATE INDEX documents_indexed ON documents (indexed);

-- Every version of every document. One whose words were erased has the document ''.
CREATE TABLE document_versions (
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    document TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    by_whom  TEXT   NOT NULL,
    PRIMARY KEY (kind, id, version)
);

-- Documents whose words were erased. Never deleted: what is here is not written again.
CREATE TABLE erasures (
    kind    TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    by_whom TEXT   NOT NULL,
    reason  TEXT   NOT NULL,
    PRIMARY KEY (kind, id)
);

-- What the newest versions refer to.
CREATE TABLE links (
    from_kind TEXT NOT NULL,
    from_id   TEXT NOT NULL,
    relation  TEXT NOT NULL,
    to_kind   TEXT NOT NULL,
    to_id     TEXT NOT NULL,
    PRIMARY KEY (from_kind, from_id, relation, to_kind, to_id)
);
CREATE INDEX links_to ON links (to_kind, to_id);

-- Theme, factor, stage and the like of the newest versions. The keys are hashes: of facet and value, of
-- the facet, and of kind and facet. So no index holds words, which would be harder to forget, and
-- no order depends on a database's language.
CREATE TABLE facets (
    num       BIGINT NOT NULL,
    value_key BIGINT NOT NULL,
    facet_key BIGINT NOT NULL,
    kind_key  BIGINT NOT NULL,
    value     TEXT   NOT NULL,
    PRIMARY KEY (num, value_key)
);
CREATE INDEX facets_values ON facets (facet_key, value_key);
CREATE INDEX facets_values_of_kind ON facets (kind_key, value_key);

-- Texts that could not be taken in yet.
CREATE TABLE drafts (
    id           BIGINT NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    document_id  TEXT   NOT NULL,
    base_version BIGINT NOT NULL,
    text         TEXT   NOT NULL,
    problem      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    by_whom      TEXT   NOT NULL
);

-- Signed statements on an experiment.
CREATE TABLE declarations (
    experiment_id TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    envelope      BYTEA  NOT NULL,
    PRIMARY KEY (experiment_id, at)
);

-- Experiments become documents.
INSERT INTO document_versions (kind, id, version, document, at, by_whom)
SELECT 'experiment', id, version, document, at, '' FROM experiment_versions;

INSERT INTO documents (kind, id, num, version, title, cycle, at, by_whom, erased, indexed)
SELECT 'experiment', e.id, ROW_NUMBER() OVER (ORDER BY e.at, e.id), e.version, '', NULL, e.at, '', 0, 0
FROM experiment_versions e
WHERE e.version = (SELECT MAX(v.version) FROM experiment_versions v WHERE v.id = e.id);

INSERT INTO saves (one, last, draft) SELECT 1, COUNT(*), 0 FROM documents;

DROP TABLE experiment_versions;
