-- A consent may be given until a day.
ALTER TABLE consents ADD COLUMN expires_on date CHECK (expires_on >= granted_on);


CREATE TABLE media_accounts (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL CHECK (platform IN ('wechat', 'weibo', 'short_video', 'website', 'app', 'other')),
    level text COLLATE "C" NOT NULL CHECK (level IN ('national', 'province', 'city', 'county')),
    unit_id uuid REFERENCES units (id),
    account text,
    followers integer CHECK (followers >= 0),
    opened_on text COLLATE "C",
    closed_on date,
    open boolean NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX media_accounts__external_system__external_id ON media_accounts (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX media_accounts_division ON media_accounts (division_code, id);
CREATE INDEX media_accounts_updated ON media_accounts (updated_at, id);
CREATE INDEX media_accounts_unit ON media_accounts (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX media_accounts_name ON media_accounts (name, id);


CREATE TABLE articles (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('model_deed', 'news', 'policy')),
    title text COLLATE "C" NOT NULL,
    summary text,
    subject_cadre_ids jsonb NOT NULL,
    media_account_id uuid REFERENCES media_accounts (id),
    outlet text COLLATE "C",
    outlet_level text COLLATE "C" NOT NULL CHECK (outlet_level IN ('national', 'province', 'city', 'county')),
    url text,
    published_on date,
    withdrawn_on date,
    withdrawal_reason text COLLATE "C" CHECK (withdrawal_reason IN ('consent_ended', 'mistake', 'outdated', 'other')),
    status text COLLATE "C" NOT NULL CHECK (status IN ('draft', 'published', 'withdrawn')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (status <> 'published' OR published_on IS NOT NULL)
);

CREATE UNIQUE INDEX articles__external_system__external_id ON articles (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX articles_division ON articles (division_code, id);
CREATE INDEX articles_updated ON articles (updated_at, id);
CREATE INDEX articles_account ON articles (media_account_id) WHERE media_account_id IS NOT NULL;
CREATE INDEX articles_title ON articles (title, id);
CREATE INDEX articles_status ON articles (status, id);
CREATE INDEX articles_published ON articles (published_on, id);


CREATE TABLE media_reports (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    outlet text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL CHECK (level IN ('national', 'province', 'city', 'county')),
    title text COLLATE "C" NOT NULL,
    url text,
    reported_on date NOT NULL,
    subject text COLLATE "C" NOT NULL,
    party_organization_id uuid REFERENCES party_organizations (id),
    unit_id uuid REFERENCES units (id),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX media_reports__external_system__external_id ON media_reports (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX media_reports_division ON media_reports (division_code, id);
CREATE INDEX media_reports_updated ON media_reports (updated_at, id);
CREATE INDEX media_reports_organization ON media_reports (party_organization_id) WHERE party_organization_id IS NOT NULL;
CREATE INDEX media_reports_unit ON media_reports (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX media_reports_reported ON media_reports (reported_on, id);
