-- What staff's list, search, overview and export look at, so that each stays fast with a million leads; and the files of
-- exports that are too large for an answer.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A part of a name, an address or a phone, wherever it stands.
CREATE INDEX leads_search ON leads USING gin (name gin_trgm_ops, email gin_trgm_ops, phone gin_trgm_ops);

-- A page of the list is read off one of these, whichever filters are set. `leads_by_time` serves those without any.
CREATE INDEX leads_by_status ON leads (status, created_at DESC, id DESC) WHERE merged_into IS NULL;
CREATE INDEX leads_by_source ON leads (source, created_at DESC, id DESC) WHERE merged_into IS NULL;
CREATE INDEX leads_by_status_and_source ON leads (status, source, created_at DESC, id DESC) WHERE merged_into IS NULL;
CREATE INDEX leads_by_assignee_and_time ON leads (assigned_to, created_at DESC, id DESC)
    WHERE merged_into IS NULL AND assigned_to IS NOT NULL;

-- What the overview counts, without a look at the leads themselves: of some days, and of what is open now.
CREATE INDEX leads_of_days ON leads (created_at) INCLUDE (status, source, first_contact_at, released_at)
    WHERE merged_into IS NULL;
CREATE INDEX leads_open ON leads (status, assigned_to) WHERE merged_into IS NULL AND status IN ('NEW', 'QUARANTINED');

-- An export that is too large for an answer: what was asked, and how far its file is. A slice of the file and its
-- progress are committed together; only what is noted here becomes part of the file.
CREATE TABLE exports (
    id uuid PRIMARY KEY,
    requested_by uuid NOT NULL,
    filters jsonb NOT NULL,                      -- as they were asked; what was searched for is forgotten at the end
    upload_id text NOT NULL,                     -- S3's name of the upload that the parts belong to
    parts text[] NOT NULL DEFAULT '{}',          -- the tag of each part
    rows_written integer NOT NULL DEFAULT 0,
    position_at timestamptz,                     -- the last lead in them
    position_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,             -- the file is deleted then, or what there is of it
    completed_at timestamptz
);
CREATE INDEX exports_by_expiry ON exports (expires_at);
CREATE INDEX exports_unfinished ON exports (requested_by) WHERE completed_at IS NULL;
