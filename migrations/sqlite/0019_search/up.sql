-- What records are found by: parts of their texts, pinyin, initials, last digits. Kept with each write.
CREATE TABLE search_terms (
    entity TEXT NOT NULL,
    term TEXT NOT NULL,
    division_code TEXT NOT NULL,
    entity_id BLOB NOT NULL CHECK (length(entity_id) = 16),
    -- The class of the field it comes from: 0 public, 1 internal, 2 personal. Nothing sensitive is found so.
    class INTEGER NOT NULL CHECK (class BETWEEN 0 AND 2),
    PRIMARY KEY (entity, term, division_code, entity_id, class)
) STRICT, WITHOUT ROWID;

-- By which fields, in which form, the terms of a resource were made.
CREATE TABLE search_state (
    entity TEXT NOT NULL PRIMARY KEY,
    form TEXT NOT NULL
) STRICT, WITHOUT ROWID;
