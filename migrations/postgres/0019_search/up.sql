-- What records are found by: parts of their texts, pinyin, initials, last digits. Kept with each write.
CREATE TABLE search_terms (
    entity text COLLATE "C" NOT NULL,
    term text COLLATE "C" NOT NULL,
    division_code text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    -- The class of the field it comes from: 0 public, 1 internal, 2 personal. Nothing sensitive is found so.
    class integer NOT NULL CHECK (class BETWEEN 0 AND 2),
    PRIMARY KEY (entity, term, division_code, entity_id, class)
);

-- By which fields, in which form, the terms of a resource were made.
CREATE TABLE search_state (
    entity text COLLATE "C" NOT NULL PRIMARY KEY,
    form text NOT NULL
);
