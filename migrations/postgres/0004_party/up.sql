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
    group_count integer CHECK (group_count >= 0),
    retired_only boolean NOT NULL,
    mixed_with_active boolean NOT NULL,
    village_or_community boolean NOT NULL,
    merged_into_id uuid REFERENCES party_organizations (id),
    ended_on date,
    status text COLLATE "C" NOT NULL CHECK (status IN ('preparing', 'active', 'merged', 'dissolved')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX party_organizations__external_system__external_id ON party_organizations (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_organizations_division ON party_organizations (division_code, id);
CREATE INDEX party_organizations_updated ON party_organizations (updated_at, id);
CREATE INDEX party_organizations_parent ON party_organizations (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX party_organizations_unit ON party_organizations (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX party_organizations_merged ON party_organizations (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX party_organizations_name ON party_organizations (name, id);

CREATE TABLE party_terms (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    party_organization_id uuid NOT NULL REFERENCES party_organizations (id),
    term_no integer NOT NULL CHECK (term_no >= 1),
    elected_on date,
    term_years integer,
    due_on date,
    extended_until date,
    ends_on date,
    approval_doc text,
    seats integer,
    eligible integer,
    excused integer,
    attendance integer,
    candidates jsonb NOT NULL,
    outcome text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('preparing', 'serving', 'extended', 'expired', 'replaced')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX party_terms__external_system__external_id ON party_terms (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_terms_division ON party_terms (division_code, id);
CREATE INDEX party_terms_updated ON party_terms (updated_at, id);
-- One number a term of an organization.
CREATE UNIQUE INDEX party_terms__party_organization_id__term_no ON party_terms (party_organization_id, term_no) WHERE deleted_at IS NULL;
CREATE INDEX party_terms_ends ON party_terms (ends_on, id);
CREATE INDEX party_terms_number ON party_terms (term_no, id);

CREATE TABLE party_posts (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    party_organization_id uuid NOT NULL REFERENCES party_organizations (id),
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    role text COLLATE "C" NOT NULL CHECK (role IN ('secretary', 'deputy_secretary', 'organization', 'publicity', 'discipline', 'member')),
    started_on date NOT NULL,
    ended_on date CHECK (ended_on >= started_on),
    party_term_id uuid REFERENCES party_terms (id),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

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
    status text COLLATE "C" NOT NULL CHECK (status IN ('probationary', 'full', 'suspended', 'removed', 'cancelled', 'transferred', 'deceased')),
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
CREATE INDEX party_memberships_joined ON party_memberships (joined_on, id);
CREATE INDEX party_memberships_lost ON party_memberships (lost_contact_on, id) WHERE lost_contact_on IS NOT NULL;

CREATE TABLE membership_applications (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid REFERENCES cadres (id),
    name text COLLATE "C" NOT NULL,
    birth_date text COLLATE "C" NOT NULL,
    party_organization_id uuid NOT NULL REFERENCES party_organizations (id),
    applied_on date NOT NULL,
    talk_on date,
    activist_on date,
    mentor_ids jsonb NOT NULL,
    reviews jsonb NOT NULL,
    target_on date,
    introducer_ids jsonb NOT NULL,
    political_review_on date,
    training_hours integer,
    pre_review_on date,
    meeting_on date,
    admission jsonb,
    special_approval boolean NOT NULL,
    approved_on date,
    extension_months integer,
    probation_until date,
    conversion_meeting_on date,
    conversion jsonb,
    conversion_approved_on date,
    converted_on date,
    ended_on date,
    end_reason text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('applicant', 'activist', 'target', 'probationary', 'extended', 'full', 'rejected', 'withdrawn')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX membership_applications__external_system__external_id ON membership_applications (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX membership_applications_division ON membership_applications (division_code, id);
CREATE INDEX membership_applications_updated ON membership_applications (updated_at, id);
CREATE INDEX membership_applications_cadre ON membership_applications (cadre_id) WHERE cadre_id IS NOT NULL;
CREATE INDEX membership_applications_organization ON membership_applications (party_organization_id, status);
CREATE INDEX membership_applications_applied ON membership_applications (applied_on, id);
CREATE INDEX membership_applications_probation ON membership_applications (status, probation_until, id);

CREATE TABLE relation_transfers (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    party_membership_id uuid NOT NULL REFERENCES party_memberships (id),
    cadre_id uuid REFERENCES cadres (id),
    from_organization_id uuid REFERENCES party_organizations (id),
    to_organization_id uuid REFERENCES party_organizations (id),
    to_outside text,
    letter_no text COLLATE "C" NOT NULL,
    issued_on date NOT NULL,
    valid_days integer NOT NULL CHECK (valid_days BETWEEN 1 AND 90),
    expires_on date,
    dues_paid_to text COLLATE "C",
    accepted_on date,
    receipt_on date,
    return_reason text,
    reissue_of_id uuid REFERENCES relation_transfers (id),
    status text COLLATE "C" NOT NULL CHECK (status IN ('issued', 'accepted', 'expired', 'returned')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

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
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('monthly', 'supplement', 'large_voluntary')),
    period_from text COLLATE "C",
    period_to text COLLATE "C",
    base bigint CHECK (base >= 0),
    rate bigint CHECK (rate >= 0),
    amount bigint CHECK (amount >= 0),
    reduction_reason text,
    paid_on date NOT NULL,
    receipt_no text,
    donor_summary text,
    forwarded_on date,
    remitted_on date,
    central_receipt_on date,
    delivered_on date,
    status text COLLATE "C" NOT NULL CHECK (status IN ('received', 'forwarded_provincial', 'remitted_central', 'receipt_issued', 'delivered')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX dues_payments__external_system__external_id ON dues_payments (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX dues_payments_division ON dues_payments (division_code, id);
CREATE INDEX dues_payments_updated ON dues_payments (updated_at, id);
CREATE INDEX dues_payments_cadre ON dues_payments (cadre_id, id);
CREATE INDEX dues_payments_organization ON dues_payments (party_organization_id, id);
CREATE INDEX dues_payments_paid ON dues_payments (paid_on, id);

CREATE TABLE theme_day_items (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('fixed', 'optional')),
    position integer NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    document_no text,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX theme_day_items__external_system__external_id ON theme_day_items (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX theme_day_items_division ON theme_day_items (division_code, id);
CREATE INDEX theme_day_items_updated ON theme_day_items (updated_at, id);
CREATE INDEX theme_day_items_position ON theme_day_items (position, id);

CREATE TABLE party_meetings (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    party_organization_id uuid NOT NULL REFERENCES party_organizations (id),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('member_meeting', 'committee', 'group', 'lecture', 'theme_day', 'org_life', 'appraisal')),
    held_on date NOT NULL,
    theme text COLLATE "C",
    items jsonb NOT NULL,
    should_attend integer NOT NULL CHECK (should_attend >= 0),
    attended integer NOT NULL CHECK (attended BETWEEN 0 AND should_attend),
    home_delivered integer,
    excluded_reason text,
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('onsite', 'online', 'home_delivery')),
    minutes text,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX party_meetings__external_system__external_id ON party_meetings (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX party_meetings_division ON party_meetings (division_code, id);
CREATE INDEX party_meetings_updated ON party_meetings (updated_at, id);
CREATE INDEX party_meetings_organization ON party_meetings (party_organization_id, held_on, id);
CREATE INDEX party_meetings_held ON party_meetings (held_on, id);

CREATE TABLE evaluation_schemes (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    year integer NOT NULL,
    dimensions jsonb NOT NULL,
    veto_items jsonb NOT NULL,
    document_no text,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX evaluation_schemes__external_system__external_id ON evaluation_schemes (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX evaluation_schemes_division ON evaluation_schemes (division_code, id);
CREATE INDEX evaluation_schemes_updated ON evaluation_schemes (updated_at, id);
CREATE INDEX evaluation_schemes_year ON evaluation_schemes (year, id);

CREATE TABLE evaluations (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    evaluation_scheme_id uuid NOT NULL REFERENCES evaluation_schemes (id),
    party_organization_id uuid NOT NULL REFERENCES party_organizations (id),
    self_scores jsonb NOT NULL,
    scores jsonb NOT NULL,
    vetoes jsonb NOT NULL,
    total bigint CHECK (total >= 0),
    vetoed boolean NOT NULL,
    synced_plan boolean NOT NULL,
    synced_assessment boolean NOT NULL,
    synced_reward boolean NOT NULL,
    remark text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('draft', 'self', 'reviewed', 'published')),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX evaluations__external_system__external_id ON evaluations (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX evaluations_division ON evaluations (division_code, id);
CREATE INDEX evaluations_updated ON evaluations (updated_at, id);
-- An organization is evaluated once in a scheme.
CREATE UNIQUE INDEX evaluations__evaluation_scheme_id__party_organization_id ON evaluations (evaluation_scheme_id, party_organization_id) WHERE deleted_at IS NULL;
CREATE INDEX evaluations_organization ON evaluations (party_organization_id, id);
