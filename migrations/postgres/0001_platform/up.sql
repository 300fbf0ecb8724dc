-- What commits with every write, and who may write.
-- The journal is feed and audit in one; its lines get their feed number after commit.
CREATE TABLE journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint,
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    op text NOT NULL CHECK (op IN ('create', 'update', 'delete', 'erase')),
    version bigint NOT NULL,
    changed_fields jsonb NOT NULL,
    division_before text COLLATE "C",
    division_after text COLLATE "C",
    -- The other division that sees the record, where it is shared.
    shared_before text COLLATE "C",
    shared_after text COLLATE "C",
    actor text NOT NULL,
    client text NOT NULL,
    op_id uuid,
    request_id text,
    at timestamptz NOT NULL
);

CREATE UNIQUE INDEX journal__seq ON journal (seq) WHERE seq IS NOT NULL;
CREATE INDEX journal_pending ON journal (id) WHERE seq IS NULL;
CREATE INDEX journal_record ON journal (entity_id, version);

-- The record as it was at each version that another one has replaced: with the row itself the base of a merge, and what a
-- replayed answer shows.
CREATE TABLE history (
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    version bigint NOT NULL,
    division_code text COLLATE "C" NOT NULL,
    data jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (entity_id, version, entity)
);

CREATE TABLE feed_state (
    id integer PRIMARY KEY CHECK (id = 1),
    seq bigint NOT NULL,
    epoch uuid NOT NULL,
    horizon bigint NOT NULL DEFAULT 0,
    -- The last number that an event of the audit was given.
    events_seq bigint NOT NULL DEFAULT 0
);
INSERT INTO feed_state (id, seq, epoch) VALUES (1, 0, gen_random_uuid());
-- The last number that was given.
CREATE VIEW feed_head AS SELECT seq FROM feed_state;

CREATE TABLE idempotency_keys (
    client text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL,
    status integer NOT NULL,
    entity_id uuid,
    version bigint,
    answer jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (client, method, path, key)
);

-- Fails the statement it stands in unless exactly one row was met: an update of a stale version.
CREATE FUNCTION expect_one(n bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF n <> 1 THEN
        RAISE EXCEPTION 'stale';
    END IF;
    RETURN true;
END
$$;

CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- How far each client of the feed has come: what it has fetched, and what it says that it has stored.
CREATE TABLE sync_clients (
    client text COLLATE "C" NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    epoch uuid NOT NULL,
    pulled_seq bigint,
    pulled_at timestamptz,
    acked_seq bigint,
    acked_at timestamptz,
    -- The number its next operation must have, and up to which a backup holds them.
    next_op_seq bigint NOT NULL DEFAULT 1,
    durable_op_seq bigint,
    pushed_at timestamptz,
    -- Seconds by which its clock is ahead of ours.
    clock_ahead bigint,
    agent text
);

-- What clients have pushed: one row for each operation, committed with its effect.
CREATE TABLE sync_ops (
    client text COLLATE "C" NOT NULL,
    op_seq bigint NOT NULL,
    op_id uuid NOT NULL,
    hash uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('applied', 'merged', 'noop', 'conflict', 'rejected', 'blocked')),
    entity text COLLATE "C" NOT NULL,
    entity_id uuid,
    version bigint,
    -- What the answer says beside that.
    result jsonb,
    -- The operation itself, while it is in quarantine: text, for it may hold what jsonb cannot.
    body text,
    observed_at timestamptz,
    at timestamptz NOT NULL,
    PRIMARY KEY (client, op_seq)
);

CREATE UNIQUE INDEX sync_ops__op_id ON sync_ops (op_id, client);
CREATE INDEX sync_ops_quarantine ON sync_ops (client, op_seq) WHERE body IS NOT NULL;

-- Fields that two have changed and that wait for a person.
CREATE TABLE sync_conflicts (
    id uuid NOT NULL PRIMARY KEY,
    client text COLLATE "C" NOT NULL,
    op_id uuid NOT NULL,
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    division_code text COLLATE "C" NOT NULL,
    action text NOT NULL CHECK (action IN ('patch', 'delete')),
    base_version bigint NOT NULL,
    current_version bigint NOT NULL,
    fields jsonb NOT NULL,
    at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by text
);

CREATE INDEX sync_conflicts_open ON sync_conflicts (division_code, id) WHERE resolved_at IS NULL;
CREATE INDEX sync_conflicts_client ON sync_conflicts (client) WHERE resolved_at IS NULL;

