-- What is known of the files; their content is kept beside the database.
CREATE TABLE files (
    sha256 text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    bytes bigint NOT NULL CHECK (bytes > 0),
    media_type text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    -- When it was last uploaded, named, or no longer named: what nobody names is removed a while after.
    touched_at timestamptz NOT NULL,
    -- Its removal has begun: for everybody it is gone.
    doomed_at timestamptz
);
CREATE INDEX files_touched ON files (touched_at);

-- Who has uploaded a file and not named it yet.
CREATE TABLE file_uploads (
    sha256 text COLLATE "C" NOT NULL REFERENCES files (sha256),
    client text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (sha256, client)
);

-- Which live records name which files. A county's record may come before its file.
CREATE TABLE file_references (
    entity_id uuid NOT NULL,
    field text COLLATE "C" NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    PRIMARY KEY (entity_id, field, sha256)
);
CREATE INDEX file_references_sha256 ON file_references (sha256);

