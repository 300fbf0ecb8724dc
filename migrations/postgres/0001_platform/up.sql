-- What commits with every write, and who may write.
-- The journal is feed and audit in one; its lines get their feed number after commit.
CREATE TABLE journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint,
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    op text NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    version bigint NOT NULL,
    changed_fields jsonb NOT NULL,
    division_before text COLLATE "C",
    division_after text COLLATE "C",
    actor text NOT NULL,
    client text NOT NULL,
    op_id uuid,
    request_id text,
    at timestamptz NOT NULL
);

CREATE UNIQUE INDEX journal__seq ON journal (seq) WHERE seq IS NOT NULL;
CREATE INDEX journal_pending ON journal (id) WHERE seq IS NULL;
CREATE INDEX journal_record ON journal (entity_id, version);

-- The record as it was at each version: the base of a merge, and what a replayed answer shows.
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
    horizon bigint NOT NULL DEFAULT 0
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
    pulled_seq bigint NOT NULL,
    pulled_at timestamptz NOT NULL,
    acked_seq bigint,
    acked_at timestamptz
);
