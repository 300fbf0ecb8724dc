CREATE TABLE guarantee_statuses (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    mechanism TEXT NOT NULL CHECK (mechanism = 'pension' OR mechanism = 'medical' OR mechanism = 'fiscal_support'),
    year INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ok', 'arrears')),
    arrears_amount INTEGER CHECK (arrears_amount > 0),
    persons_affected INTEGER CHECK (persons_affected >= 1),
    note TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((status = 'arrears') = (arrears_amount IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX guarantee_statuses__external_system__external_id ON guarantee_statuses (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX guarantee_statuses_division ON guarantee_statuses (division_code, id);
CREATE INDEX guarantee_statuses_updated ON guarantee_statuses (updated_at, id);
CREATE INDEX guarantee_statuses_year ON guarantee_statuses (year, id);
-- One of each mechanism in a division and year.
CREATE UNIQUE INDEX guarantee_statuses__year__mechanism__division_code ON guarantee_statuses (year, mechanism, division_code) WHERE deleted_at IS NULL;

CREATE TABLE medical_claims (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    cadre_id BLOB NOT NULL REFERENCES cadres (id),
    hospital TEXT NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL CHECK (period_to >= period_from),
    amount INTEGER NOT NULL CHECK (amount > 0),
    documents TEXT NOT NULL,
    submitted_on TEXT NOT NULL,
    audited_on TEXT,
    allowed_amount INTEGER CHECK (allowed_amount > 0 AND allowed_amount <= amount),
    approved_on TEXT,
    paid_on TEXT,
    document_no TEXT,
    decision TEXT,
    status TEXT NOT NULL CHECK (status = 'submitted' OR status = 'audited' OR status = 'approved' OR status = 'paid' OR status = 'returned' OR status = 'rejected' OR status = 'refunded'),
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK (status NOT IN ('paid', 'refunded') OR (allowed_amount IS NOT NULL AND paid_on IS NOT NULL))
) STRICT;

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
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    kind TEXT NOT NULL CHECK (kind = 'allotment' OR kind = 'payment' OR kind = 'adjustment' OR kind = 'reversal'),
    year INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    booked_on TEXT NOT NULL,
    claim_id BLOB,
    reverses_id BLOB REFERENCES medical_pool_entries (id),
    document_no TEXT,
    note TEXT,
    CHECK ((external_system IS NULL) = (external_id IS NULL)),
    CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL)),
    CHECK (kind <> 'payment' OR (amount < 0 AND claim_id IS NOT NULL)),
    CHECK (kind <> 'allotment' OR amount > 0)
) STRICT;

CREATE UNIQUE INDEX medical_pool_entries__external_system__external_id ON medical_pool_entries (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX medical_pool_entries_division ON medical_pool_entries (division_code, id);
CREATE INDEX medical_pool_entries_updated ON medical_pool_entries (updated_at, id);
CREATE INDEX medical_pool_entries_pool ON medical_pool_entries (year, division_code, id);
CREATE INDEX medical_pool_entries_booked ON medical_pool_entries (booked_on, id);
CREATE INDEX medical_pool_entries_claim ON medical_pool_entries (claim_id, id);
-- Each is taken back once.
CREATE UNIQUE INDEX medical_pool_entries__reverses_id ON medical_pool_entries (reverses_id) WHERE reverses_id IS NOT NULL;
