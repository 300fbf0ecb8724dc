-- What commits with every write, and who may write.
-- The journal is feed and audit in one. One transaction writes at a time, so the row number is the feed number.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    version INTEGER NOT NULL,
    changed_fields TEXT NOT NULL,
    division_before TEXT,
    division_after TEXT,
    actor TEXT NOT NULL,
    client TEXT NOT NULL,
    op_id BLOB,
    request_id TEXT,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX journal_record ON journal (entity_id, version);

-- The record as it was at each version: the base of a merge, and what a replayed answer shows.
CREATE TABLE history (
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    division_code TEXT NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- No WITHOUT ROWID: a record's state is too long for the pages of an index.
    PRIMARY KEY (entity_id, version, entity)
) STRICT;

CREATE TABLE feed_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch BLOB NOT NULL,
    horizon INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO feed_state (id, epoch) VALUES (1, randomblob(16));
-- The last number that was given.
CREATE VIEW feed_head AS SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0) AS seq;

CREATE TABLE idempotency_keys (
    client TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    entity_id BLOB,
    version INTEGER,
    answer TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (client, method, path, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- How far each client of the feed has come: what it has fetched, and what it says that it has stored.
CREATE TABLE sync_clients (
    client TEXT NOT NULL PRIMARY KEY,
    division_code TEXT NOT NULL,
    epoch BLOB NOT NULL,
    pulled_seq INTEGER NOT NULL,
    pulled_at INTEGER NOT NULL,
    acked_seq INTEGER,
    acked_at INTEGER
) STRICT;
