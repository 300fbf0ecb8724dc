CREATE TABLE staff (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL,
    unit_id BLOB NOT NULL REFERENCES units (id),
    duty TEXT NOT NULL,
    phone TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('full_time', 'part_time')),
    started_on TEXT NOT NULL,
    ended_on TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ended_on >= started_on)
) STRICT;

CREATE UNIQUE INDEX staff__external_system__external_id ON staff (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX staff_division ON staff (division_code, id);
CREATE INDEX staff_updated ON staff (updated_at, id);
CREATE INDEX staff_unit ON staff (unit_id, id);
CREATE INDEX staff_name ON staff (name, id);


CREATE TABLE staff_trainings (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    topic TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level = 'national' OR level = 'province' OR level = 'city' OR level = 'county'),
    from_on TEXT NOT NULL,
    to_on TEXT NOT NULL,
    persons INTEGER NOT NULL CHECK (persons >= 0),
    hours INTEGER NOT NULL CHECK (hours >= 1),
    place TEXT,
    staff_ids TEXT NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (to_on >= from_on)
) STRICT;

CREATE UNIQUE INDEX staff_trainings__external_system__external_id ON staff_trainings (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX staff_trainings_division ON staff_trainings (division_code, id);
CREATE INDEX staff_trainings_updated ON staff_trainings (updated_at, id);
CREATE INDEX staff_trainings_begins ON staff_trainings (from_on, id);


CREATE TABLE policy_documents (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    document_no TEXT,
    title TEXT NOT NULL,
    issuer TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'opinion' OR kind = 'measures' OR kind = 'notice' OR kind = 'plan' OR kind = 'other'),
    issued_on TEXT NOT NULL,
    effective_from TEXT,
    repealed_on TEXT,
    replaced_by_id BLOB REFERENCES policy_documents (id),
    tags TEXT NOT NULL,
    summary TEXT,
    file_sha256 TEXT,
    status TEXT NOT NULL CHECK (status IN ('in_force', 'repealed')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (effective_from >= issued_on),
    CHECK (repealed_on >= issued_on)
) STRICT;

CREATE UNIQUE INDEX policy_documents__external_system__external_id ON policy_documents (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX policy_documents_division ON policy_documents (division_code, id);
CREATE INDEX policy_documents_updated ON policy_documents (updated_at, id);
-- An office keeps a document once.
CREATE UNIQUE INDEX policy_documents__division_code__document_no ON policy_documents (division_code, document_no) WHERE document_no IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX policy_documents_replaced ON policy_documents (replaced_by_id) WHERE replaced_by_id IS NOT NULL;
CREATE INDEX policy_documents_issued ON policy_documents (issued_on, id);
CREATE INDEX policy_documents_title ON policy_documents (title, id);
