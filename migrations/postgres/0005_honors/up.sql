CREATE TABLE commendation_campaigns (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL CHECK (length(name) >= 2),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('bense_jiayuan', 'shuangxian', 'other')),
    year integer NOT NULL CHECK (year BETWEEN 1949 AND 2199),
    level text COLLATE "C" NOT NULL CHECK (level IN ('national', 'province', 'city', 'county')),
    categories jsonb NOT NULL,
    document_no text,
    cutoff_on date,
    publicized_from date,
    publicized_to date,
    awarded_on date,
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'review', 'publicized', 'awarded', 'closed')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX commendation_campaigns__external_system__external_id ON commendation_campaigns (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX commendation_campaigns_division ON commendation_campaigns (division_code, id);
CREATE INDEX commendation_campaigns_updated ON commendation_campaigns (updated_at, id);


CREATE TABLE honors (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('party50_medal', 'commendation', 'other')),
    campaign_id uuid REFERENCES commendation_campaigns (id),
    category text COLLATE "C",
    cadre_id uuid REFERENCES cadres (id),
    party_organization_id uuid REFERENCES party_organizations (id),
    unit_id uuid REFERENCES units (id),
    title text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL CHECK (level IN ('national', 'province', 'city', 'county')),
    issuer text,
    awarded_on text COLLATE "C",
    certificate_no text,
    evidence_doc text,
    evidence jsonb NOT NULL,
    external boolean NOT NULL,
    verified_on date,
    recommended_on date,
    reviewed_on date,
    consulted jsonb NOT NULL,
    decision_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('candidate', 'branch_verified', 'committee_recommended', 'dept_reviewed', 'awarded', 'rejected', 'needs_review', 'needs_decision')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    -- Exactly one subject.
    CHECK (num_nonnulls(cadre_id, party_organization_id, unit_id) = 1),
    CHECK (kind <> 'party50_medal' OR cadre_id IS NOT NULL)
);

CREATE UNIQUE INDEX honors__external_system__external_id ON honors (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX honors_division ON honors (division_code, id);
CREATE INDEX honors_updated ON honors (updated_at, id);
-- One 50-year medal a person.
CREATE UNIQUE INDEX honors__cadre_id ON honors (cadre_id) WHERE kind = 'party50_medal' AND deleted_at IS NULL AND status <> 'rejected';
CREATE INDEX honors_cadre ON honors (cadre_id, id) WHERE cadre_id IS NOT NULL;
CREATE INDEX honors_organization ON honors (party_organization_id) WHERE party_organization_id IS NOT NULL;
CREATE INDEX honors_unit ON honors (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX honors_campaign ON honors (campaign_id, category, status) WHERE campaign_id IS NOT NULL;
