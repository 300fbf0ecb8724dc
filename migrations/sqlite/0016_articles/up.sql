-- A consent may be given until a day.
ALTER TABLE consents ADD COLUMN expires_on TEXT CHECK (expires_on >= granted_on);


CREATE TABLE media_accounts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL,
    platform TEXT NOT NULL CHECK (platform = 'wechat' OR platform = 'weibo' OR platform = 'short_video' OR platform = 'website' OR platform = 'app' OR platform = 'other'),
    level TEXT NOT NULL CHECK (level = 'national' OR level = 'province' OR level = 'city' OR level = 'county'),
    unit_id BLOB REFERENCES units (id),
    account TEXT,
    followers INTEGER CHECK (followers >= 0),
    opened_on TEXT,
    closed_on TEXT,
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX media_accounts__external_system__external_id ON media_accounts (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX media_accounts_division ON media_accounts (division_code, id);
CREATE INDEX media_accounts_updated ON media_accounts (updated_at, id);
CREATE INDEX media_accounts_unit ON media_accounts (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX media_accounts_name ON media_accounts (name, id);


CREATE TABLE articles (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    kind TEXT NOT NULL CHECK (kind = 'model_deed' OR kind = 'news' OR kind = 'policy'),
    title TEXT NOT NULL,
    summary TEXT,
    subject_cadre_ids TEXT NOT NULL,
    media_account_id BLOB REFERENCES media_accounts (id),
    outlet TEXT,
    outlet_level TEXT NOT NULL CHECK (outlet_level = 'national' OR outlet_level = 'province' OR outlet_level = 'city' OR outlet_level = 'county'),
    url TEXT,
    published_on TEXT,
    withdrawn_on TEXT,
    withdrawal_reason TEXT CHECK (withdrawal_reason = 'consent_ended' OR withdrawal_reason = 'mistake' OR withdrawal_reason = 'outdated' OR withdrawal_reason = 'other'),
    status TEXT NOT NULL CHECK (status = 'draft' OR status = 'published' OR status = 'withdrawn'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (status <> 'published' OR published_on IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX articles__external_system__external_id ON articles (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX articles_division ON articles (division_code, id);
CREATE INDEX articles_updated ON articles (updated_at, id);
CREATE INDEX articles_account ON articles (media_account_id) WHERE media_account_id IS NOT NULL;
CREATE INDEX articles_title ON articles (title, id);
CREATE INDEX articles_status ON articles (status, id);
CREATE INDEX articles_published ON articles (published_on, id);


CREATE TABLE media_reports (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    outlet TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level = 'national' OR level = 'province' OR level = 'city' OR level = 'county'),
    title TEXT NOT NULL,
    url TEXT,
    reported_on TEXT NOT NULL,
    subject TEXT NOT NULL,
    party_organization_id BLOB REFERENCES party_organizations (id),
    unit_id BLOB REFERENCES units (id),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX media_reports__external_system__external_id ON media_reports (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX media_reports_division ON media_reports (division_code, id);
CREATE INDEX media_reports_updated ON media_reports (updated_at, id);
CREATE INDEX media_reports_organization ON media_reports (party_organization_id) WHERE party_organization_id IS NOT NULL;
CREATE INDEX media_reports_unit ON media_reports (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX media_reports_reported ON media_reports (reported_on, id);
