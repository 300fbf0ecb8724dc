CREATE TABLE commendation_campaigns (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL CHECK (length(name) >= 2),
    kind TEXT NOT NULL CHECK (kind = 'bense_jiayuan' OR kind = 'shuangxian' OR kind = 'other'),
    year INTEGER NOT NULL CHECK (year BETWEEN 1949 AND 2199),
    level TEXT NOT NULL CHECK (level = 'national' OR level = 'province' OR level = 'city' OR level = 'county'),
    categories TEXT NOT NULL,
    document_no TEXT,
    cutoff_on TEXT,
    publicized_from TEXT,
    publicized_to TEXT,
    awarded_on TEXT,
    status TEXT NOT NULL CHECK (status = 'open' OR status = 'review' OR status = 'publicized' OR status = 'awarded' OR status = 'closed'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX commendation_campaigns__external_system__external_id ON commendation_campaigns (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX commendation_campaigns_division ON commendation_campaigns (division_code, id);
CREATE INDEX commendation_campaigns_updated ON commendation_campaigns (updated_at, id);


CREATE TABLE honors (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    kind TEXT NOT NULL CHECK (kind = 'party50_medal' OR kind = 'commendation' OR kind = 'other'),
    campaign_id BLOB REFERENCES commendation_campaigns (id),
    category TEXT,
    cadre_id BLOB REFERENCES cadres (id),
    party_organization_id BLOB REFERENCES party_organizations (id),
    unit_id BLOB REFERENCES units (id),
    title TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level = 'national' OR level = 'province' OR level = 'city' OR level = 'county'),
    issuer TEXT,
    awarded_on TEXT,
    certificate_no TEXT,
    evidence_doc TEXT,
    evidence TEXT NOT NULL,
    external INTEGER NOT NULL CHECK (external IN (0, 1)),
    verified_on TEXT,
    recommended_on TEXT,
    reviewed_on TEXT,
    consulted TEXT NOT NULL,
    decision_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'candidate' OR status = 'branch_verified' OR status = 'committee_recommended' OR status = 'dept_reviewed' OR status = 'awarded' OR status = 'rejected' OR status = 'needs_review' OR status = 'needs_decision'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    -- Exactly one subject.
    CHECK ((cadre_id IS NOT NULL) + (party_organization_id IS NOT NULL) + (unit_id IS NOT NULL) = 1),
    CHECK (kind <> 'party50_medal' OR cadre_id IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX honors__external_system__external_id ON honors (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX honors_division ON honors (division_code, id);
CREATE INDEX honors_updated ON honors (updated_at, id);
-- One 50-year medal a person.
CREATE UNIQUE INDEX honors__cadre_id ON honors (cadre_id) WHERE kind = 'party50_medal' AND deleted_at IS NULL AND status <> 'rejected';
CREATE INDEX honors_cadre ON honors (cadre_id, id) WHERE cadre_id IS NOT NULL;
CREATE INDEX honors_organization ON honors (party_organization_id) WHERE party_organization_id IS NOT NULL;
CREATE INDEX honors_unit ON honors (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX honors_campaign ON honors (campaign_id, category, status) WHERE campaign_id IS NOT NULL;
