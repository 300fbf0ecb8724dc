CREATE TABLE programmes (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    theme TEXT CHECK (theme = 'party_history' OR theme = 'plenary_session' OR theme = 'red_education' OR theme = 'drowning_prevention' OR theme = 'youth_care' OR theme = 'city_development' OR theme = 'governance' OR theme = 'public_lecture' OR theme = 'culture' OR theme = 'policy_study' OR theme = 'other'),
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    targets TEXT NOT NULL,
    owner_unit_id BLOB REFERENCES units (id),
    document_no TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ends_on >= starts_on)
) STRICT;

CREATE UNIQUE INDEX programmes__external_system__external_id ON programmes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX programmes_division ON programmes (division_code, id);
CREATE INDEX programmes_updated ON programmes (updated_at, id);
CREATE UNIQUE INDEX programmes__division_code__code ON programmes (division_code, code) WHERE deleted_at IS NULL;
CREATE INDEX programmes_starts ON programmes (starts_on, id);
CREATE INDEX programmes_name ON programmes (name, id);
CREATE INDEX programmes_unit ON programmes (owner_unit_id) WHERE owner_unit_id IS NOT NULL;


CREATE TABLE teams (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'lecture_corps' OR kind = 'care_corps' OR kind = 'performance' OR kind = 'choir' OR kind = 'calligraphy' OR kind = 'sports' OR kind = 'volunteer' OR kind = 'other'),
    founded_on TEXT NOT NULL,
    ended_on TEXT,
    unit_id BLOB REFERENCES units (id),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ended_on >= founded_on)
) STRICT;

CREATE UNIQUE INDEX teams__external_system__external_id ON teams (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX teams_division ON teams (division_code, id);
CREATE INDEX teams_updated ON teams (updated_at, id);
CREATE INDEX teams_name ON teams (name, id);
CREATE INDEX teams_kind ON teams (kind, id);
CREATE INDEX teams_unit ON teams (unit_id) WHERE unit_id IS NOT NULL;


CREATE TABLE team_members (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    team_id BLOB NOT NULL REFERENCES teams (id),
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    role TEXT NOT NULL CHECK (role = 'leader' OR role = 'deputy_leader' OR role = 'member'),
    started_on TEXT NOT NULL,
    ended_on TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ended_on >= started_on)
) STRICT;

