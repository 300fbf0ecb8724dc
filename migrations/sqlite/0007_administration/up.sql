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

CREATE TABLE api_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    division_code TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL CHECK (expires_at > created_at),
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT;

-- Counts changes of users, passwords and tokens: a server whose memory is older looks again.
CREATE TABLE auth_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL
) STRICT;

INSERT INTO auth_state (id, epoch) VALUES (1, 1);
CREATE UNIQUE INDEX api_tokens__hash ON api_tokens (hash);
CREATE INDEX api_tokens_user ON api_tokens (user_id);
CREATE INDEX api_tokens_division ON api_tokens (division_code, id);
