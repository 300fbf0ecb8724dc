-- Long work that outlives a request and a server: who holds a lease works on it, and who comes after goes on from `done`.
CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('import')),
    division_code TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'receiving' OR state = 'queued' OR state = 'running' OR state = 'done' OR state = 'failed' OR state = 'cancelled'),
    -- Who asked for it; the account and the token whose rights it uses, or none for the command line.
    actor TEXT NOT NULL,
    client TEXT NOT NULL,
    user_id BLOB,
    token_id BLOB,
    request TEXT NOT NULL,
    -- Rows worked on, and rows there are.
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER,
    counts TEXT NOT NULL DEFAULT '{}',
    -- Why it failed.
    failure TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    lease_by BLOB,
    lease_until INTEGER
) STRICT;

CREATE INDEX jobs_division ON jobs (division_code, id);
CREATE INDEX jobs_client ON jobs (client, id);
CREATE INDEX jobs_open ON jobs (created_at) WHERE state IN ('receiving', 'queued', 'running');

-- The file of a job, sealed in pieces.
CREATE TABLE job_pieces (
    job_id BLOB NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job_id, n)
) STRICT;

-- What is wrong with a row of the file, sealed.
CREATE TABLE job_findings (
    job_id BLOB NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (job_id, n)
) STRICT;
