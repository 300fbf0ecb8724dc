-- Reports as they were when somebody froze them, with the records that each figure was made of. Never changed.
CREATE TABLE report_snapshots (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    division_code TEXT NOT NULL,
    year INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    note TEXT,
    report TEXT NOT NULL,
    frozen_by TEXT NOT NULL,
    frozen_at INTEGER NOT NULL
) STRICT;

CREATE INDEX report_snapshots_division ON report_snapshots (division_code, id);

CREATE TABLE report_snapshot_rows (
    snapshot_id BLOB NOT NULL REFERENCES report_snapshots (id),
    figure_id TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (snapshot_id, figure_id, entity_id)
) STRICT, WITHOUT ROWID;
