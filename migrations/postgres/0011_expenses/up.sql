CREATE TABLE guarantee_statuses (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    mechanism text COLLATE "C" NOT NULL CHECK (mechanism IN ('pension', 'medical', 'fiscal_support')),
    year integer NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('ok', 'arrears')),
    arrears_amount bigint CHECK (arrears_amount > 0),
    persons_affected integer CHECK (persons_affected >= 1),
    note text,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((status = 'arrears') = (arrears_amount IS NOT NULL))
);

CREATE UNIQUE INDEX guarantee_statuses__external_system__external_id ON guarantee_statuses (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX guarantee_statuses_division ON guarantee_statuses (division_code, id);
CREATE INDEX guarantee_statuses_updated ON guarantee_statuses (updated_at, id);
CREATE INDEX guarantee_statuses_year ON guarantee_statuses (year, id);
-- One of each mechanism in a division and year.
CREATE UNIQUE INDEX guarantee_statuses__year__mechanism__division_code ON guarantee_statuses (year, mechanism, division_code) WHERE deleted_at IS NULL;

CREATE TABLE medical_claims (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    cadre_id uuid NOT NULL REFERENCES cadres (id),
    hospital text NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL CHECK (period_to >= period_from),
    amount bigint NOT NULL CHECK (amount > 0),
    documents jsonb NOT NULL,
    submitted_on date NOT NULL,
    audited_on date,
    allowed_amount bigint CHECK (allowed_amount > 0 AND allowed_amount <= amount),
    approved_on date,
    paid_on date,
    document_no text,
    decision text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('submitted', 'audited', 'approved', 'paid', 'returned', 'rejected', 'refunded')),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (status NOT IN ('paid', 'refunded') OR (allowed_amount IS NOT NULL AND paid_on IS NOT NULL))
);

CREATE UNIQUE INDEX medical_claims__external_system__external_id ON medical_claims (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX medical_claims_division ON medical_claims (division_code, id);
CREATE INDEX medical_claims_updated ON medical_claims (updated_at, id);
CREATE INDEX medical_claims_cadre ON medical_claims (cadre_id, id);
CREATE INDEX medical_claims_submitted ON medical_claims (submitted_on, id);
CREATE INDEX medical_claims_status ON medical_claims (status, id);
CREATE INDEX medical_claims_paid ON medical_claims (paid_on, id);

-- A ledger: rows are added and never changed. What a pool holds is their sum. The claim is named and not referred to,
-- for the ledger outlives what is erased of a person.
CREATE TABLE medical_pool_entries (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('allotment', 'payment', 'adjustment', 'reversal')),
    year integer NOT NULL,
    amount bigint NOT NULL,
    booked_on date NOT NULL,
    claim_id uuid,
    reverses_id uuid REFERENCES medical_pool_entries (id),
    document_no text,
    note text,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL)),
    CHECK (kind <> 'payment' OR (amount < 0 AND claim_id IS NOT NULL)),
    CHECK (kind <> 'allotment' OR amount > 0)
);

CREATE UNIQUE INDEX medical_pool_entries__external_system__external_id ON medical_pool_entries (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX medical_pool_entries_division ON medical_pool_entries (division_code, id);
CREATE INDEX medical_pool_entries_updated ON medical_pool_entries (updated_at, id);
CREATE INDEX medical_pool_entries_pool ON medical_pool_entries (year, division_code, id);
CREATE INDEX medical_pool_entries_booked ON medical_pool_entries (booked_on, id);
CREATE INDEX medical_pool_entries_claim ON medical_pool_entries (claim_id, id);
-- Each is taken back once.
CREATE UNIQUE INDEX medical_pool_entries__reverses_id ON medical_pool_entries (reverses_id) WHERE reverses_id IS NOT NULL;
