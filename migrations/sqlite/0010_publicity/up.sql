CREATE TABLE consents (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    purpose TEXT NOT NULL CHECK (purpose = 'publicity' OR purpose = 'photo' OR purpose = 'share'),
    granted_on TEXT NOT NULL,
    revoked_on TEXT,
    evidence TEXT,
    evidence_files TEXT NOT NULL DEFAULT '[]',
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (revoked_on >= granted_on)
) STRICT;

CREATE UNIQUE INDEX consents__external_system__external_id ON consents (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX consents_division ON consents (division_code, id);
CREATE INDEX consents_updated ON consents (updated_at, id);
CREATE INDEX consents_cadre ON consents (cadre_id, id);
CREATE INDEX consents_granted ON consents (granted_on, id);
