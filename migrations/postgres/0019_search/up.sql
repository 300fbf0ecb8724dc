-- By what records are found: tokens of parts of their texts, pinyin, initials, last digits. Kept with each write.
CREATE TABLE search_documents (
    entity text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    tokens tsvector NOT NULL,
    PRIMARY KEY (entity, entity_id)
);

-- New tokens wait in a list until there are so many kB of them; each search goes through it.
CREATE INDEX search_documents_tokens ON search_documents USING gin (tokens) WITH (gin_pending_list_limit = 2048);

-- By which fields, in which form, the documents of a resource were made.
CREATE TABLE search_state (
    entity text COLLATE "C" NOT NULL PRIMARY KEY,
    form text NOT NULL
);
