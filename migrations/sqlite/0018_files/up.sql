-- What is known of the files; their content is kept beside the database.
CREATE TABLE files (
    sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    bytes INTEGER NOT NULL CHECK (bytes > 0),
    media_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- When it was last uploaded, named, or no longer named: what nobody names is removed a while after.
    touched_at INTEGER NOT NULL,
    -- Its removal has begun: for everybody it is gone.
    doomed_at INTEGER
) STRICT;
CREATE INDEX files_touched ON files (touched_at);

-- Who has uploaded a file and not named it yet.
CREATE TABLE file_uploads (
    sha256 TEXT NOT NULL REFERENCES files (sha256),
    client TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (sha256, client)
) STRICT;

-- Which live records name which files. A county's record may come before its file.
CREATE TABLE file_references (
    entity_id BLOB NOT NULL CHECK (length(entity_id) = 16),
    field TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    entity TEXT NOT NULL,
    PRIMARY KEY (entity_id, field, sha256)
) STRICT;
CREATE INDEX file_references_sha256 ON file_references (sha256);

