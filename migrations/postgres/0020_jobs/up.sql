-- Long work that outlives a request and a server: who holds a lease works on it, and who comes after goes on from `done`.
CREATE TABLE jobs (
    id uuid NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('import')),
    division_code text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('receiving', 'queued', 'running', 'done', 'failed', 'cancelled')),
    -- Who asked for it; the account and the token whose rights it uses, or none for the command line.
    actor text COLLATE "C" NOT NULL,
    client text COLLATE "C" NOT NULL,
    user_id uuid,
    token_id uuid,
    request jsonb NOT NULL,
    -- Rows worked on, and rows there are.
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    counts jsonb NOT NULL DEFAULT '{}',
    -- Why it failed.
    failure jsonb,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    lease_by uuid,
    lease_until timestamptz
);

CREATE INDEX jobs_division ON jobs (division_code, id);
CREATE INDEX jobs_client ON jobs (client, id);
CREATE INDEX jobs_open ON jobs (created_at) WHERE state IN ('receiving', 'queued', 'running');

-- The file of a job, sealed in pieces.
CREATE TABLE job_pieces (
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    n bigint NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (job_id, n)
);

-- What is wrong with a row of the file, sealed.
CREATE TABLE job_findings (
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    n bigint NOT NULL,
    said text NOT NULL,
    PRIMARY KEY (job_id, n)
);
