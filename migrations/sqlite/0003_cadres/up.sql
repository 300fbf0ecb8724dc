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
    sex TEXT NOT NULL CHECK (sex IN ('0', '1', '2', '9')),
    birth_date TEXT NOT NULL CHECK (length(birth_date) IN (4, 7, 10)),
    id_number TEXT,
    ethnicity TEXT NOT NULL,
    native_place TEXT,
    marital_status TEXT,
    education TEXT,
    politics TEXT,
    unit_id BLOB NOT NULL REFERENCES units (id),
    retire_type TEXT NOT NULL CHECK (retire_type IN ('lixiu', 'tuixiu', 'tuizhi', 'neitui')),
    status TEXT NOT NULL CHECK (status IN ('pre_registered', 'in_care', 'transfer_pending', 'transferred_out', 'deceased', 'void')),
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
