-- The ground of the promise: leads, the answers that were given for them, the jobs they cause, and the sheet's ledger.
-- Every instant is written by the product's clock; nothing here calls now().

CREATE TABLE service_categories (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    formula text NOT NULL,                       -- over AREA and the tags of unit_prices
    coefficient numeric(8, 4) NOT NULL CHECK (coefficient > 0),
    position integer NOT NULL DEFAULT 0
);

CREATE TABLE unit_prices (
    tag text PRIMARY KEY CHECK (tag ~ '^[A-Z][A-Z0-9_]{0,39}$' AND tag <> 'AREA'),
    name text NOT NULL,
    amount numeric(18, 4) NOT NULL CHECK (amount >= 0)
);

CREATE TABLE materials (
    id uuid PRIMARY KEY,
    category_id uuid REFERENCES service_categories (id),   -- NULL: offered with every category
    name text NOT NULL,
    unit text NOT NULL CHECK (unit IN ('m2', 'm', 'piece', 'set')),
    price numeric(18, 4) NOT NULL CHECK (price >= 0),
    position integer NOT NULL DEFAULT 0
);
CREATE INDEX materials_by_category ON materials (category_id, position);

CREATE TABLE leads (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('NEW', 'CONTACTED', 'CONVERTED', 'CANCELLED', 'QUARANTINED', 'SPAM')),
    source text NOT NULL CHECK (source IN ('CONTACT_FORM', 'QUOTE_FORM', 'FURNITURE_QUOTE')),
    name text,
    phone text,                                  -- E.164; people's fields are NULL once erased
    email text,
    content text,
    locale text NOT NULL DEFAULT 'vi',
    quote jsonb,                                 -- what the server computed, with what it was computed from
    consent_version text NOT NULL,
    consent_at timestamptz NOT NULL,
    utm jsonb,
    quarantine_reasons text[] NOT NULL DEFAULT '{}',
    merged_into uuid REFERENCES leads (id),
    erased_at timestamptz,
    client_address text,
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX leads_by_time ON leads (created_at DESC, id DESC);
CREATE INDEX leads_by_phone ON leads (phone);
CREATE INDEX leads_by_merge ON leads (merged_into, created_at DESC) WHERE merged_into IS NOT NULL;

-- One open merge window a phone and source: the row that serialises two submissions at once. A concurrent statement
-- sees its latest version through ON CONFLICT, which it would not see of a lead that was committed a moment ago.
CREATE TABLE lead_slots (
    phone text NOT NULL,
    source text NOT NULL,
    lead_id uuid NOT NULL,
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (phone, source)
);

CREATE TABLE idempotency_records (
    scope text NOT NULL,                         -- method, route and user: keys of different routes and users never meet
    key_digest text NOT NULL,
    fingerprint text NOT NULL,                   -- HMAC of the request under a server key
    owner uuid NOT NULL,                         -- the execution that holds or held it
    status integer,                              -- NULL while in progress
    media_type text,
    body text,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (scope, key_digest)
);
CREATE INDEX idempotency_by_expiry ON idempotency_records (expires_at);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    queue text NOT NULL CHECK (queue IN ('email', 'sync', 'notification')),
    type text NOT NULL,
    subject_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'queued', 'running', 'retrying', 'deferred', 'done', 'dead')),
    epoch integer NOT NULL DEFAULT 0,            -- only a redrive raises it
    attempts integer NOT NULL DEFAULT 0,         -- executions that spent one
    lost_leases integer NOT NULL DEFAULT 0,
    claim_token uuid,
    lease_until timestamptz,
    due_at timestamptz NOT NULL,
    sent_at timestamptz,                         -- when the relay last put a message for it on the queue
    deferred_since timestamptz,
    reason text,
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX jobs_unfinished ON jobs (queue, due_at) WHERE state NOT IN ('done', 'dead');
CREATE INDEX jobs_running ON jobs (queue, lease_until) WHERE state = 'running';
CREATE INDEX jobs_by_subject ON jobs (subject_id, created_at);
CREATE INDEX jobs_dead ON jobs (queue, finished_at) WHERE state = 'dead';

-- What became of each job, in order: the timeline reads this.
CREATE TABLE job_events (
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    status text NOT NULL,
    attempt integer NOT NULL,
    detail text,
    PRIMARY KEY (job_id, seq)
);

CREATE TABLE fences (
    name text PRIMARY KEY,
    number bigint NOT NULL
);

CREATE TABLE sheets (
    spreadsheet_id text NOT NULL,
    tab text NOT NULL,
    next_row integer NOT NULL DEFAULT 2,         -- row 1 is the header
    PRIMARY KEY (spreadsheet_id, tab)
);

CREATE TABLE sheet_rows (
    lead_id uuid PRIMARY KEY,
    row_number integer UNIQUE,                   -- allotted once, never given away
    version integer NOT NULL DEFAULT 1,          -- raised by every job that asks for the row
    written_version integer NOT NULL DEFAULT 0,
    in_flight_version integer,                   -- what a call that may still land is writing …
    in_flight_fence bigint,                      -- … and under which fence it was sent
    rewrite_at timestamptz,                      -- write again then: an older holder's call may have landed late
    moved_at timestamptz                         -- its id cell holds another's id: a person moved rows; left alone
);
CREATE INDEX sheet_rows_in_flight ON sheet_rows (in_flight_fence) WHERE in_flight_fence IS NOT NULL;
CREATE INDEX sheet_rows_to_rewrite ON sheet_rows (rewrite_at) WHERE rewrite_at IS NOT NULL;

CREATE TABLE alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    dedupe_key text NOT NULL UNIQUE,             -- kind, subject and window: one alert each
    subject text NOT NULL,
    body text NOT NULL,
    at timestamptz NOT NULL
);