-- Epochs that a restore has ended, and the number of the feed up to which what they had is here still.
CREATE TABLE feed_epochs (
    epoch uuid NOT NULL PRIMARY KEY,
    seq bigint NOT NULL
);

-- What happened beside the writes of the journal: sign-ins, refusals, what was revealed. Holds no personal data.
-- Numbered after commit as the journal is.
CREATE TABLE audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint,
    at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    client text COLLATE "C",
    token_id uuid,
    address text COLLATE "C",
    user_agent text,
    request_id text COLLATE "C",
    entity text COLLATE "C",
    entity_id uuid,
    fields jsonb NOT NULL,
    purpose text,
    division_code text COLLATE "C" NOT NULL,
    detail text,
    -- How often, where the same was told together.
    times bigint NOT NULL CHECK (times >= 1)
);

CREATE UNIQUE INDEX audit_events__seq ON audit_events (seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_events_pending ON audit_events (id) WHERE seq IS NULL;
CREATE INDEX audit_events_kind ON audit_events (kind, seq);
CREATE INDEX audit_events_actor ON audit_events (actor, seq);
CREATE INDEX audit_events_entity ON audit_events (entity_id, seq) WHERE entity_id IS NOT NULL;

-- The chain over journal and events. A link covers the lines behind the link before it; its hash is made of that
-- link's hash and of what it covers, and is signed with the installation's key.
CREATE TABLE audit_links (
    id bigint NOT NULL PRIMARY KEY CHECK (id >= 1),
    epoch uuid NOT NULL,
    at timestamptz NOT NULL,
    journal_through bigint NOT NULL,
    events_through bigint NOT NULL,
    journal_hash text COLLATE "C" NOT NULL,
    events_hash text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    signature text COLLATE "C" NOT NULL
);

CREATE INDEX audit_links_at ON audit_links (at);

-- Sensitive fields that an account has revealed on a day.
CREATE TABLE reveal_counts (
    client text COLLATE "C" NOT NULL,
    day date NOT NULL,
    fields bigint NOT NULL,
    PRIMARY KEY (client, day)
);

-- Keys that have sealed something here, and the one of the blind indexes: by their ids, never themselves.
CREATE TABLE sealing_keys (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('sealing', 'index')),
    since timestamptz NOT NULL
);

-- Up to which link events were removed because of their age, signed.
CREATE TABLE audit_checkpoint (
    id integer PRIMARY KEY CHECK (id = 1),
    link bigint NOT NULL,
    events_through bigint NOT NULL,
    at timestamptz NOT NULL,
    signature text COLLATE "C" NOT NULL
);

-- Heads of the chain that others have seen here and brought back: the last one of each client and day, and each that
-- did not agree with the chain.
CREATE TABLE audit_witnesses (
    client text COLLATE "C" NOT NULL,
    epoch uuid NOT NULL,
    link bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    day bigint NOT NULL,
    agreed boolean NOT NULL,
    PRIMARY KEY (client, epoch, link, hash)
);

-- In a county's own instance: heads of the other server's chain that it has seen, the last one of each day.
CREATE TABLE audit_heads_seen (
    remote text COLLATE "C" NOT NULL,
    day bigint NOT NULL,
    epoch uuid NOT NULL,
    link bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    signature text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (remote, day)
);

-- In a county's own instance: which record is a copy, of which version at the other server, and which version it has here.
CREATE TABLE sync_copies (
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    version bigint NOT NULL,
    local_version bigint NOT NULL,
    PRIMARY KEY (entity_id, entity)
);

-- What the agent of such an instance has to remember: positions at the other server and here.
CREATE TABLE sync_agent (
    id integer PRIMARY KEY CHECK (id = 1),
    remote text NOT NULL,
    remote_epoch uuid NOT NULL,
    cursor text,
    collected_seq bigint NOT NULL,
    next_op_seq bigint NOT NULL
);

-- Operations of this instance on their way to the other server, kept until a backup there holds them.
CREATE TABLE sync_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    op_id uuid NOT NULL UNIQUE,
    op_seq bigint UNIQUE,
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    local_version bigint NOT NULL,
    body jsonb NOT NULL,
    status text
);

CREATE INDEX sync_outbox_waiting ON sync_outbox (id) WHERE status IS NULL OR status = 'refresh';
CREATE INDEX sync_outbox_record ON sync_outbox (entity_id);
