CREATE TABLE green_channel_cases (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    opened_on date NOT NULL,
    need text COLLATE "C" NOT NULL CHECK (need IN ('outpatient', 'inpatient', 'transfer', 'emergency', 'escort')),
    hospital text NOT NULL,
    contact_name text,
    contact_phone text,
    resolved_on date CHECK (resolved_on >= opened_on),
    note text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('opened', 'resolved', 'cancelled')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX green_channel_cases__external_system__external_id ON green_channel_cases (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX green_channel_cases_division ON green_channel_cases (division_code, id);
CREATE INDEX green_channel_cases_updated ON green_channel_cases (updated_at, id);
CREATE INDEX green_channel_cases_cadre ON green_channel_cases (cadre_id, id);
CREATE INDEX green_channel_cases_opened ON green_channel_cases (opened_on, id);
CREATE INDEX green_channel_cases_status ON green_channel_cases (status, id);

CREATE TABLE sanatorium_plans (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    year integer NOT NULL,
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('collective', 'dispersed')),
    place text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    capacity integer NOT NULL CHECK (capacity >= 1),
    criteria text,
    document_no text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('draft', 'open', 'closed', 'completed', 'cancelled')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX sanatorium_plans__external_system__external_id ON sanatorium_plans (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX sanatorium_plans_division ON sanatorium_plans (division_code, id);
CREATE INDEX sanatorium_plans_updated ON sanatorium_plans (updated_at, id);
CREATE INDEX sanatorium_plans_year ON sanatorium_plans (year, id);
CREATE INDEX sanatorium_plans_starts ON sanatorium_plans (starts_on, id);

CREATE TABLE sanatorium_stays (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    sanatorium_plan_id uuid NOT NULL REFERENCES sanatorium_plans (id),
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    year integer,
    companion_name text,
    health_ok text,
    override_reason text,
    feedback text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('signed_up', 'attended', 'absent', 'withdrawn')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX sanatorium_stays__external_system__external_id ON sanatorium_stays (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX sanatorium_stays_division ON sanatorium_stays (division_code, id);
CREATE INDEX sanatorium_stays_updated ON sanatorium_stays (updated_at, id);
CREATE INDEX sanatorium_stays_plan ON sanatorium_stays (sanatorium_plan_id, id);
CREATE INDEX sanatorium_stays_cadre ON sanatorium_stays (cadre_id, id);
CREATE INDEX sanatorium_stays_year ON sanatorium_stays (year, id);

CREATE TABLE care_pairs (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    contact_kind text COLLATE "C" NOT NULL CHECK (contact_kind IN ('staff', 'leader', 'volunteer')),
    contact_name text NOT NULL,
    contact_phone text,
    calls_per_month integer NOT NULL CHECK (calls_per_month >= 0),
    visits_per_quarter integer NOT NULL CHECK (visits_per_quarter >= 0),
    talks_per_half integer NOT NULL CHECK (talks_per_half >= 0),
    started_on date NOT NULL,
    ended_on date CHECK (ended_on >= started_on),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX care_pairs__external_system__external_id ON care_pairs (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX care_pairs_division ON care_pairs (division_code, id);
CREATE INDEX care_pairs_updated ON care_pairs (updated_at, id);
CREATE INDEX care_pairs_cadre ON care_pairs (cadre_id, id);
CREATE INDEX care_pairs_started ON care_pairs (started_on, id);
CREATE INDEX care_pairs_ended ON care_pairs (ended_on, id);
CREATE INDEX care_pairs_contact ON care_pairs (contact_name, id);

CREATE TABLE care_contacts (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    care_pair_id uuid NOT NULL REFERENCES care_pairs (id),
    cadre_id uuid REFERENCES cadres (id),
    contacted_on date NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('call', 'visit', 'talk', 'hospital')),
    content text,
    needs jsonb NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX care_contacts__external_system__external_id ON care_contacts (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX care_contacts_division ON care_contacts (division_code, id);
CREATE INDEX care_contacts_updated ON care_contacts (updated_at, id);
CREATE INDEX care_contacts_pair ON care_contacts (care_pair_id, contacted_on);
CREATE INDEX care_contacts_cadre ON care_contacts (cadre_id, id);
CREATE INDEX care_contacts_contacted ON care_contacts (contacted_on, id);

CREATE TABLE visits (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    occasion text COLLATE "C" NOT NULL CHECK (occasion IN ('spring_festival', 'july_1', 'national_day', 'double_ninth', 'summer', 'illness', 'accident', 'condolence', 'birthday')),
    visited_on date NOT NULL,
    leader_level text COLLATE "C" NOT NULL CHECK (leader_level IN ('province', 'city', 'county', 'bureau', 'unit')),
    cadre_id uuid REFERENCES cadres (id),
    persons integer CHECK (persons >= 1),
    round text,
    gift_kind text COLLATE "C" CHECK (gift_kind IN ('money', 'goods', 'both')),
    gift_amount bigint CHECK (gift_amount > 0),
    note text,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((cadre_id IS NULL) <> (persons IS NULL))
);

CREATE UNIQUE INDEX visits__external_system__external_id ON visits (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX visits_division ON visits (division_code, id);
CREATE INDEX visits_updated ON visits (updated_at, id);
CREATE INDEX visits_cadre ON visits (cadre_id, id);
CREATE INDEX visits_visited ON visits (visited_on, id);
CREATE INDEX visits_occasion ON visits (occasion, visited_on);
CREATE INDEX visits_round ON visits (round, id);

CREATE TABLE hardship_schemes (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    document_no text NOT NULL,
    window_from text,
    window_to text,
    publicity_days integer NOT NULL CHECK (publicity_days >= 0),
    amount_min bigint CHECK (amount_min > 0),
    amount_max bigint CHECK (amount_max > 0),
    review_months integer CHECK (review_months >= 1),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((window_from IS NULL) = (window_to IS NULL))
);

CREATE UNIQUE INDEX hardship_schemes__external_system__external_id ON hardship_schemes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX hardship_schemes_division ON hardship_schemes (division_code, id);
CREATE INDEX hardship_schemes_updated ON hardship_schemes (updated_at, id);
CREATE INDEX hardship_schemes_valid ON hardship_schemes (valid_from, id);

CREATE TABLE hardship_cases (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    applicant text COLLATE "C" NOT NULL CHECK (applicant IN ('self', 'spouse', 'unit')),
    category text COLLATE "C" NOT NULL CHECK (category IN ('serious_illness', 'disabled', 'disaster', 'single', 'other')),
    situation text,
    evidence jsonb NOT NULL,
    requested_amount bigint CHECK (requested_amount > 0),
    applied_on date NOT NULL,
    hardship_scheme_id uuid REFERENCES hardship_schemes (id),
    verified_on date,
    publicized_from date,
    publicized_to date CHECK (publicized_to >= publicized_from),
    approved_amount bigint CHECK (approved_amount > 0),
    approved_on date,
    granted_on date,
    review_due date,
    reviewed_on date,
    decision_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('applied', 'verified', 'publicized', 'approved', 'granted', 'reviewed', 'rejected')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX hardship_cases__external_system__external_id ON hardship_cases (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX hardship_cases_division ON hardship_cases (division_code, id);
CREATE INDEX hardship_cases_updated ON hardship_cases (updated_at, id);
CREATE INDEX hardship_cases_cadre ON hardship_cases (cadre_id, id);
CREATE INDEX hardship_cases_scheme ON hardship_cases (hardship_scheme_id, id);
CREATE INDEX hardship_cases_applied ON hardship_cases (applied_on, id);
CREATE INDEX hardship_cases_status ON hardship_cases (status, id);
CREATE INDEX hardship_cases_review ON hardship_cases (review_due, id);

CREATE TABLE health_checkups (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    year integer NOT NULL,
    checked_on date,
    hospital text,
    result text,
    advice text,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX health_checkups__external_system__external_id ON health_checkups (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX health_checkups_division ON health_checkups (division_code, id);
CREATE INDEX health_checkups_updated ON health_checkups (updated_at, id);
CREATE INDEX health_checkups_cadre ON health_checkups (cadre_id, id);
CREATE INDEX health_checkups_year ON health_checkups (year, id);
CREATE INDEX health_checkups_checked ON health_checkups (checked_on, id);
