CREATE TABLE senior_universities (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL CHECK (length(name) >= 2),
    kind TEXT NOT NULL CHECK (kind = 'main' OR kind = 'branch' OR kind = 'online'),
    level TEXT NOT NULL CHECK (level = 'city' OR level = 'county' OR level = 'township' OR level = 'community' OR level = 'village' OR level = 'college'),
    parent_id BLOB REFERENCES senior_universities (id),
    unit_id BLOB REFERENCES units (id),
    joint_with TEXT CHECK (joint_with = 'township_party_school' OR joint_with = 'college' OR joint_with = 'public_institution' OR joint_with = 'enterprise' OR joint_with = 'community' OR joint_with = 'other'),
    joint_partner TEXT,
    opened_on TEXT,
    closed_on TEXT,
    address TEXT,
    area_m2 INTEGER CHECK (area_m2 >= 0),
    staff INTEGER CHECK (staff >= 0),
    students INTEGER CHECK (students >= 0),
    companion_from_age INTEGER,
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (kind <> 'branch' OR parent_id IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX senior_universities__external_system__external_id ON senior_universities (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX senior_universities_division ON senior_universities (division_code, id);
CREATE INDEX senior_universities_updated ON senior_universities (updated_at, id);
CREATE INDEX senior_universities_parent ON senior_universities (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX senior_universities_unit ON senior_universities (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX senior_universities_name ON senior_universities (name, id);
CREATE INDEX senior_universities_opened ON senior_universities (opened_on, id);


CREATE TABLE classes (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    senior_university_id BLOB NOT NULL REFERENCES senior_universities (id),
    course TEXT NOT NULL CHECK (length(course) >= 2),
    topic TEXT NOT NULL CHECK (topic = 'party_history' OR topic = 'law' OR topic = 'health' OR topic = 'traditional_culture' OR topic = 'local_culture' OR topic = 'calligraphy_painting' OR topic = 'music_dance' OR topic = 'sports' OR topic = 'digital' OR topic = 'other'),
    mode TEXT NOT NULL CHECK (mode IN ('onsite', 'online')),
    semester TEXT NOT NULL,
    enrol_from TEXT,
    enrol_to TEXT,
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    capacity INTEGER NOT NULL CHECK (capacity >= 1),
    age_min INTEGER,
    age_max INTEGER,
    companion_from_age INTEGER,
    tuition INTEGER CHECK (tuition >= 0),
    is_featured INTEGER NOT NULL CHECK (is_featured IN (0, 1)),
    teacher_name TEXT,
    cancel_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'planned' OR status = 'enrolling' OR status = 'running' OR status = 'finished' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (enrol_to >= enrol_from),
    CHECK (ends_on >= starts_on),
    CHECK (age_max >= age_min)
) STRICT;

CREATE UNIQUE INDEX classes__external_system__external_id ON classes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX classes_division ON classes (division_code, id);
CREATE INDEX classes_updated ON classes (updated_at, id);
CREATE INDEX classes_school ON classes (senior_university_id, id);
CREATE INDEX classes_course ON classes (course, id);
CREATE INDEX classes_starts ON classes (starts_on, id);
CREATE INDEX classes_semester ON classes (semester, id);
CREATE INDEX classes_status ON classes (status, id);


CREATE TABLE enrollments (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    class_id BLOB NOT NULL REFERENCES classes (id),
    cadre_id BLOB REFERENCES cadres (id),
    student_name TEXT,
    student_birth_date TEXT,
    student_phone TEXT,
    companion_name TEXT,
    companion_phone TEXT,
    applied_on TEXT NOT NULL,
    queue_no INTEGER CHECK (queue_no >= 1),
    paid_on TEXT,
    receipt_no TEXT,
    completed_on TEXT,
    certificate_no TEXT,
    dropped_on TEXT,
    drop_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'applied' OR status = 'waitlisted' OR status = 'paid' OR status = 'active' OR status = 'completed' OR status = 'dropped'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((cadre_id IS NULL) <> (student_name IS NULL))
) STRICT;

CREATE UNIQUE INDEX enrollments__external_system__external_id ON enrollments (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX enrollments_division ON enrollments (division_code, id);
CREATE INDEX enrollments_updated ON enrollments (updated_at, id);
-- Somebody takes part in a class once.
CREATE UNIQUE INDEX enrollments__class_id__cadre_id ON enrollments (class_id, cadre_id) WHERE cadre_id IS NOT NULL AND deleted_at IS NULL AND status <> 'dropped';
CREATE INDEX enrollments_class ON enrollments (class_id, status, queue_no);
CREATE INDEX enrollments_cadre ON enrollments (cadre_id, id) WHERE cadre_id IS NOT NULL;
CREATE INDEX enrollments_applied ON enrollments (applied_on, id);
CREATE INDEX enrollments_status ON enrollments (status, id);


CREATE TABLE partner_agreements (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    senior_university_id BLOB NOT NULL REFERENCES senior_universities (id),
    partner_unit TEXT NOT NULL,
    unit_id BLOB REFERENCES units (id),
    branch_id BLOB REFERENCES senior_universities (id),
    document TEXT NOT NULL,
    document_no TEXT,
    scope TEXT,
    signed_on TEXT NOT NULL,
    expires_on TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (expires_on >= signed_on)
) STRICT;

CREATE UNIQUE INDEX partner_agreements__external_system__external_id ON partner_agreements (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX partner_agreements_division ON partner_agreements (division_code, id);
CREATE INDEX partner_agreements_updated ON partner_agreements (updated_at, id);
CREATE INDEX partner_agreements_school ON partner_agreements (senior_university_id, id);
CREATE INDEX partner_agreements_unit ON partner_agreements (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX partner_agreements_branch ON partner_agreements (branch_id) WHERE branch_id IS NOT NULL;
CREATE INDEX partner_agreements_signed ON partner_agreements (signed_on, id);
CREATE INDEX partner_agreements_expires ON partner_agreements (expires_on, id);


CREATE TABLE teaching_bases (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('practice', 'party_spirit')),
    name TEXT NOT NULL,
    host TEXT,
    unit_id BLOB REFERENCES units (id),
    senior_university_id BLOB REFERENCES senior_universities (id),
    address TEXT,
    established_on TEXT NOT NULL,
    ended_on TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ended_on >= established_on)
) STRICT;

CREATE UNIQUE INDEX teaching_bases__external_system__external_id ON teaching_bases (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX teaching_bases_division ON teaching_bases (division_code, id);
CREATE INDEX teaching_bases_updated ON teaching_bases (updated_at, id);
CREATE INDEX teaching_bases_unit ON teaching_bases (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX teaching_bases_school ON teaching_bases (senior_university_id) WHERE senior_university_id IS NOT NULL;
CREATE INDEX teaching_bases_name ON teaching_bases (name, id);
CREATE INDEX teaching_bases_established ON teaching_bases (established_on, id);


CREATE TABLE facilities (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    kind TEXT NOT NULL CHECK (kind = 'activity_centre' OR kind = 'senior_university' OR kind = 'reading_room' OR kind = 'sports_ground' OR kind = 'other'),
    name TEXT NOT NULL,
    unit_id BLOB REFERENCES units (id),
    senior_university_id BLOB REFERENCES senior_universities (id),
    address TEXT,
    area_m2 INTEGER CHECK (area_m2 >= 0),
    daily_visits INTEGER CHECK (daily_visits >= 0),
    opened_on TEXT,
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX facilities__external_system__external_id ON facilities (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX facilities_division ON facilities (division_code, id);
CREATE INDEX facilities_updated ON facilities (updated_at, id);
CREATE INDEX facilities_unit ON facilities (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX facilities_school ON facilities (senior_university_id) WHERE senior_university_id IS NOT NULL;
CREATE INDEX facilities_name ON facilities (name, id);


CREATE TABLE facility_projects (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    facility_id BLOB NOT NULL REFERENCES facilities (id),
    kind TEXT NOT NULL CHECK (kind = 'new' OR kind = 'rebuild' OR kind = 'extend'),
    name TEXT NOT NULL,
    planned_start TEXT NOT NULL,
    planned_end TEXT NOT NULL,
    started_on TEXT,
    completed_on TEXT,
    progress_percent INTEGER NOT NULL CHECK (progress_percent BETWEEN 0 AND 100),
    progress_note TEXT,
    investment INTEGER CHECK (investment >= 0),
    area_m2 INTEGER CHECK (area_m2 >= 0),
    stop_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'planned' OR status = 'building' OR status = 'suspended' OR status = 'completed' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (planned_end >= planned_start),
    CHECK (completed_on >= started_on)
) STRICT;

CREATE UNIQUE INDEX facility_projects__external_system__external_id ON facility_projects (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX facility_projects_division ON facility_projects (division_code, id);
CREATE INDEX facility_projects_updated ON facility_projects (updated_at, id);
CREATE INDEX facility_projects_facility ON facility_projects (facility_id, id);
CREATE INDEX facility_projects_ends ON facility_projects (planned_end, id);
CREATE INDEX facility_projects_status ON facility_projects (status, planned_end);
