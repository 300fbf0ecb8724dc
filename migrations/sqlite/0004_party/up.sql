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
    kind TEXT NOT NULL CHECK (kind = 'work_committee' OR kind = 'basic_committee' OR kind = 'general_branch' OR kind = 'branch' OR kind = 'joint_branch' OR kind = 'residential_branch' OR kind = 'community_branch'),
    is_functional INTEGER NOT NULL CHECK (is_functional IN (0, 1)),
    parent_id BLOB REFERENCES party_organizations (id),
    unit_id BLOB REFERENCES units (id),
    joint_unit_ids TEXT NOT NULL,
    compound_name TEXT,
    established_on TEXT,
    standardization_level TEXT,
    group_count INTEGER CHECK (group_count >= 0),
    retired_only INTEGER NOT NULL CHECK (retired_only IN (0, 1)),
    mixed_with_active INTEGER NOT NULL CHECK (mixed_with_active IN (0, 1)),
    village_or_community INTEGER NOT NULL CHECK (village_or_community IN (0, 1)),
    merged_into_id BLOB REFERENCES party_organizations (id),
    ended_on TEXT,
    status TEXT NOT NULL CHECK (status = 'preparing' OR status = 'active' OR status = 'merged' OR status = 'dissolved'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX party_organizations__external_system__external_id ON party_organizations (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_organizations_division ON party_organizations (division_code, id);
CREATE INDEX party_organizations_updated ON party_organizations (updated_at, id);
CREATE INDEX party_organizations_parent ON party_organizations (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX party_organizations_unit ON party_organizations (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX party_organizations_merged ON party_organizations (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX party_organizations_name ON party_organizations (name, id);

CREATE TABLE party_terms (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    party_organization_id BLOB NOT NULL REFERENCES party_organizations (id),
    term_no INTEGER NOT NULL CHECK (term_no >= 1),
    elected_on TEXT,
    term_years INTEGER,
    due_on TEXT,
    extended_until TEXT,
    ends_on TEXT,
    approval_doc TEXT,
    seats INTEGER,
    eligible INTEGER,
    excused INTEGER,
    attendance INTEGER,
    candidates TEXT NOT NULL,
    outcome TEXT,
    status TEXT NOT NULL CHECK (status = 'preparing' OR status = 'serving' OR status = 'extended' OR status = 'expired' OR status = 'replaced'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX party_terms__external_system__external_id ON party_terms (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_terms_division ON party_terms (division_code, id);
CREATE INDEX party_terms_updated ON party_terms (updated_at, id);
-- One number a term of an organization.
CREATE UNIQUE INDEX party_terms__party_organization_id__term_no ON party_terms (party_organization_id, term_no) WHERE deleted_at IS NULL;
CREATE INDEX party_terms_ends ON party_terms (ends_on, id);
CREATE INDEX party_terms_number ON party_terms (term_no, id);

CREATE TABLE party_posts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    party_organization_id BLOB NOT NULL REFERENCES party_organizations (id),
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    role TEXT NOT NULL CHECK (role = 'secretary' OR role = 'deputy_secretary' OR role = 'organization' OR role = 'publicity' OR role = 'discipline' OR role = 'member'),
    started_on TEXT NOT NULL,
    ended_on TEXT CHECK (ended_on >= started_on),
    party_term_id BLOB REFERENCES party_terms (id),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX party_posts__external_system__external_id ON party_posts (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_posts_division ON party_posts (division_code, id);
CREATE INDEX party_posts_updated ON party_posts (updated_at, id);
-- A person has one post in an organization at a time, and an organization one secretary.
CREATE UNIQUE INDEX party_posts__party_organization_id__cadre_id ON party_posts (party_organization_id, cadre_id) WHERE ended_on IS NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX party_posts__party_organization_id ON party_posts (party_organization_id) WHERE role = 'secretary' AND ended_on IS NULL AND deleted_at IS NULL;
CREATE INDEX party_posts_cadre ON party_posts (cadre_id, id);
CREATE INDEX party_posts_term ON party_posts (party_term_id) WHERE party_term_id IS NOT NULL;
CREATE INDEX party_posts_organization ON party_posts (party_organization_id, id);
CREATE INDEX party_posts_started ON party_posts (started_on, id);

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
    status TEXT NOT NULL CHECK (status = 'probationary' OR status = 'full' OR status = 'suspended' OR status = 'removed' OR status = 'cancelled' OR status = 'transferred' OR status = 'deceased'),
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
CREATE INDEX party_memberships_joined ON party_memberships (joined_on, id);
CREATE INDEX party_memberships_lost ON party_memberships (lost_contact_on, id) WHERE lost_contact_on IS NOT NULL;

CREATE TABLE membership_applications (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB REFERENCES cadres (id),
    name TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    party_organization_id BLOB NOT NULL REFERENCES party_organizations (id),
    applied_on TEXT NOT NULL,
    talk_on TEXT,
    activist_on TEXT,
    mentor_ids TEXT NOT NULL,
    reviews TEXT NOT NULL,
    target_on TEXT,
    introducer_ids TEXT NOT NULL,
    political_review_on TEXT,
    training_hours INTEGER,
    pre_review_on TEXT,
    meeting_on TEXT,
    admission TEXT,
    special_approval INTEGER NOT NULL CHECK (special_approval IN (0, 1)),
    approved_on TEXT,
    extension_months INTEGER,
    probation_until TEXT,
    conversion_meeting_on TEXT,
    conversion TEXT,
    conversion_approved_on TEXT,
    converted_on TEXT,
    ended_on TEXT,
    end_reason TEXT,
    status TEXT NOT NULL CHECK (status = 'applicant' OR status = 'activist' OR status = 'target' OR status = 'probationary' OR status = 'extended' OR status = 'full' OR status = 'rejected' OR status = 'withdrawn'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX membership_applications__external_system__external_id ON membership_applications (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX membership_applications_division ON membership_applications (division_code, id);
CREATE INDEX membership_applications_updated ON membership_applications (updated_at, id);
CREATE INDEX membership_applications_cadre ON membership_applications (cadre_id) WHERE cadre_id IS NOT NULL;
CREATE INDEX membership_applications_organization ON membership_applications (party_organization_id, status);
CREATE INDEX membership_applications_applied ON membership_applications (applied_on, id);
CREATE INDEX membership_applications_probation ON membership_applications (status, probation_until, id);

CREATE TABLE relation_transfers (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    party_membership_id BLOB NOT NULL REFERENCES party_memberships (id),
    cadre_id BLOB REFERENCES cadres (id),
    from_organization_id BLOB REFERENCES party_organizations (id),
    to_organization_id BLOB REFERENCES party_organizations (id),
    to_outside TEXT,
    letter_no TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    valid_days INTEGER NOT NULL CHECK (valid_days BETWEEN 1 AND 90),
    expires_on TEXT,
    dues_paid_to TEXT,
    accepted_on TEXT,
    receipt_on TEXT,
    return_reason TEXT,
    reissue_of_id BLOB REFERENCES relation_transfers (id),
    status TEXT NOT NULL CHECK (status = 'issued' OR status = 'accepted' OR status = 'expired' OR status = 'returned'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX relation_transfers__external_system__external_id ON relation_transfers (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX relation_transfers_division ON relation_transfers (division_code, id);
CREATE INDEX relation_transfers_updated ON relation_transfers (updated_at, id);
-- One open letter a membership.
CREATE UNIQUE INDEX relation_transfers__party_membership_id ON relation_transfers (party_membership_id) WHERE status = 'issued' AND deleted_at IS NULL;
CREATE INDEX relation_transfers_membership ON relation_transfers (party_membership_id, id);
CREATE INDEX relation_transfers_destination ON relation_transfers (to_organization_id) WHERE to_organization_id IS NOT NULL;
CREATE INDEX relation_transfers_cadre ON relation_transfers (cadre_id, id);
CREATE INDEX relation_transfers_departure ON relation_transfers (from_organization_id, id);
CREATE INDEX relation_transfers_reissue ON relation_transfers (reissue_of_id) WHERE reissue_of_id IS NOT NULL;
CREATE INDEX relation_transfers_issued ON relation_transfers (issued_on, id);
CREATE INDEX relation_transfers_expires ON relation_transfers (status, expires_on, id);

CREATE TABLE dues_payments (
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
    kind TEXT NOT NULL CHECK (kind = 'monthly' OR kind = 'supplement' OR kind = 'large_voluntary'),
    period_from TEXT,
    period_to TEXT,
    base INTEGER CHECK (base >= 0),
    rate INTEGER CHECK (rate >= 0),
    amount INTEGER CHECK (amount >= 0),
    reduction_reason TEXT,
    paid_on TEXT NOT NULL,
    receipt_no TEXT,
    donor_summary TEXT,
    forwarded_on TEXT,
    remitted_on TEXT,
    central_receipt_on TEXT,
    delivered_on TEXT,
    status TEXT NOT NULL CHECK (status = 'received' OR status = 'forwarded_provincial' OR status = 'remitted_central' OR status = 'receipt_issued' OR status = 'delivered'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX dues_payments__external_system__external_id ON dues_payments (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX dues_payments_division ON dues_payments (division_code, id);
CREATE INDEX dues_payments_updated ON dues_payments (updated_at, id);
CREATE INDEX dues_payments_cadre ON dues_payments (cadre_id, id);
CREATE INDEX dues_payments_organization ON dues_payments (party_organization_id, id);
CREATE INDEX dues_payments_paid ON dues_payments (paid_on, id);

CREATE TABLE theme_day_items (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('fixed', 'optional')),
    position INTEGER NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT CHECK (valid_to >= valid_from),
    document_no TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX theme_day_items__external_system__external_id ON theme_day_items (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX theme_day_items_division ON theme_day_items (division_code, id);
CREATE INDEX theme_day_items_updated ON theme_day_items (updated_at, id);
CREATE INDEX theme_day_items_position ON theme_day_items (position, id);

CREATE TABLE party_meetings (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    party_organization_id BLOB NOT NULL REFERENCES party_organizations (id),
    kind TEXT NOT NULL CHECK (kind = 'member_meeting' OR kind = 'committee' OR kind = 'group' OR kind = 'lecture' OR kind = 'theme_day' OR kind = 'org_life' OR kind = 'appraisal'),
    held_on TEXT NOT NULL,
    theme TEXT,
    items TEXT NOT NULL,
    should_attend INTEGER NOT NULL CHECK (should_attend >= 0),
    attended INTEGER NOT NULL CHECK (attended BETWEEN 0 AND should_attend),
    home_delivered INTEGER,
    excluded_reason TEXT,
    mode TEXT NOT NULL CHECK (mode = 'onsite' OR mode = 'online' OR mode = 'home_delivery'),
    minutes TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX party_meetings__external_system__external_id ON party_meetings (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_meetings_division ON party_meetings (division_code, id);
CREATE INDEX party_meetings_updated ON party_meetings (updated_at, id);
CREATE INDEX party_meetings_organization ON party_meetings (party_organization_id, held_on, id);
CREATE INDEX party_meetings_held ON party_meetings (held_on, id);

CREATE TABLE evaluation_schemes (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    name TEXT NOT NULL,
    year INTEGER NOT NULL,
    dimensions TEXT NOT NULL,
    veto_items TEXT NOT NULL,
    document_no TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX evaluation_schemes__external_system__external_id ON evaluation_schemes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX evaluation_schemes_division ON evaluation_schemes (division_code, id);
CREATE INDEX evaluation_schemes_updated ON evaluation_schemes (updated_at, id);
CREATE INDEX evaluation_schemes_year ON evaluation_schemes (year, id);

CREATE TABLE evaluations (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    evaluation_scheme_id BLOB NOT NULL REFERENCES evaluation_schemes (id),
    party_organization_id BLOB NOT NULL REFERENCES party_organizations (id),
    self_scores TEXT NOT NULL,
    scores TEXT NOT NULL,
    vetoes TEXT NOT NULL,
    total INTEGER CHECK (total >= 0),
    vetoed INTEGER NOT NULL CHECK (vetoed IN (0, 1)),
    synced_plan INTEGER NOT NULL CHECK (synced_plan IN (0, 1)),
    synced_assessment INTEGER NOT NULL CHECK (synced_assessment IN (0, 1)),
    synced_reward INTEGER NOT NULL CHECK (synced_reward IN (0, 1)),
    remark TEXT,
    status TEXT NOT NULL CHECK (status = 'draft' OR status = 'self' OR status = 'reviewed' OR status = 'published'),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX evaluations__external_system__external_id ON evaluations (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX evaluations_division ON evaluations (division_code, id);
CREATE INDEX evaluations_updated ON evaluations (updated_at, id);
-- An organization is evaluated once in a scheme.
CREATE UNIQUE INDEX evaluations__evaluation_scheme_id__party_organization_id ON evaluations (evaluation_scheme_id, party_organization_id) WHERE deleted_at IS NULL;
CREATE INDEX evaluations_organization ON evaluations (party_organization_id, id);
