CREATE TABLE party_organizations (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL CHECK (length(name) >= 2),
    kind TEXT NOT NULL CHECK (kind IN ('work_committee', 'basic_committee', 'general_branch', 'branch', 'joint_branch', 'residential_branch', 'community_branch')),
    is_functional INTEGER NOT NULL CHECK (is_functional IN (0, 1)),
    parent_id BLOB REFERENCES party_organizations (id),
    unit_id BLOB REFERENCES units (id),
    joint_unit_ids TEXT NOT NULL,
    compound_name TEXT,
    established_on TEXT,
    standardization_level TEXT,
    retired_only INTEGER NOT NULL CHECK (retired_only IN (0, 1)),
    mixed_with_active INTEGER NOT NULL CHECK (mixed_with_active IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('preparing', 'active', 'merged', 'dissolved')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX party_organizations__external_system__external_id ON party_organizations (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_organizations_division ON party_organizations (division_code, id);
CREATE INDEX party_organizations_updated ON party_organizations (updated_at, id);
CREATE INDEX party_organizations_parent ON party_organizations (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX party_organizations_unit ON party_organizations (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX party_organizations_name ON party_organizations (name, id);


CREATE TABLE party_memberships (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    party_organization_id BLOB NOT NULL REFERENCES party_organizations (id),
    formal INTEGER NOT NULL CHECK (formal IN (0, 1)),
    joined_on TEXT NOT NULL,
    approved_on TEXT,
    converted_on TEXT,
    introducers TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('probationary', 'full', 'suspended', 'removed', 'transferred', 'deceased')),
    floating INTEGER NOT NULL CHECK (floating IN (0, 1)),
    flow_to TEXT,
    lost_contact_on TEXT,
    suspended_on TEXT,
    removed_on TEXT,
    dues_base INTEGER CHECK (dues_base >= 0),
    dues_rate INTEGER CHECK (dues_rate >= 0),
    dues_paid_until TEXT,
    restored_from TEXT,
    re_admitted INTEGER NOT NULL CHECK (re_admitted IN (0, 1)),
    verified_by_archive INTEGER NOT NULL CHECK (verified_by_archive IN (0, 1)),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX party_memberships__external_system__external_id ON party_memberships (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_memberships_division ON party_memberships (division_code, id);
CREATE INDEX party_memberships_updated ON party_memberships (updated_at, id);
-- One formal relation a person, while it lasts.
CREATE UNIQUE INDEX party_memberships__cadre_id ON party_memberships (cadre_id) WHERE formal AND deleted_at IS NULL AND status IN ('probationary', 'full', 'suspended');
CREATE INDEX party_memberships_cadre ON party_memberships (cadre_id, id);
CREATE INDEX party_memberships_organization ON party_memberships (party_organization_id, status);
