CREATE TABLE staff (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    unit_id uuid NOT NULL REFERENCES units (id),
    duty text NOT NULL,
    phone text,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('full_time', 'part_time')),
    started_on date NOT NULL,
    ended_on date,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ended_on >= started_on)
);

CREATE UNIQUE INDEX staff__external_system__external_id ON staff (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX staff_division ON staff (division_code, id);
CREATE INDEX staff_updated ON staff (updated_at, id);
CREATE INDEX staff_unit ON staff (unit_id, id);
CREATE INDEX staff_name ON staff (name, id);


CREATE TABLE staff_trainings (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    topic text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL CHECK (level IN ('national', 'province', 'city', 'county')),
    from_on date NOT NULL,
    to_on date NOT NULL,
    persons integer NOT NULL CHECK (persons >= 0),
    hours integer NOT NULL CHECK (hours >= 1),
    place text,
    staff_ids jsonb NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (to_on >= from_on)
);

CREATE UNIQUE INDEX staff_trainings__external_system__external_id ON staff_trainings (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX staff_trainings_division ON staff_trainings (division_code, id);
CREATE INDEX staff_trainings_updated ON staff_trainings (updated_at, id);
CREATE INDEX staff_trainings_begins ON staff_trainings (from_on, id);


CREATE TABLE policy_documents (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    document_no text COLLATE "C",
    title text COLLATE "C" NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('opinion', 'measures', 'notice', 'plan', 'other')),
    issued_on date NOT NULL,
    effective_from date,
    repealed_on date,
    replaced_by_id uuid REFERENCES policy_documents (id),
    tags jsonb NOT NULL,
    summary text,
    file_sha256 text COLLATE "C",
    status text COLLATE "C" NOT NULL CHECK (status IN ('in_force', 'repealed')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (effective_from >= issued_on),
    CHECK (repealed_on >= issued_on)
);

CREATE UNIQUE INDEX policy_documents__external_system__external_id ON policy_documents (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX policy_documents_division ON policy_documents (division_code, id);
CREATE INDEX policy_documents_updated ON policy_documents (updated_at, id);
-- An office keeps a document once.
CREATE UNIQUE INDEX policy_documents__division_code__document_no ON policy_documents (division_code, document_no) WHERE document_no IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX policy_documents_replaced ON policy_documents (replaced_by_id) WHERE replaced_by_id IS NOT NULL;
CREATE INDEX policy_documents_issued ON policy_documents (issued_on, id);
CREATE INDEX policy_documents_title ON policy_documents (title, id);
