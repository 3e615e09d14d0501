-- Leads as staff work on them: who has one, what became of it, what was said of it, and when it was erased.

ALTER TABLE leads
    ADD COLUMN assigned_to uuid REFERENCES users (id) ON DELETE SET NULL,
    ADD COLUMN first_contact_at timestamptz,     -- set once, by the first change to CONTACTED or CONVERTED
    ADD COLUMN released_at timestamptz,          -- when staff let it out of quarantine: it counts as NEW from then on
    ADD COLUMN merged_at timestamptz,            -- when staff merged it; NULL for what joined another on arrival
    ADD COLUMN ask text;                         -- HMAC of (address, quote), for the slot that a release opens
CREATE INDEX leads_by_assignee ON leads (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX leads_untouched ON leads (created_at)
    WHERE status IN ('NEW', 'QUARANTINED') AND merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX leads_kept ON leads (created_at) WHERE merged_into IS NULL AND erased_at IS NULL;
CREATE INDEX lead_slots_by_time ON lead_slots (opened_at);

CREATE TABLE lead_status_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id uuid NOT NULL REFERENCES leads (id),
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,                         -- an account, which may be gone; as in the audit log
    by_role text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL
);
CREATE INDEX lead_status_changes_by_lead ON lead_status_changes (lead_id, id);

CREATE TABLE lead_notes (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    lead_id uuid NOT NULL REFERENCES leads (id),
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_role text NOT NULL,
    text text                                    -- NULL once the lead is erased: notes speak of people
);
CREATE INDEX lead_notes_by_lead ON lead_notes (lead_id, seq);

-- Whose turn it is to be given a lead. Locked by whoever gives one away, so that two at once are two turns.
CREATE TABLE lead_turn (turn boolean PRIMARY KEY CHECK (turn), last_id uuid);
INSERT INTO lead_turn (turn) VALUES (true);

-- What was erased, by id alone: `leads/<id>`, `users/<id>`. To be done again after a restore from a backup.
CREATE TABLE erasures (
    target text PRIMARY KEY,
    at timestamptz NOT NULL,
    cause text NOT NULL CHECK (cause IN ('staff', 'owner', 'retention', 'replay'))
);
CREATE INDEX erasures_by_time ON erasures (at);

-- Nothing has read `callBackMinutes` so far; now there is something that acts by it, it is called as that is.
UPDATE settings SET key = 'leadSlaMinutes',
    description = 'After how many minutes without a first contact people are alerted about a lead.'
WHERE key = 'callBackMinutes';
INSERT INTO settings (key, type, value, is_public, validation, description) VALUES
    ('leadAssignment', 'text', '"none"', false, '{"pattern": "^(none|round_robin|least_busy)$"}',
     'Who of the managers is given a new lead: nobody (none), each in turn (round_robin), or who has the fewest open (least_busy).'),
    ('leadRetentionDays', 'integer', '1095', false, '{"min": 30, "max": 36500}',
     'For how many days the person''s data of a lead are kept after the last submission or change of it.'),
    ('spamRetentionDays', 'integer', '90', false, '{"min": 1, "max": 36500}',
     'For how many days the person''s data of a lead are kept after it was found to be spam.');