CREATE UNIQUE INDEX team_members__external_system__external_id ON team_members (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX team_members_division ON team_members (division_code, id);
CREATE INDEX team_members_updated ON team_members (updated_at, id);
-- Nobody is in a team twice at a time.
CREATE UNIQUE INDEX team_members__team_id__cadre_id ON team_members (team_id, cadre_id) WHERE deleted_at IS NULL AND ended_on IS NULL;
CREATE INDEX team_members_team ON team_members (team_id, id);
CREATE INDEX team_members_cadre ON team_members (cadre_id, id);
CREATE INDEX team_members_started ON team_members (started_on, id);


CREATE TABLE activities (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    programme_id BLOB REFERENCES programmes (id),
    kind TEXT NOT NULL CHECK (kind = 'briefing' OR kind = 'field_visit' OR kind = 'seminar' OR kind = 'lecture' OR kind = 'online_report' OR kind = 'red_base_visit' OR kind = 'film' OR kind = 'red_song' OR kind = 'art_exhibition' OR kind = 'knowledge_contest' OR kind = 'dialogue' OR kind = 'performance' OR kind = 'choir' OR kind = 'sports' OR kind = 'teaching' OR kind = 'volunteering' OR kind = 'other'),
    title TEXT NOT NULL,
    theme TEXT CHECK (theme = 'party_history' OR theme = 'plenary_session' OR theme = 'red_education' OR theme = 'drowning_prevention' OR theme = 'youth_care' OR theme = 'city_development' OR theme = 'governance' OR theme = 'public_lecture' OR theme = 'culture' OR theme = 'policy_study' OR theme = 'other'),
    topic TEXT CHECK (topic = 'party_history' OR topic = 'law' OR topic = 'health' OR topic = 'traditional_culture' OR topic = 'current_affairs' OR topic = 'safety' OR topic = 'science' OR topic = 'family_values' OR topic = 'other'),
    campaign TEXT,
    by_five_elders INTEGER NOT NULL CHECK (by_five_elders IN (0, 1)),
    held_on TEXT NOT NULL,
    venue_kind TEXT NOT NULL CHECK (venue_kind = 'school' OR venue_kind = 'enterprise' OR venue_kind = 'community' OR venue_kind = 'village' OR venue_kind = 'square' OR venue_kind = 'fair' OR venue_kind = 'activity_centre' OR venue_kind = 'red_base' OR venue_kind = 'office' OR venue_kind = 'online' OR venue_kind = 'other'),
    venue TEXT,
    school_code TEXT,
    host_unit_id BLOB REFERENCES units (id),
    team_id BLOB REFERENCES teams (id),
    lecturer_id BLOB REFERENCES cadres (id),
    lecturer_name TEXT,
    audience_count INTEGER CHECK (audience_count >= 0),
    audience_unit TEXT NOT NULL CHECK (audience_unit IN ('person', 'person_time')),
    minors_present INTEGER NOT NULL CHECK (minors_present IN (0, 1)),
    age_bands TEXT NOT NULL,
    participants TEXT NOT NULL,
    capacity INTEGER CHECK (capacity >= 1),
    signup_from TEXT,
    signup_until TEXT,
    cancel_reason TEXT,
    note TEXT,
    status TEXT NOT NULL CHECK (status = 'planned' OR status = 'held' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (status <> 'held' OR audience_count IS NOT NULL),
    CHECK (signup_until <= held_on)
) STRICT;

CREATE UNIQUE INDEX activities__external_system__external_id ON activities (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX activities_division ON activities (division_code, id);
CREATE INDEX activities_updated ON activities (updated_at, id);
CREATE INDEX activities_held ON activities (held_on, id);
-- Counts of a programme, a theme and a kind are answered from these alone.
CREATE INDEX activities_programme ON activities (programme_id, status, held_on, division_code, audience_unit, audience_count, school_code, lecturer_id, lecturer_name, deleted_at) WHERE programme_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX activities_theme ON activities (theme, status, held_on, division_code, by_five_elders, audience_unit, audience_count, school_code, deleted_at) WHERE theme IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX activities_kind ON activities (kind, status, held_on, division_code, audience_unit, audience_count, campaign, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX activities_programme_id ON activities (programme_id, id) WHERE programme_id IS NOT NULL;
CREATE INDEX activities_campaign ON activities (campaign, id) WHERE campaign IS NOT NULL;
CREATE INDEX activities_school ON activities (school_code, id) WHERE school_code IS NOT NULL;
CREATE INDEX activities_host_unit ON activities (host_unit_id, id) WHERE host_unit_id IS NOT NULL;
CREATE INDEX activities_team ON activities (team_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX activities_lecturer ON activities (lecturer_id, id) WHERE lecturer_id IS NOT NULL;


CREATE TABLE activity_signups (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    activity_id BLOB NOT NULL REFERENCES activities (id),
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    checked_in_on TEXT,
    cancel_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'signed_up' OR status = 'waiting' OR status = 'checked_in' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX activity_signups__external_system__external_id ON activity_signups (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX activity_signups_division ON activity_signups (division_code, id);
CREATE INDEX activity_signups_updated ON activity_signups (updated_at, id);
-- A person signs up once for an activity.
CREATE UNIQUE INDEX activity_signups__activity_id__cadre_id ON activity_signups (activity_id, cadre_id) WHERE deleted_at IS NULL AND status <> 'cancelled';
-- Who has waited longest stands first.
CREATE INDEX activity_signups_activity ON activity_signups (activity_id, status, created_at, id);
CREATE INDEX activity_signups_cadre ON activity_signups (cadre_id, id);


CREATE TABLE exhibitions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    title TEXT NOT NULL,
    collection_size INTEGER CHECK (collection_size >= 0),
    selected_items INTEGER CHECK (selected_items >= 0),
    consent_id BLOB REFERENCES consents (id),
    cadre_id BLOB REFERENCES cadres (id),
    description TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((consent_id IS NULL) = (cadre_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX exhibitions__external_system__external_id ON exhibitions (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX exhibitions_division ON exhibitions (division_code, id);
CREATE INDEX exhibitions_updated ON exhibitions (updated_at, id);
CREATE INDEX exhibitions_title ON exhibitions (title, id);
CREATE INDEX exhibitions_consent ON exhibitions (consent_id) WHERE consent_id IS NOT NULL;
CREATE INDEX exhibitions_cadre ON exhibitions (cadre_id, id) WHERE cadre_id IS NOT NULL;


CREATE TABLE exhibition_showings (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    exhibition_id BLOB NOT NULL REFERENCES exhibitions (id),
    shown_on TEXT NOT NULL,
    venue_kind TEXT NOT NULL CHECK (venue_kind = 'school' OR venue_kind = 'enterprise' OR venue_kind = 'community' OR venue_kind = 'village' OR venue_kind = 'square' OR venue_kind = 'fair' OR venue_kind = 'activity_centre' OR venue_kind = 'red_base' OR venue_kind = 'office' OR venue_kind = 'online' OR venue_kind = 'other'),
    place TEXT NOT NULL,
    visitors INTEGER CHECK (visitors >= 0),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX exhibition_showings__external_system__external_id ON exhibition_showings (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX exhibition_showings_division ON exhibition_showings (division_code, id);
CREATE INDEX exhibition_showings_updated ON exhibition_showings (updated_at, id);
CREATE INDEX exhibition_showings_exhibition ON exhibition_showings (exhibition_id, shown_on);
CREATE INDEX exhibition_showings_shown ON exhibition_showings (shown_on, id);


CREATE TABLE contest_results (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    event TEXT NOT NULL,
    discipline TEXT,
    year INTEGER NOT NULL CHECK (year BETWEEN 1949 AND 2199),
    decided_on TEXT,
    level TEXT NOT NULL CHECK (level = 'national' OR level = 'province' OR level = 'city' OR level = 'county'),
    metric TEXT NOT NULL CHECK (metric = 'total_points' OR metric = 'ranking' OR metric = 'title' OR metric = 'prize'),
    rank INTEGER CHECK (rank >= 1),
    title TEXT,
    team_id BLOB REFERENCES teams (id),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (rank IS NOT NULL OR title IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX contest_results__external_system__external_id ON contest_results (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX contest_results_division ON contest_results (division_code, id);
CREATE INDEX contest_results_updated ON contest_results (updated_at, id);
CREATE INDEX contest_results_year ON contest_results (year, id);
CREATE INDEX contest_results_event ON contest_results (event, id);
CREATE INDEX contest_results_team ON contest_results (team_id) WHERE team_id IS NOT NULL;


CREATE TABLE wishes (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    wish TEXT NOT NULL,
    cadre_id BLOB REFERENCES cadres (id),
    campaign TEXT,
    collected_on TEXT NOT NULL,
    claimed_by TEXT,
    claimed_by_unit_id BLOB REFERENCES units (id),
    claimed_on TEXT,
    due_on TEXT,
    fulfilled_on TEXT,
    outcome TEXT,
    status TEXT NOT NULL CHECK (status = 'collected' OR status = 'claimed' OR status = 'fulfilled' OR status = 'withdrawn'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX wishes__external_system__external_id ON wishes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX wishes_division ON wishes (division_code, id);
CREATE INDEX wishes_updated ON wishes (updated_at, id);
CREATE INDEX wishes_collected ON wishes (collected_on, id);
CREATE INDEX wishes_status ON wishes (status, due_on);
CREATE INDEX wishes_cadre ON wishes (cadre_id, id) WHERE cadre_id IS NOT NULL;
CREATE INDEX wishes_unit ON wishes (claimed_by_unit_id) WHERE claimed_by_unit_id IS NOT NULL;
