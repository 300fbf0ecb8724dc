CREATE TABLE consents (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('publicity', 'photo', 'share')),
    granted_on date NOT NULL,
    revoked_on date,
    evidence text,
    evidence_files jsonb NOT NULL DEFAULT '[]',
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (revoked_on >= granted_on)
);

CREATE UNIQUE INDEX consents__external_system__external_id ON consents (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX consents_division ON consents (division_code, id);
CREATE INDEX consents_updated ON consents (updated_at, id);
CREATE INDEX consents_cadre ON consents (cadre_id, id);
CREATE INDEX consents_granted ON consents (granted_on, id);
