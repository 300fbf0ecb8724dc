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

CREATE TABLE api_tokens (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    purpose text NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    hash text COLLATE "C" NOT NULL,
    scopes jsonb NOT NULL,
    division_code text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at timestamptz,
    last_used_at timestamptz
);

-- Counts changes of users, passwords and tokens: a server whose memory is older looks again.
CREATE TABLE auth_state (
    id integer PRIMARY KEY CHECK (id = 1),
    epoch bigint NOT NULL
);

INSERT INTO auth_state (id, epoch) VALUES (1, 1);
CREATE UNIQUE INDEX api_tokens__hash ON api_tokens (hash);
CREATE INDEX api_tokens_user ON api_tokens (user_id);
CREATE INDEX api_tokens_division ON api_tokens (division_code, id);
