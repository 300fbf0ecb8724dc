CREATE TABLE cadres (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL CHECK (length(name) >= 2),
    former_name text,
    sex text COLLATE "C" NOT NULL CHECK (sex IN ('0', '1', '2', '9')),
    birth_date text COLLATE "C" NOT NULL CHECK (length(birth_date) IN (4, 7, 10)),
    id_number text COLLATE "C",
    ethnicity text COLLATE "C" NOT NULL,
    native_place text,
    marital_status text COLLATE "C",
    education text COLLATE "C",
    politics text COLLATE "C",
    unit_id uuid NOT NULL REFERENCES units (id),
    retire_type text COLLATE "C" NOT NULL CHECK (retire_type IN ('lixiu', 'tuixiu', 'tuizhi', 'neitui')),
    status text COLLATE "C" NOT NULL CHECK (status IN ('pre_registered', 'in_care', 'transfer_pending', 'transferred_out', 'deceased', 'void')),
    void_reason text,
    join_work_date text COLLATE "C",
    join_revolution_date text COLLATE "C",
    retire_date text COLLATE "C",
    died_on text COLLATE "C",
    post_at_retirement text,
    rank_code text COLLATE "C",
    grade_code text COLLATE "C",
    treatment_level text COLLATE "C",
    treatment_doc text,
    settlement text COLLATE "C" NOT NULL CHECK (settlement IN ('local', 'elsewhere')),
    settled_place text,
    receiving_unit text,
    residence_address text,
    residence_division text COLLATE "C",
    mobile text,
    landline text,
    emergency_contacts jsonb NOT NULL,
    health_code text COLLATE "C",
    self_care text COLLATE "C",
    living_arrangement text COLLATE "C",
    disease_note text,
    bank_card text,
    specialties jsonb NOT NULL,
    hobbies jsonb NOT NULL,
    roles_played jsonb NOT NULL,
    archive_place text,
    special_groups jsonb NOT NULL,
    pension_socialised boolean NOT NULL,
    local_medical_insurance boolean NOT NULL,
    party_relation_local boolean NOT NULL,
    archive_local boolean NOT NULL,
    -- Keyed hash of the ID number, which is stored sealed.
    id_number_index text COLLATE "C",
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    -- 离休: joined before the founding of the republic; a year alone may still be in time.
    CHECK (retire_type <> 'lixiu' OR (join_revolution_date IS NOT NULL AND join_revolution_date <= '1949-09-30')),
    CHECK ((status = 'deceased') = (died_on IS NOT NULL))
);

CREATE UNIQUE INDEX cadres__external_system__external_id ON cadres (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX cadres_division ON cadres (division_code, id);
CREATE INDEX cadres_updated ON cadres (updated_at, id);
-- A person is in care once: not twice, and not in two places.
CREATE UNIQUE INDEX cadres__id_number_index ON cadres (id_number_index) WHERE id_number_index IS NOT NULL AND deleted_at IS NULL AND status NOT IN ('transferred_out', 'void');
CREATE INDEX cadres_unit ON cadres (unit_id, id);
CREATE INDEX cadres_name ON cadres (name, id);
CREATE INDEX cadres_birth_date ON cadres (birth_date, id);
