CREATE TABLE benefit_standards (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('medical_pool', 'nursing', 'subsidy_months', 'dues_rate', 'funeral', 'death_grant', 'other')),
    scope text COLLATE "C" NOT NULL,
    amount bigint CHECK (amount >= 0),
    rate bigint,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    document_no text,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((amount IS NULL) <> (rate IS NULL))
);

CREATE UNIQUE INDEX benefit_standards__external_system__external_id ON benefit_standards (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX benefit_standards_division ON benefit_standards (division_code, id);
CREATE INDEX benefit_standards_updated ON benefit_standards (updated_at, id);
CREATE INDEX benefit_standards_kind ON benefit_standards (kind, scope, valid_from);
