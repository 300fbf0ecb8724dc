CREATE TABLE green_channel_cases (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    opened_on TEXT NOT NULL,
    need TEXT NOT NULL CHECK (need = 'outpatient' OR need = 'inpatient' OR need = 'transfer' OR need = 'emergency' OR need = 'escort'),
    hospital TEXT NOT NULL,
    contact_name TEXT,
    contact_phone TEXT,
    resolved_on TEXT CHECK (resolved_on >= opened_on),
    note TEXT,
    status TEXT NOT NULL CHECK (status = 'opened' OR status = 'resolved' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX green_channel_cases__external_system__external_id ON green_channel_cases (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX green_channel_cases_division ON green_channel_cases (division_code, id);
CREATE INDEX green_channel_cases_updated ON green_channel_cases (updated_at, id);
CREATE INDEX green_channel_cases_cadre ON green_channel_cases (cadre_id, id);
CREATE INDEX green_channel_cases_opened ON green_channel_cases (opened_on, id);
CREATE INDEX green_channel_cases_status ON green_channel_cases (status, id);

CREATE TABLE sanatorium_plans (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    year INTEGER NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('collective', 'dispersed')),
    place TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL CHECK (ends_on >= starts_on),
    capacity INTEGER NOT NULL CHECK (capacity >= 1),
    criteria TEXT,
    document_no TEXT,
    status TEXT NOT NULL CHECK (status = 'draft' OR status = 'open' OR status = 'closed' OR status = 'completed' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX sanatorium_plans__external_system__external_id ON sanatorium_plans (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX sanatorium_plans_division ON sanatorium_plans (division_code, id);
CREATE INDEX sanatorium_plans_updated ON sanatorium_plans (updated_at, id);
CREATE INDEX sanatorium_plans_year ON sanatorium_plans (year, id);
CREATE INDEX sanatorium_plans_starts ON sanatorium_plans (starts_on, id);

CREATE TABLE sanatorium_stays (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    sanatorium_plan_id BLOB NOT NULL REFERENCES sanatorium_plans (id),
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    year INTEGER,
    companion_name TEXT,
    health_ok TEXT,
    override_reason TEXT,
    feedback TEXT,
    status TEXT NOT NULL CHECK (status = 'signed_up' OR status = 'attended' OR status = 'absent' OR status = 'withdrawn'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX sanatorium_stays__external_system__external_id ON sanatorium_stays (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX sanatorium_stays_division ON sanatorium_stays (division_code, id);
CREATE INDEX sanatorium_stays_updated ON sanatorium_stays (updated_at, id);
CREATE INDEX sanatorium_stays_plan ON sanatorium_stays (sanatorium_plan_id, id);
CREATE INDEX sanatorium_stays_cadre ON sanatorium_stays (cadre_id, id);
CREATE INDEX sanatorium_stays_year ON sanatorium_stays (year, id);

CREATE TABLE care_pairs (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    contact_kind TEXT NOT NULL CHECK (contact_kind = 'staff' OR contact_kind = 'leader' OR contact_kind = 'volunteer'),
    contact_name TEXT NOT NULL,
    contact_phone TEXT,
    calls_per_month INTEGER NOT NULL CHECK (calls_per_month >= 0),
    visits_per_quarter INTEGER NOT NULL CHECK (visits_per_quarter >= 0),
    talks_per_half INTEGER NOT NULL CHECK (talks_per_half >= 0),
    started_on TEXT NOT NULL,
    ended_on TEXT CHECK (ended_on >= started_on),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX care_pairs__external_system__external_id ON care_pairs (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX care_pairs_division ON care_pairs (division_code, id);
CREATE INDEX care_pairs_updated ON care_pairs (updated_at, id);
CREATE INDEX care_pairs_cadre ON care_pairs (cadre_id, id);
CREATE INDEX care_pairs_started ON care_pairs (started_on, id);
CREATE INDEX care_pairs_ended ON care_pairs (ended_on, id);
CREATE INDEX care_pairs_contact ON care_pairs (contact_name, id);

CREATE TABLE care_contacts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    care_pair_id BLOB NOT NULL REFERENCES care_pairs (id),
    cadre_id BLOB REFERENCES cadres (id),
    contacted_on TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'call' OR kind = 'visit' OR kind = 'talk' OR kind = 'hospital'),
    content TEXT,
    needs TEXT NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX care_contacts__external_system__external_id ON care_contacts (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX care_contacts_division ON care_contacts (division_code, id);
CREATE INDEX care_contacts_updated ON care_contacts (updated_at, id);
CREATE INDEX care_contacts_pair ON care_contacts (care_pair_id, contacted_on);
CREATE INDEX care_contacts_cadre ON care_contacts (cadre_id, id);
CREATE INDEX care_contacts_contacted ON care_contacts (contacted_on, id);

CREATE TABLE visits (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    occasion TEXT NOT NULL CHECK (occasion = 'spring_festival' OR occasion = 'july_1' OR occasion = 'national_day' OR occasion = 'double_ninth' OR occasion = 'summer' OR occasion = 'illness' OR occasion = 'accident' OR occasion = 'condolence' OR occasion = 'birthday'),
    visited_on TEXT NOT NULL,
    leader_level TEXT NOT NULL CHECK (leader_level = 'province' OR leader_level = 'city' OR leader_level = 'county' OR leader_level = 'bureau' OR leader_level = 'unit'),
    cadre_id BLOB REFERENCES cadres (id),
    persons INTEGER CHECK (persons >= 1),
    round TEXT,
    gift_kind TEXT CHECK (gift_kind = 'money' OR gift_kind = 'goods' OR gift_kind = 'both'),
    gift_amount INTEGER CHECK (gift_amount > 0),
    note TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((cadre_id IS NULL) <> (persons IS NULL))
) STRICT;

CREATE UNIQUE INDEX visits__external_system__external_id ON visits (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX visits_division ON visits (division_code, id);
CREATE INDEX visits_updated ON visits (updated_at, id);
CREATE INDEX visits_cadre ON visits (cadre_id, id);
CREATE INDEX visits_visited ON visits (visited_on, id);
CREATE INDEX visits_occasion ON visits (occasion, visited_on);
CREATE INDEX visits_round ON visits (round, id);

CREATE TABLE hardship_schemes (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    valid_from TEXT NOT NULL,
    valid_to TEXT CHECK (valid_to >= valid_from),
    document_no TEXT NOT NULL,
    window_from TEXT,
    window_to TEXT,
    publicity_days INTEGER NOT NULL CHECK (publicity_days >= 0),
    amount_min INTEGER CHECK (amount_min > 0),
    amount_max INTEGER CHECK (amount_max > 0),
    review_months INTEGER CHECK (review_months >= 1),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((window_from IS NULL) = (window_to IS NULL))
) STRICT;

CREATE UNIQUE INDEX hardship_schemes__external_system__external_id ON hardship_schemes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX hardship_schemes_division ON hardship_schemes (division_code, id);
CREATE INDEX hardship_schemes_updated ON hardship_schemes (updated_at, id);
CREATE INDEX hardship_schemes_valid ON hardship_schemes (valid_from, id);

CREATE TABLE hardship_cases (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    applicant TEXT NOT NULL CHECK (applicant = 'self' OR applicant = 'spouse' OR applicant = 'unit'),
    category TEXT NOT NULL CHECK (category = 'serious_illness' OR category = 'disabled' OR category = 'disaster' OR category = 'single' OR category = 'other'),
    situation TEXT,
    evidence TEXT NOT NULL,
    requested_amount INTEGER CHECK (requested_amount > 0),
    applied_on TEXT NOT NULL,
    hardship_scheme_id BLOB REFERENCES hardship_schemes (id),
    verified_on TEXT,
    publicized_from TEXT,
    publicized_to TEXT CHECK (publicized_to >= publicized_from),
    approved_amount INTEGER CHECK (approved_amount > 0),
    approved_on TEXT,
    granted_on TEXT,
    review_due TEXT,
    reviewed_on TEXT,
    decision_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'applied' OR status = 'verified' OR status = 'publicized' OR status = 'approved' OR status = 'granted' OR status = 'reviewed' OR status = 'rejected'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX hardship_cases__external_system__external_id ON hardship_cases (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX hardship_cases_division ON hardship_cases (division_code, id);
CREATE INDEX hardship_cases_updated ON hardship_cases (updated_at, id);
CREATE INDEX hardship_cases_cadre ON hardship_cases (cadre_id, id);
CREATE INDEX hardship_cases_scheme ON hardship_cases (hardship_scheme_id, id);
CREATE INDEX hardship_cases_applied ON hardship_cases (applied_on, id);
CREATE INDEX hardship_cases_status ON hardship_cases (status, id);
CREATE INDEX hardship_cases_review ON hardship_cases (review_due, id);

CREATE TABLE health_checkups (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    year INTEGER NOT NULL,
    checked_on TEXT,
    hospital TEXT,
    result TEXT,
    advice TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX health_checkups__external_system__external_id ON health_checkups (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX health_checkups_division ON health_checkups (division_code, id);
CREATE INDEX health_checkups_updated ON health_checkups (updated_at, id);
CREATE INDEX health_checkups_cadre ON health_checkups (cadre_id, id);
CREATE INDEX health_checkups_year ON health_checkups (year, id);
CREATE INDEX health_checkups_checked ON health_checkups (checked_on, id);
