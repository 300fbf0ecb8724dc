CREATE TABLE divisions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level = 'province' OR level = 'city' OR level = 'county' OR level = 'township' OR level = 'village'),
    kind TEXT NOT NULL CHECK (kind IN ('administrative', 'statistical')),
    parent_code TEXT,
    valid_from TEXT NOT NULL,
    valid_to TEXT CHECK (valid_to >= valid_from),
    successor_code TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX divisions__external_system__external_id ON divisions (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX divisions_division ON divisions (division_code, id);
CREATE INDEX divisions_updated ON divisions (updated_at, id);
CREATE UNIQUE INDEX divisions__code ON divisions (code) WHERE deleted_at IS NULL;


CREATE TABLE units (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL CHECK (length(name) >= 2),
    uscc TEXT CHECK (length(uscc) = 18),
    legacy_uscc INTEGER NOT NULL CHECK (legacy_uscc IN (0, 1)),
    kind TEXT NOT NULL CHECK (kind = 'organ' OR kind = 'institution' OR kind = 'enterprise' OR kind = 'bureau' OR kind = 'other'),
    management TEXT CHECK (management IN ('central', 'local')),
    unit_level TEXT,
    org_type TEXT,
    parent_id BLOB REFERENCES units (id),
    sort_no INTEGER NOT NULL CHECK (sort_no >= 0),
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX units__external_system__external_id ON units (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX units_division ON units (division_code, id);
CREATE INDEX units_updated ON units (updated_at, id);
CREATE UNIQUE INDEX units__uscc ON units (uscc) WHERE uscc IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX units_parent ON units (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX units_name ON units (name, id);
