CREATE TABLE cadres (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL CHECK (length(name) >= 2),
    former_name TEXT,
    sex TEXT NOT NULL CHECK (sex = '0' OR sex = '1' OR sex = '2' OR sex = '9'),
    birth_date TEXT NOT NULL CHECK (length(birth_date) = 4 OR length(birth_date) = 7 OR length(birth_date) = 10),
    id_number TEXT,
    ethnicity TEXT NOT NULL,
    native_place TEXT,
    marital_status TEXT,
    education TEXT,
    politics TEXT,
    unit_id BLOB NOT NULL REFERENCES units (id),
    retire_type TEXT NOT NULL CHECK (retire_type = 'lixiu' OR retire_type = 'tuixiu' OR retire_type = 'tuizhi' OR retire_type = 'neitui'),
    status TEXT NOT NULL CHECK (status = 'pre_registered' OR status = 'in_care' OR status = 'transfer_pending' OR status = 'transferred_out' OR status = 'deceased' OR status = 'void'),
    void_reason TEXT,
    join_work_date TEXT,
    join_revolution_date TEXT,
    retire_date TEXT,
    died_on TEXT,
    post_at_retirement TEXT,
    rank_code TEXT,
    grade_code TEXT,
    treatment_level TEXT,
    treatment_doc TEXT,
    settlement TEXT NOT NULL CHECK (settlement IN ('local', 'elsewhere')),
    settled_place TEXT,
    receiving_unit TEXT,
    residence_address TEXT,
    residence_division TEXT,
    mobile TEXT,
    landline TEXT,
    emergency_contacts TEXT NOT NULL,
    health_code TEXT,
    self_care TEXT,
    living_arrangement TEXT,
    disease_note TEXT,
    bank_card TEXT,
    specialties TEXT NOT NULL,
    hobbies TEXT NOT NULL,
    roles_played TEXT NOT NULL,
    archive_place TEXT,
    special_groups TEXT NOT NULL,
    pension_socialised INTEGER NOT NULL CHECK (pension_socialised IN (0, 1)),
    local_medical_insurance INTEGER NOT NULL CHECK (local_medical_insurance IN (0, 1)),
    party_relation_local INTEGER NOT NULL CHECK (party_relation_local IN (0, 1)),
    archive_local INTEGER NOT NULL CHECK (archive_local IN (0, 1)),
    -- Keyed hash of the ID number, which is stored sealed.
    id_number_index TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    -- 离休: joined before the founding of the republic; a year alone may still be in time.
    CHECK (retire_type <> 'lixiu' OR (join_revolution_date IS NOT NULL AND join_revolution_date <= '1949-09-30')),
    CHECK ((status = 'deceased') = (died_on IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX cadres__external_system__external_id ON cadres (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX cadres_division ON cadres (division_code, id);
CREATE INDEX cadres_updated ON cadres (updated_at, id);
-- A person is in care once: not twice, and not in two places.
CREATE UNIQUE INDEX cadres__id_number_index ON cadres (id_number_index) WHERE id_number_index IS NOT NULL AND deleted_at IS NULL AND status NOT IN ('transferred_out', 'void');
CREATE INDEX cadres_unit ON cadres (unit_id, id);
CREATE INDEX cadres_name ON cadres (name, id);
CREATE INDEX cadres_birth_date ON cadres (birth_date, id);


CREATE TABLE cadre_family_members (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    relation TEXT NOT NULL,
    name TEXT NOT NULL CHECK (length(name) >= 2),
    sex TEXT,
    born_on TEXT,
    politics TEXT,
    work_unit TEXT,
    phone TEXT,
    alive INTEGER NOT NULL CHECK (alive IN (0, 1)),
    died_on TEXT,
    dependent INTEGER NOT NULL CHECK (dependent IN (0, 1)),
    health_note TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX cadre_family_members__external_system__external_id ON cadre_family_members (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX cadre_family_members_division ON cadre_family_members (division_code, id);
CREATE INDEX cadre_family_members_updated ON cadre_family_members (updated_at, id);
CREATE INDEX cadre_family_members_cadre ON cadre_family_members (cadre_id, id);
CREATE INDEX cadre_family_members_name ON cadre_family_members (name, id);


CREATE TABLE cadre_transfers (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    cadre_name TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction = 'internal' OR direction = 'out' OR direction = 'in'),
    reason TEXT NOT NULL,
    from_unit_id BLOB REFERENCES units (id),
    to_division TEXT,
    to_unit_id BLOB REFERENCES units (id),
    outside_place TEXT,
    paying_unit_after TEXT,
    letter_no TEXT,
    applied_on TEXT NOT NULL,
    approved_on TEXT,
    accepted_on TEXT,
    effective_date TEXT,
    handover_ack INTEGER NOT NULL CHECK (handover_ack IN (0, 1)),
    handover_note TEXT,
    closing_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'draft' OR status = 'submitted' OR status = 'from_approved' OR status = 'to_accepted' OR status = 'done' OR status = 'rejected' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (direction <> 'internal' OR to_division IS NOT NULL),
    CHECK (status <> 'done' OR effective_date IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX cadre_transfers__external_system__external_id ON cadre_transfers (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX cadre_transfers_division ON cadre_transfers (division_code, id);
CREATE INDEX cadre_transfers_updated ON cadre_transfers (updated_at, id);
CREATE INDEX cadre_transfers_cadre ON cadre_transfers (cadre_id, effective_date);
CREATE INDEX cadre_transfers_applied ON cadre_transfers (applied_on, id);
CREATE INDEX cadre_transfers_to ON cadre_transfers (to_division, id) WHERE to_division IS NOT NULL;
-- A cadre is on one way at a time.
CREATE UNIQUE INDEX cadre_transfers__cadre_id ON cadre_transfers (cadre_id) WHERE deleted_at IS NULL AND status IN ('submitted', 'from_approved', 'to_accepted');


CREATE TABLE deaths (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    died_on TEXT NOT NULL,
    circumstance TEXT NOT NULL,
    cause TEXT,
    place TEXT,
    reported_by TEXT NOT NULL,
    reported_on TEXT,
    grants TEXT NOT NULL,
    survivors TEXT NOT NULL,
    closing_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'reported' OR status = 'confirmed' OR status = 'withdrawn' OR status = 'reversed'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX deaths__external_system__external_id ON deaths (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX deaths_division ON deaths (division_code, id);
CREATE INDEX deaths_updated ON deaths (updated_at, id);
CREATE INDEX deaths_cadre ON deaths (cadre_id, id);
CREATE INDEX deaths_died ON deaths (died_on, id);
-- Nobody dies twice.
CREATE UNIQUE INDEX deaths__cadre_id ON deaths (cadre_id) WHERE deleted_at IS NULL AND status IN ('reported', 'confirmed');


CREATE TABLE honorary_retirements (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    effective_date TEXT NOT NULL,
    checklist TEXT NOT NULL,
    certificate_no TEXT,
    branch_joined_on TEXT,
    ceremony_on TEXT,
    status TEXT NOT NULL CHECK (status = 'planned' OR status = 'in_progress' OR status = 'completed' OR status = 'cancelled'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX honorary_retirements__external_system__external_id ON honorary_retirements (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX honorary_retirements_division ON honorary_retirements (division_code, id);
CREATE INDEX honorary_retirements_updated ON honorary_retirements (updated_at, id);
CREATE INDEX honorary_retirements_effective ON honorary_retirements (effective_date, id);
-- One retirement a cadre, and its index by the cadre.
CREATE UNIQUE INDEX honorary_retirements__cadre_id ON honorary_retirements (cadre_id) WHERE deleted_at IS NULL AND status <> 'cancelled';

-- What the write of one record did to others: field by field, so that it can be taken back exactly. Codes and days only.
CREATE TABLE effects (
    cause_entity TEXT NOT NULL,
    cause_id BLOB NOT NULL,
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    field TEXT NOT NULL,
    before TEXT,
    after TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (cause_id, entity_id, field)
) STRICT;
CREATE INDEX effects_record ON effects (entity_id);

-- Records that were merged into another: who asks for the old id is led to the new one.
CREATE TABLE aliases (
    entity TEXT NOT NULL,
    id BLOB NOT NULL PRIMARY KEY,
    into_id BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX aliases_into ON aliases (into_id);
