-- Reports as they were when somebody froze them, with the records that each figure was made of. Never changed.
CREATE TABLE report_snapshots (
    id uuid NOT NULL PRIMARY KEY,
    division_code text COLLATE "C" NOT NULL,
    year integer NOT NULL,
    as_of date NOT NULL,
    note text,
    report text NOT NULL,
    frozen_by text NOT NULL,
    frozen_at timestamptz NOT NULL
);

CREATE INDEX report_snapshots_division ON report_snapshots (division_code, id);

CREATE TABLE report_snapshot_rows (
    snapshot_id uuid NOT NULL REFERENCES report_snapshots (id),
    figure_id text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (snapshot_id, figure_id, entity_id)
);
