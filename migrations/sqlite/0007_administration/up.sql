CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    external_system TEXT,
    external_id TEXT,
    username TEXT NOT NULL CHECK (length(username) BETWEEN 3 AND 50),
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    unit_id BLOB REFERENCES units (id),
    party_organization_id BLOB REFERENCES party_organizations (id),
    cadre_id BLOB REFERENCES cadres (id),
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    CHECK ((external_system IS NULL) = (external_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX users__external_system__external_id ON users (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX users_division ON users (division_code, id);
CREATE INDEX users_updated ON users (updated_at, id);
CREATE UNIQUE INDEX users__username ON users (username) WHERE deleted_at IS NULL;
CREATE INDEX users_unit ON users (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX users_party_organization ON users (party_organization_id) WHERE party_organization_id IS NOT NULL;
CREATE INDEX users_cadre ON users (cadre_id) WHERE cadre_id IS NOT NULL;

CREATE TABLE credentials (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
    password_hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- A second factor (TOTP). The secret is sealed with a key derived from the installation's secret; only a
-- confirmed one counts. A step of the clock is good once.
CREATE TABLE second_factors (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
    secret TEXT NOT NULL,
    last_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER
) STRICT;

-- Codes that stand in for a lost second factor, each once. Only keyed hashes are kept.
CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id),
    hash TEXT NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (user_id, hash)
) STRICT;

-- Sign-ins that failed lately, by keyed hashes of account and network. What is forgotten is removed.
CREATE TABLE sign_in_attempts (
    place TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    blocked_until INTEGER,
    forget_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_attempts_forget ON sign_in_attempts (forget_at);

-- Networks, by keyed hash, from which a user has signed in: failures elsewhere do not delay the user there.
CREATE TABLE sign_in_places (
    user_id BLOB NOT NULL REFERENCES users (id),
    network TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, network)
) STRICT;
CREATE INDEX sign_in_places_last ON sign_in_places (last_at);

-- A sign-in on a device, until it ends. Its refresh tokens are one family.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Refresh tokens by keyed hash, each good once. `used_key` is the keyed hash of the Idempotency-Key it was
-- used with: the same key gives the same successor again.
CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id),
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    used_key TEXT,
    CHECK ((used_at IS NULL) = (used_key IS NULL))
) STRICT;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE api_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1),
    kind TEXT NOT NULL CHECK (kind = 'pat' OR kind = 'svc' OR kind = 'test' OR kind = 'bgl'),
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    created_by TEXT NOT NULL,
    hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    division_code TEXT NOT NULL,
    cidrs TEXT NOT NULL,
    methods TEXT NOT NULL,
    rate_class TEXT NOT NULL,
    family_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    rotated_at INTEGER,
    revoked_at INTEGER,
    revoke_reason TEXT,
    last_used_at INTEGER,
    last_used_address TEXT,
    last_used_agent TEXT,
    CHECK (expires_at >= created_at)
) STRICT;
CREATE UNIQUE INDEX api_tokens__hash ON api_tokens (hash);
CREATE INDEX api_tokens_user ON api_tokens (user_id);
CREATE INDEX api_tokens_family ON api_tokens (family_id);
CREATE INDEX api_tokens_division ON api_tokens (division_code, id);

-- What a token was used for: requests by day, resource and action.
CREATE TABLE token_usage (
    token_id BLOB NOT NULL REFERENCES api_tokens (id),
    day TEXT NOT NULL,
    resource TEXT NOT NULL,
    action TEXT NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (token_id, day, resource, action)
) STRICT;

-- Counts changes of users, passwords, sessions and tokens: a server whose memory is older looks again.
CREATE TABLE auth_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    secret_check TEXT
) STRICT;

INSERT INTO auth_state (id, epoch) VALUES (1, 1);
