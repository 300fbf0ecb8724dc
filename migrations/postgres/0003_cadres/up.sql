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


CREATE TABLE cadre_family_members (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    relation text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL CHECK (length(name) >= 2),
    sex text COLLATE "C",
    born_on text COLLATE "C",
    politics text COLLATE "C",
    work_unit text,
    phone text,
    alive boolean NOT NULL,
    died_on text COLLATE "C",
    dependent boolean NOT NULL,
    health_note text,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX cadre_family_members__external_system__external_id ON cadre_family_members (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX cadre_family_members_division ON cadre_family_members (division_code, id);
CREATE INDEX cadre_family_members_updated ON cadre_family_members (updated_at, id);
CREATE INDEX cadre_family_members_cadre ON cadre_family_members (cadre_id, id);
CREATE INDEX cadre_family_members_name ON cadre_family_members (name, id);


CREATE TABLE cadre_transfers (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    cadre_name text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL CHECK (direction IN ('internal', 'out', 'in')),
    reason text COLLATE "C" NOT NULL,
    from_unit_id uuid REFERENCES units (id),
    to_division text COLLATE "C",
    to_unit_id uuid REFERENCES units (id),
    outside_place text,
    paying_unit_after text,
    letter_no text,
    applied_on date NOT NULL,
    approved_on date,
    accepted_on date,
    effective_date date,
    handover_ack boolean NOT NULL,
    handover_note text,
    closing_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('draft', 'submitted', 'from_approved', 'to_accepted', 'done', 'rejected', 'cancelled')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (direction <> 'internal' OR to_division IS NOT NULL),
    CHECK (status <> 'done' OR effective_date IS NOT NULL)
);

CREATE UNIQUE INDEX cadre_transfers__external_system__external_id ON cadre_transfers (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX cadre_transfers_division ON cadre_transfers (division_code, id);
CREATE INDEX cadre_transfers_updated ON cadre_transfers (updated_at, id);
CREATE INDEX cadre_transfers_cadre ON cadre_transfers (cadre_id, effective_date);
CREATE INDEX cadre_transfers_applied ON cadre_transfers (applied_on, id);
CREATE INDEX cadre_transfers_to ON cadre_transfers (to_division, id) WHERE to_division IS NOT NULL;
-- A cadre is on one way at a time.
CREATE UNIQUE INDEX cadre_transfers__cadre_id ON cadre_transfers (cadre_id) WHERE deleted_at IS NULL AND status IN ('submitted', 'from_approved', 'to_accepted');


CREATE TABLE deaths (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    died_on date NOT NULL,
    circumstance text COLLATE "C" NOT NULL,
    cause text,
    place text,
    reported_by text NOT NULL,
    reported_on date,
    grants jsonb NOT NULL,
    survivors jsonb NOT NULL,
    closing_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('reported', 'confirmed', 'withdrawn', 'reversed')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX deaths__external_system__external_id ON deaths (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX deaths_division ON deaths (division_code, id);
CREATE INDEX deaths_updated ON deaths (updated_at, id);
CREATE INDEX deaths_cadre ON deaths (cadre_id, id);
CREATE INDEX deaths_died ON deaths (died_on, id);
-- Nobody dies twice.
CREATE UNIQUE INDEX deaths__cadre_id ON deaths (cadre_id) WHERE deleted_at IS NULL AND status IN ('reported', 'confirmed');


CREATE TABLE honorary_retirements (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    effective_date date NOT NULL,
    checklist jsonb NOT NULL,
    certificate_no text,
    branch_joined_on date,
    ceremony_on date,
    status text COLLATE "C" NOT NULL CHECK (status IN ('planned', 'in_progress', 'completed', 'cancelled')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX honorary_retirements__external_system__external_id ON honorary_retirements (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX honorary_retirements_division ON honorary_retirements (division_code, id);
CREATE INDEX honorary_retirements_updated ON honorary_retirements (updated_at, id);
CREATE INDEX honorary_retirements_effective ON honorary_retirements (effective_date, id);
-- One retirement a cadre, and its index by the cadre.
CREATE UNIQUE INDEX honorary_retirements__cadre_id ON honorary_retirements (cadre_id) WHERE deleted_at IS NULL AND status <> 'cancelled';

-- What the write of one record did to others: field by field, so that it can be taken back exactly. Codes and days only.
CREATE TABLE effects (
    cause_entity text COLLATE "C" NOT NULL,
    cause_id uuid NOT NULL,
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    field text COLLATE "C" NOT NULL,
    before text COLLATE "C",
    after text COLLATE "C",
    at timestamptz NOT NULL,
    PRIMARY KEY (cause_id, entity_id, field)
);
CREATE INDEX effects_record ON effects (entity_id);

-- Records that were merged into another: who asks for the old id is led to the new one.
CREATE TABLE aliases (
    entity text COLLATE "C" NOT NULL,
    id uuid NOT NULL PRIMARY KEY,
    into_id uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX aliases_into ON aliases (into_id);
