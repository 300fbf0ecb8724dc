CREATE TABLE service_posts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    area TEXT NOT NULL CHECK (area IN ('urban', 'rural')),
    body_kind TEXT NOT NULL CHECK (body_kind = 'community' OR body_kind = 'grid' OR body_kind = 'social_org' OR body_kind = 'red_property' OR body_kind = 'wedding_funeral_council' OR body_kind = 'elders_mediation' OR body_kind = 'villagers_council'),
    body_name TEXT NOT NULL,
    role TEXT,
    started_on TEXT NOT NULL,
    ended_on TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ended_on >= started_on)
) STRICT;

CREATE UNIQUE INDEX service_posts__external_system__external_id ON service_posts (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX service_posts_division ON service_posts (division_code, id);
CREATE INDEX service_posts_updated ON service_posts (updated_at, id);
-- Counts of persons are answered from this alone.
CREATE INDEX service_posts_body ON service_posts (division_code, body_kind, area, cadre_id, started_on, ended_on, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX service_posts_cadre ON service_posts (cadre_id, id);
CREATE INDEX service_posts_started ON service_posts (started_on, id);


CREATE TABLE volunteers (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    five_elder_kind TEXT NOT NULL CHECK (five_elder_kind = 'old_cadre' OR five_elder_kind = 'old_soldier' OR five_elder_kind = 'old_expert' OR five_elder_kind = 'old_teacher' OR five_elder_kind = 'old_model'),
    registration_no TEXT,
    registered_on TEXT NOT NULL,
    topics TEXT NOT NULL,
    training TEXT NOT NULL,
    commendations TEXT NOT NULL,
    exited_on TEXT,
    status TEXT NOT NULL CHECK (status = 'registered' OR status = 'active' OR status = 'paused' OR status = 'exited'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((status = 'exited') = (exited_on IS NOT NULL)),
    CHECK (exited_on >= registered_on)
) STRICT;

CREATE UNIQUE INDEX volunteers__external_system__external_id ON volunteers (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX volunteers_division ON volunteers (division_code, id);
CREATE INDEX volunteers_updated ON volunteers (updated_at, id);
-- A person is registered once at a time.
CREATE UNIQUE INDEX volunteers__cadre_id ON volunteers (cadre_id) WHERE deleted_at IS NULL AND status <> 'exited';
CREATE INDEX volunteers_cadre ON volunteers (cadre_id, id);
CREATE INDEX volunteers_kind ON volunteers (five_elder_kind, status);
CREATE INDEX volunteers_registered ON volunteers (registered_on, id);


CREATE TABLE volunteer_services (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    volunteer_id BLOB NOT NULL REFERENCES volunteers (id),
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    activity_id BLOB NOT NULL REFERENCES activities (id),
    hours INTEGER NOT NULL CHECK (hours > 0),
    evaluation TEXT CHECK (evaluation = 'excellent' OR evaluation = 'good' OR evaluation = 'fair' OR evaluation = 'poor'),
    note TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX volunteer_services__external_system__external_id ON volunteer_services (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX volunteer_services_division ON volunteer_services (division_code, id);
CREATE INDEX volunteer_services_updated ON volunteer_services (updated_at, id);
-- A volunteer serves once in an activity.
CREATE UNIQUE INDEX volunteer_services__volunteer_id__activity_id ON volunteer_services (volunteer_id, activity_id) WHERE deleted_at IS NULL;
CREATE INDEX volunteer_services_cadre ON volunteer_services (cadre_id, id);
CREATE INDEX volunteer_services_activity ON volunteer_services (activity_id, id);
