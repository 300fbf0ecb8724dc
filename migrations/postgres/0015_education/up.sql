CREATE TABLE senior_universities (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL CHECK (length(name) >= 2),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('main', 'branch', 'online')),
    level text COLLATE "C" NOT NULL CHECK (level IN ('city', 'county', 'township', 'community', 'village', 'college')),
    parent_id uuid REFERENCES senior_universities (id),
    unit_id uuid REFERENCES units (id),
    joint_with text COLLATE "C" CHECK (joint_with IN ('township_party_school', 'college', 'public_institution', 'enterprise', 'community', 'other')),
    joint_partner text,
    opened_on text COLLATE "C",
    closed_on date,
    address text,
    area_m2 integer CHECK (area_m2 >= 0),
    staff integer CHECK (staff >= 0),
    students integer CHECK (students >= 0),
    companion_from_age integer,
    open boolean NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (kind <> 'branch' OR parent_id IS NOT NULL)
);

CREATE UNIQUE INDEX senior_universities__external_system__external_id ON senior_universities (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX senior_universities_division ON senior_universities (division_code, id);
CREATE INDEX senior_universities_updated ON senior_universities (updated_at, id);
CREATE INDEX senior_universities_parent ON senior_universities (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX senior_universities_unit ON senior_universities (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX senior_universities_name ON senior_universities (name, id);
CREATE INDEX senior_universities_opened ON senior_universities (opened_on, id);


CREATE TABLE classes (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    senior_university_id uuid NOT NULL REFERENCES senior_universities (id),
    course text COLLATE "C" NOT NULL CHECK (length(course) >= 2),
    topic text COLLATE "C" NOT NULL CHECK (topic IN ('party_history', 'law', 'health', 'traditional_culture', 'local_culture', 'calligraphy_painting', 'music_dance', 'sports', 'digital', 'other')),
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('onsite', 'online')),
    semester text COLLATE "C" NOT NULL,
    enrol_from date,
    enrol_to date,
    starts_on date NOT NULL,
    ends_on date,
    capacity integer NOT NULL CHECK (capacity >= 1),
    age_min integer,
    age_max integer,
    companion_from_age integer,
    tuition bigint CHECK (tuition >= 0),
    is_featured boolean NOT NULL,
    teacher_name text,
    cancel_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('planned', 'enrolling', 'running', 'finished', 'cancelled')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (enrol_to >= enrol_from),
    CHECK (ends_on >= starts_on),
    CHECK (age_max >= age_min)
);

CREATE UNIQUE INDEX classes__external_system__external_id ON classes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX classes_division ON classes (division_code, id);
CREATE INDEX classes_updated ON classes (updated_at, id);
CREATE INDEX classes_school ON classes (senior_university_id, id);
CREATE INDEX classes_course ON classes (course, id);
CREATE INDEX classes_starts ON classes (starts_on, id);
CREATE INDEX classes_semester ON classes (semester, id);
CREATE INDEX classes_status ON classes (status, id);


CREATE TABLE enrollments (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    class_id uuid NOT NULL REFERENCES classes (id),
    cadre_id uuid REFERENCES cadres (id),
    student_name text COLLATE "C",
    student_birth_date text COLLATE "C",
    student_phone text,
    companion_name text,
    companion_phone text,
    applied_on date NOT NULL,
    queue_no integer CHECK (queue_no >= 1),
    paid_on date,
    receipt_no text,
    completed_on date,
    certificate_no text,
    dropped_on date,
    drop_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('applied', 'waitlisted', 'paid', 'active', 'completed', 'dropped')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((cadre_id IS NULL) <> (student_name IS NULL))
);

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
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    senior_university_id uuid NOT NULL REFERENCES senior_universities (id),
    partner_unit text COLLATE "C" NOT NULL,
    unit_id uuid REFERENCES units (id),
    branch_id uuid REFERENCES senior_universities (id),
    document text COLLATE "C" NOT NULL,
    document_no text COLLATE "C",
    scope text,
    signed_on date NOT NULL,
    expires_on date,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (expires_on >= signed_on)
);

CREATE UNIQUE INDEX partner_agreements__external_system__external_id ON partner_agreements (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX partner_agreements_division ON partner_agreements (division_code, id);
CREATE INDEX partner_agreements_updated ON partner_agreements (updated_at, id);
CREATE INDEX partner_agreements_school ON partner_agreements (senior_university_id, id);
CREATE INDEX partner_agreements_unit ON partner_agreements (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX partner_agreements_branch ON partner_agreements (branch_id) WHERE branch_id IS NOT NULL;
CREATE INDEX partner_agreements_signed ON partner_agreements (signed_on, id);
CREATE INDEX partner_agreements_expires ON partner_agreements (expires_on, id);


CREATE TABLE teaching_bases (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('practice', 'party_spirit')),
    name text COLLATE "C" NOT NULL,
    host text COLLATE "C",
    unit_id uuid REFERENCES units (id),
    senior_university_id uuid REFERENCES senior_universities (id),
    address text,
    established_on date NOT NULL,
    ended_on date,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (ended_on >= established_on)
);

CREATE UNIQUE INDEX teaching_bases__external_system__external_id ON teaching_bases (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX teaching_bases_division ON teaching_bases (division_code, id);
CREATE INDEX teaching_bases_updated ON teaching_bases (updated_at, id);
CREATE INDEX teaching_bases_unit ON teaching_bases (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX teaching_bases_school ON teaching_bases (senior_university_id) WHERE senior_university_id IS NOT NULL;
CREATE INDEX teaching_bases_name ON teaching_bases (name, id);
CREATE INDEX teaching_bases_established ON teaching_bases (established_on, id);


CREATE TABLE facilities (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('activity_centre', 'senior_university', 'reading_room', 'sports_ground', 'other')),
    name text COLLATE "C" NOT NULL,
    unit_id uuid REFERENCES units (id),
    senior_university_id uuid REFERENCES senior_universities (id),
    address text,
    area_m2 integer CHECK (area_m2 >= 0),
    daily_visits integer CHECK (daily_visits >= 0),
    opened_on text COLLATE "C",
    open boolean NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX facilities__external_system__external_id ON facilities (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX facilities_division ON facilities (division_code, id);
CREATE INDEX facilities_updated ON facilities (updated_at, id);
CREATE INDEX facilities_unit ON facilities (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX facilities_school ON facilities (senior_university_id) WHERE senior_university_id IS NOT NULL;
CREATE INDEX facilities_name ON facilities (name, id);


CREATE TABLE facility_projects (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    facility_id uuid NOT NULL REFERENCES facilities (id),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('new', 'rebuild', 'extend')),
    name text COLLATE "C" NOT NULL,
    planned_start date NOT NULL,
    planned_end date NOT NULL,
    started_on date,
    completed_on date,
    progress_percent integer NOT NULL CHECK (progress_percent BETWEEN 0 AND 100),
    progress_note text,
    investment bigint CHECK (investment >= 0),
    area_m2 integer CHECK (area_m2 >= 0),
    stop_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('planned', 'building', 'suspended', 'completed', 'cancelled')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (planned_end >= planned_start),
    CHECK (completed_on >= started_on)
);

CREATE UNIQUE INDEX facility_projects__external_system__external_id ON facility_projects (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX facility_projects_division ON facility_projects (division_code, id);
CREATE INDEX facility_projects_updated ON facility_projects (updated_at, id);
CREATE INDEX facility_projects_facility ON facility_projects (facility_id, id);
CREATE INDEX facility_projects_ends ON facility_projects (planned_end, id);
CREATE INDEX facility_projects_status ON facility_projects (status, planned_end);
