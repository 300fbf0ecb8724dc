CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    external_system text COLLATE "C",
    external_id text COLLATE "C",
    username text COLLATE "C" NOT NULL CHECK (length(username) BETWEEN 3 AND 50),
    display_name text NOT NULL,
    role text COLLATE "C" NOT NULL,
    unit_id uuid REFERENCES units (id),
    party_organization_id uuid REFERENCES party_organizations (id),
    cadre_id uuid REFERENCES cadres (id),
    disabled boolean NOT NULL,
    CHECK ((external_system IS NULL) = (external_id IS NULL))
);

CREATE UNIQUE INDEX users__external_system__external_id ON users (external_system, external_id) WHERE external_system IS NOT NULL;
CREATE INDEX users_division ON users (division_code, id);
CREATE INDEX users_updated ON users (updated_at, id);
CREATE UNIQUE INDEX users__username ON users (username) WHERE deleted_at IS NULL;
CREATE INDEX users_unit ON users (unit_id) WHERE unit_id IS NOT NULL;
CREATE INDEX users_party_organization ON users (party_organization_id) WHERE party_organization_id IS NOT NULL;
CREATE INDEX users_cadre ON users (cadre_id) WHERE cadre_id IS NOT NULL;

CREATE TABLE credentials (
    user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id),
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL
);

-- A second factor (TOTP). The secret is sealed with a key derived from the installation's secret; only a
-- confirmed one counts. A step of the clock is good once.
CREATE TABLE second_factors (
    user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id),
    secret text NOT NULL,
    last_step bigint NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz
);

-- Codes that stand in for a lost second factor, each once. Only keyed hashes are kept.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id),
    hash text COLLATE "C" NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
);

-- Sign-ins that failed lately, by keyed hashes of account and network. What is forgotten is removed.
CREATE TABLE sign_in_attempts (
    place text COLLATE "C" NOT NULL PRIMARY KEY,
    failures bigint NOT NULL,
    blocked_until timestamptz,
    forget_at timestamptz NOT NULL
);
CREATE INDEX sign_in_attempts_forget ON sign_in_attempts (forget_at);

-- Networks, by keyed hash, from which a user has signed in: failures elsewhere do not delay the user there.
CREATE TABLE sign_in_places (
    user_id uuid NOT NULL REFERENCES users (id),
    network text COLLATE "C" NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, network)
);
CREATE INDEX sign_in_places_last ON sign_in_places (last_at);

-- A sign-in on a device, until it ends. Its refresh tokens are one family.
CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    idle_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    ended_at timestamptz,
    end_reason text COLLATE "C"
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Refresh tokens by keyed hash, each good once. `used_key` is the keyed hash of the Idempotency-Key it was
-- used with: the same key gives the same successor again.
CREATE TABLE refresh_tokens (
    hash text COLLATE "C" NOT NULL PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    used_key text COLLATE "C",
    CHECK ((used_at IS NULL) = (used_key IS NULL))
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE api_tokens (
    id uuid NOT NULL PRIMARY KEY,
    version bigint NOT NULL CHECK (version >= 1),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('pat', 'svc', 'test', 'bgl')),
    name text NOT NULL,
    purpose text NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    created_by text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    scopes jsonb NOT NULL,
    division_code text COLLATE "C" NOT NULL,
    cidrs jsonb NOT NULL,
    methods jsonb NOT NULL,
    rate_class text COLLATE "C" NOT NULL,
    family_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz,
    revoked_at timestamptz,
    revoke_reason text,
    last_used_at timestamptz,
    last_used_address text,
    last_used_agent text,
    CHECK (expires_at >= created_at)
);
CREATE UNIQUE INDEX api_tokens__hash ON api_tokens (hash);
CREATE INDEX api_tokens_user ON api_tokens (user_id);
CREATE INDEX api_tokens_family ON api_tokens (family_id);
CREATE INDEX api_tokens_division ON api_tokens (division_code, id);

-- What a token was used for: requests by day, resource and action.
CREATE TABLE token_usage (
    token_id uuid NOT NULL REFERENCES api_tokens (id),
    day date NOT NULL,
    resource text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    requests bigint NOT NULL,
    PRIMARY KEY (token_id, day, resource, action)
);

-- Counts changes of users, passwords, sessions and tokens: a server whose memory is older looks again.
CREATE TABLE auth_state (
    id integer PRIMARY KEY CHECK (id = 1),
    epoch bigint NOT NULL,
    secret_check text COLLATE "C"
);

INSERT INTO auth_state (id, epoch) VALUES (1, 1);
