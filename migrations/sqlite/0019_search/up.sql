-- By what records are found: tokens of parts of their texts, pinyin, initials, last digits. Kept with each write.
CREATE TABLE search_documents (
    n INTEGER PRIMARY KEY,
    entity TEXT NOT NULL,
    entity_id BLOB NOT NULL CHECK (length(entity_id) = 16),
    tokens TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX search_documents_record ON search_documents (entity, entity_id);

-- Beginnings of tokens are asked for, and only whether a document has them. `ascii` takes all that is no ASCII sign for
-- a letter.
CREATE VIRTUAL TABLE search_index USING fts5 (
    tokens, content = 'search_documents', content_rowid = 'n', detail = none, tokenize = 'ascii'
);
-- What is taken out is gone at once, as an erasure promises, not when parts of the index are merged.
INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER search_documents_in AFTER INSERT ON search_documents BEGIN
    INSERT INTO search_index (rowid, tokens) VALUES (new.n, new.tokens);
END;
CREATE TRIGGER search_documents_out AFTER DELETE ON search_documents BEGIN
    INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', old.n, old.tokens);
END;
CREATE TRIGGER search_documents_changed AFTER UPDATE ON search_documents BEGIN
    INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', old.n, old.tokens);
    INSERT INTO search_index (rowid, tokens) VALUES (new.n, new.tokens);
END;

-- By which fields, in which form, the documents of a resource were made.
CREATE TABLE search_state (
    entity TEXT NOT NULL PRIMARY KEY,
    form TEXT NOT NULL
) STRICT, WITHOUT ROWID;
