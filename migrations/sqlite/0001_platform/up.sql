-- Sets of codes are written with OR: for IN with three or more SQLite builds a table in memory at each write.
-- What commits with every write, and who may write.
-- The journal is feed and audit in one. One transaction writes at a time, so the row number is the feed number.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    op TEXT NOT NULL CHECK (op = 'create' OR op = 'update' OR op = 'delete' OR op = 'erase'),
    version INTEGER NOT NULL,
    changed_fields TEXT NOT NULL,
    division_before TEXT,
    division_after TEXT,
    -- The other division that sees the record, where it is shared.
    shared_before TEXT,
    shared_after TEXT,
    actor TEXT NOT NULL,
    client TEXT NOT NULL,
    op_id BLOB,
    request_id TEXT,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX journal_record ON journal (entity_id, version);

-- The record as it was at each version that another one has replaced: with the row itself the base of a merge, and what a
-- replayed answer shows.
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
    pulled_seq INTEGER,
    pulled_at INTEGER,
    acked_seq INTEGER,
    acked_at INTEGER,
    -- The number its next operation must have, and up to which a backup holds them.
    next_op_seq INTEGER NOT NULL DEFAULT 1,
    durable_op_seq INTEGER,
    pushed_at INTEGER,
    -- Seconds by which its clock is ahead of ours.
    clock_ahead INTEGER,
    agent TEXT
) STRICT;

-- What clients have pushed: one row for each operation, committed with its effect.
CREATE TABLE sync_ops (
    client TEXT NOT NULL,
    op_seq INTEGER NOT NULL,
    op_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status = 'applied' OR status = 'merged' OR status = 'noop' OR status = 'conflict' OR status = 'rejected' OR status = 'blocked'),
    entity TEXT NOT NULL,
    entity_id BLOB,
    version INTEGER,
    -- What the answer says beside that.
    result TEXT,
    -- The operation itself, while it is in quarantine.
    body TEXT,
    observed_at INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (client, op_seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX sync_ops__op_id ON sync_ops (op_id, client);
CREATE INDEX sync_ops_quarantine ON sync_ops (client, op_seq) WHERE body IS NOT NULL;

-- Fields that two have changed and that wait for a person.
CREATE TABLE sync_conflicts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    client TEXT NOT NULL,
    op_id BLOB NOT NULL,
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    division_code TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('patch', 'delete')),
    base_version INTEGER NOT NULL,
    current_version INTEGER NOT NULL,
    fields TEXT NOT NULL,
    at INTEGER NOT NULL,
    resolved_at INTEGER,
    resolved_by TEXT
) STRICT;

CREATE INDEX sync_conflicts_open ON sync_conflicts (division_code, id) WHERE resolved_at IS NULL;
CREATE INDEX sync_conflicts_client ON sync_conflicts (client) WHERE resolved_at IS NULL;

-- Epochs that a restore has ended, and the number of the feed up to which what they had is here still.
CREATE TABLE feed_epochs (
    epoch BLOB NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;

-- What happened beside the writes of the journal: sign-ins, refusals, what was revealed. Holds no personal data.
CREATE TABLE audit_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    actor TEXT NOT NULL,
    client TEXT,
    token_id BLOB,
    address TEXT,
    user_agent TEXT,
    request_id TEXT,
    entity TEXT,
    entity_id BLOB,
    fields TEXT NOT NULL,
    purpose TEXT,
    division_code TEXT NOT NULL,
    detail TEXT,
    -- How often, where the same was told together.
    times INTEGER NOT NULL CHECK (times >= 1)
) STRICT;

CREATE INDEX audit_events_kind ON audit_events (kind, seq);
CREATE INDEX audit_events_actor ON audit_events (actor, seq);
CREATE INDEX audit_events_entity ON audit_events (entity_id, seq) WHERE entity_id IS NOT NULL;

-- The chain over journal and events. A link covers the lines behind the link before it; its hash is made of that
-- link's hash and of what it covers, and is signed with the installation's key.
CREATE TABLE audit_links (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id >= 1),
    epoch BLOB NOT NULL,
    at INTEGER NOT NULL,
    journal_through INTEGER NOT NULL,
    events_through INTEGER NOT NULL,
    journal_hash TEXT NOT NULL,
    events_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;

CREATE INDEX audit_links_at ON audit_links (at);
-- Sensitive fields that an account has revealed on a day.
CREATE TABLE reveal_counts (
    client TEXT NOT NULL,
    day TEXT NOT NULL,
    fields INTEGER NOT NULL,
    PRIMARY KEY (client, day)
) STRICT, WITHOUT ROWID;

-- Keys that have sealed something here, and the one of the blind indexes: by their ids, never themselves.
CREATE TABLE sealing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sealing', 'index')),
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to which link events were removed because of their age, signed.
CREATE TABLE audit_checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    link INTEGER NOT NULL,
    events_through INTEGER NOT NULL,
    at INTEGER NOT NULL,
    signature TEXT NOT NULL
) STRICT;

-- Heads of the chain that others have seen here and brought back: the last one of each client and day, and each that
-- did not agree with the chain.
CREATE TABLE audit_witnesses (
    client TEXT NOT NULL,
    epoch BLOB NOT NULL,
    link INTEGER NOT NULL,
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    day INTEGER NOT NULL,
    agreed INTEGER NOT NULL,
    PRIMARY KEY (client, epoch, link, hash)
) STRICT;

-- In a county's own instance: heads of the other server's chain that it has seen, the last one of each day.
CREATE TABLE audit_heads_seen (
    remote TEXT NOT NULL,
    day INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    link INTEGER NOT NULL,
    hash TEXT NOT NULL,
    signature TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (remote, day)
) STRICT;

-- In a county's own instance: which record is a copy, of which version at the other server, and which version it has here.
CREATE TABLE sync_copies (
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    local_version INTEGER NOT NULL,
    PRIMARY KEY (entity_id, entity)
) STRICT, WITHOUT ROWID;

-- What the agent of such an instance has to remember: positions at the other server and here.
CREATE TABLE sync_agent (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    remote TEXT NOT NULL,
    remote_epoch BLOB NOT NULL,
    cursor TEXT,
    collected_seq INTEGER NOT NULL,
    next_op_seq INTEGER NOT NULL
) STRICT;

-- Operations of this instance on their way to the other server, kept until a backup there holds them.
CREATE TABLE sync_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    op_id BLOB NOT NULL UNIQUE,
    op_seq INTEGER UNIQUE,
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    local_version INTEGER NOT NULL,
    body TEXT NOT NULL,
    status TEXT
) STRICT;

CREATE INDEX sync_outbox_waiting ON sync_outbox (id) WHERE status IS NULL OR status = 'refresh';
CREATE INDEX sync_outbox_record ON sync_outbox (entity_id);
