CREATE TABLE divisions (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    code text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL CHECK (level IN ('province', 'city', 'county', 'township', 'village')),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('administrative', 'statistical')),
    parent_code text COLLATE "C",
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    successor_code text COLLATE "C",
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX divisions__external_system__external_id ON divisions (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX divisions_division ON divisions (division_code, id);
CREATE INDEX divisions_updated ON divisions (updated_at, id);
CREATE UNIQUE INDEX divisions__code ON divisions (code) WHERE deleted_at IS NULL;


CREATE TABLE units (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL CHECK (length(name) >= 2),
    uscc text COLLATE "C" CHECK (length(uscc) = 18),
    legacy_uscc boolean NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('organ', 'institution', 'enterprise', 'bureau', 'other')),
    management text COLLATE "C" CHECK (management IN ('central', 'local')),
    unit_level text COLLATE "C",
    org_type text,
    parent_id uuid REFERENCES units (id),
    sort_no integer NOT NULL CHECK (sort_no >= 0),
    active boolean NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX units__external_system__external_id ON units (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX units_division ON units (division_code, id);
CREATE INDEX units_updated ON units (updated_at, id);
CREATE UNIQUE INDEX units__uscc ON units (uscc) WHERE uscc IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX units_parent ON units (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX units_name ON units (name, id);
