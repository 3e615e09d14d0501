-- Runs over the whole sheet: every lead written again (backfill), or the id column held against our ledger (reconcile; adopt
-- takes over where people moved rows to).

CREATE TABLE sheet_runs (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('backfill', 'reconcile', 'adopt')),
    state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),   -- or its job is dead: failed, too
    job_id uuid NOT NULL,                        -- the one that carries it on
    done integer NOT NULL DEFAULT 0,             -- leads, or rows of the ledger, that are dealt with …
    total integer NOT NULL DEFAULT 0,            -- … of so many
    refused integer NOT NULL DEFAULT 0,          -- rows that Google would not take
    after_at timestamptz,                        -- a backfill's place: the last lead that it wrote
    after_id uuid,
    started_by uuid REFERENCES users (id) ON DELETE SET NULL,   -- NULL: the schedule
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE UNIQUE INDEX sheet_runs_open ON sheet_runs (kind) WHERE state IN ('queued', 'running');
CREATE INDEX sheet_runs_by_time ON sheet_runs (created_at DESC, id DESC);

-- What a run found: rows and ids only, never what stands in the cells.
CREATE TABLE sheet_findings (
    run_id uuid NOT NULL REFERENCES sheet_runs (id) ON DELETE CASCADE,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    finding text NOT NULL CHECK (finding IN ('missing', 'foreign', 'moved', 'doubled', 'back')),
    row_number integer,                          -- where it is in the sheet; of a missing one, where it was
    lead_id uuid,
    PRIMARY KEY (run_id, seq)
);
