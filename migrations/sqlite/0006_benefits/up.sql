CREATE TABLE benefit_standards (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    kind TEXT NOT NULL CHECK (kind = 'medical_pool' OR kind = 'nursing' OR kind = 'subsidy_months' OR kind = 'dues_rate' OR kind = 'funeral' OR kind = 'death_grant' OR kind = 'other'),
    scope TEXT NOT NULL,
    amount INTEGER CHECK (amount >= 0),
    rate INTEGER,
    valid_from TEXT NOT NULL,
    valid_to TEXT CHECK (valid_to >= valid_from),
    document_no TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((amount IS NULL) <> (rate IS NULL))
) STRICT;

CREATE UNIQUE INDEX benefit_standards__external_system__external_id ON benefit_standards (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX benefit_standards_division ON benefit_standards (division_code, id);
CREATE INDEX benefit_standards_updated ON benefit_standards (updated_at, id);
CREATE INDEX benefit_standards_kind ON benefit_standards (kind, scope, valid_from);
