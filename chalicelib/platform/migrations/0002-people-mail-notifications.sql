-- Who works here, what they are told, which mails and messages went out, and who did what.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text NOT NULL,
    phone text,                                  -- E.164
    role text NOT NULL CHECK (role IN ('ADMIN', 'MANAGER', 'CONTRACTOR', 'HOMEOWNER')),
    password_hash text NOT NULL,                 -- Argon2id, with its parameters
    locale text NOT NULL DEFAULT 'vi' CHECK (locale IN ('en', 'vi')),
    wants_lead_mail boolean NOT NULL DEFAULT false,   -- staff: each new lead by mail too
    confirmed_at timestamptz,                    -- when the address was confirmed; nobody signs in before
    created_at timestamptz NOT NULL
);
CREATE INDEX users_staff ON users (id) WHERE role IN ('ADMIN', 'MANAGER');

-- A link that a mail carries. The token itself is derived from this row's id under a server key, so it stands nowhere.
CREATE TABLE link_tokens (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirm', 'password_reset')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX link_tokens_by_expiry ON link_tokens (expires_at);

-- What staff say to people: written once, told to each of them by a job of its own.
CREATE TABLE announcements (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    content text NOT NULL,
    channels text[] NOT NULL,                    -- of in_app, email, sms
    user_ids uuid[] NOT NULL,
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL
);

-- What one person finds in the app. Its id is its job's, so a job that runs twice writes it once.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    lead_id uuid REFERENCES leads (id),          -- told about this lead; its words are read from there …
    announcement_id uuid REFERENCES announcements (id),   -- … or from here, so that an erasure reaches them
    read_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK (num_nonnulls(lead_id, announcement_id) = 1)
);
CREATE INDEX notifications_by_user ON notifications (user_id, created_at DESC, id DESC);

-- A job for one person, made by a job for many.
ALTER TABLE jobs ADD COLUMN recipient_id uuid, ADD COLUMN parent_id uuid;

-- Calls to providers that cannot recognise a repeat. `sending` is committed before the call, so what nobody knows the
-- end of is known and counted (`unknown`).
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    attempt integer NOT NULL,
    state text NOT NULL CHECK (state IN ('sending', 'sent', 'refused', 'not_reached', 'unknown')),
    provider_id text,                            -- the provider's message id
    detail text,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX deliveries_by_job ON deliveries (job_id, started_at);
CREATE INDEX deliveries_unknown ON deliveries (started_at) WHERE state = 'unknown';

-- When an unconfirmed address was last written to, so that nobody can have us flood a stranger.
CREATE TABLE mail_allowances (
    address_digest text PRIMARY KEY,             -- HMAC under a server key
    spent_at timestamptz[] NOT NULL              -- at most as many as the allowance, newest last
);

-- Which (e-mail address, quote) the open window has been asked for, as HMACs: one mail for each that is new.
ALTER TABLE lead_slots ADD COLUMN asked text[] NOT NULL DEFAULT '{}', ADD COLUMN is_new_ask boolean NOT NULL DEFAULT true;

CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    actor_role text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,                        -- what it was done to: `jobs/<id>`, `queues/email`
    before jsonb,
    after jsonb,
    ip text,
    correlation_id text NOT NULL
);
CREATE INDEX audit_by_time ON audit_log (at DESC, id DESC);
CREATE INDEX audit_by_target ON audit_log (target, at);
