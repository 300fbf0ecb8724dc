CREATE TABLE party_organizations (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL CHECK (length(name) >= 2),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('work_committee', 'basic_committee', 'general_branch', 'branch', 'joint_branch', 'residential_branch', 'community_branch')),
    is_functional boolean NOT NULL,
    parent_id uuid REFERENCES party_organizations (id),
    unit_id uuid REFERENCES units (id),
    joint_unit_ids jsonb NOT NULL,
    compound_name text,
    established_on text COLLATE "C",
    standardization_level text,
    retired_only boolean NOT NULL,
    mixed_with_active boolean NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('preparing', 'active', 'merged', 'dissolved')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX party_organizations__external_system__external_id ON party_organizations (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_organizations_division ON party_organizations (division_code, id);
CREATE INDEX party_organizations_updated ON party_organizations (updated_at, id);
CREATE INDEX party_organizations_parent ON party_organizations (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX party_organizations_unit ON party_organizations (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX party_organizations_name ON party_organizations (name, id);


CREATE TABLE party_memberships (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    party_organization_id uuid NOT NULL REFERENCES party_organizations (id),
    formal boolean NOT NULL,
    joined_on text COLLATE "C" NOT NULL,
    approved_on text COLLATE "C",
    converted_on text COLLATE "C",
    introducers jsonb NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('probationary', 'full', 'suspended', 'removed', 'transferred', 'deceased')),
    floating boolean NOT NULL,
    flow_to text,
    lost_contact_on date,
    suspended_on date,
    removed_on date,
    dues_base bigint CHECK (dues_base >= 0),
    dues_rate bigint CHECK (dues_rate >= 0),
    dues_paid_until text COLLATE "C",
    restored_from text COLLATE "C",
    re_admitted boolean NOT NULL,
    verified_by_archive boolean NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX party_memberships__external_system__external_id ON party_memberships (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_memberships_division ON party_memberships (division_code, id);
CREATE INDEX party_memberships_updated ON party_memberships (updated_at, id);
-- One formal relation a person, while it lasts.
CREATE UNIQUE INDEX party_memberships__cadre_id ON party_memberships (cadre_id) WHERE formal AND deleted_at IS NULL AND status IN ('probationary', 'full', 'suspended');
CREATE INDEX party_memberships_cadre ON party_memberships (cadre_id, id);
CREATE INDEX party_memberships_organization ON party_memberships (party_organization_id, status);
