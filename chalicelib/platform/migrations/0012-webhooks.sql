-- Programs of ours that are told of leads by HTTP. No secret stands here: each is derived from id and generation under a
-- server key.

CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    events text[] NOT NULL,                      -- of lead.created, lead.updated, lead.erased
    description text NOT NULL DEFAULT '',
    includes_personal_data boolean NOT NULL DEFAULT false,
    secret_generation integer NOT NULL DEFAULT 1,
    previous_secret_until timestamptz,           -- the generation before signs as well until then
    failing_since timestamptz,                   -- the first failure since the last success
    disabled_at timestamptz,
    disabled_reason text CHECK (disabled_reason IN ('staff', 'failing', 'gone')),
    created_at timestamptz NOT NULL,
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

-- One event for one webhook; its id is the message's, through all attempts and replays. No foreign key to webhooks: one
-- that is deleted meanwhile must not stop a lead.
CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    event text NOT NULL CHECK (event IN ('lead.created', 'lead.updated', 'lead.erased')),
    job_id uuid NOT NULL,                        -- the job that works on it now, or did so last
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    response_status integer,                     -- what the receiver answered last
    earlier_attempts integer NOT NULL DEFAULT 0, -- calls of the jobs before a replay
    created_at timestamptz NOT NULL
);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (created_at);

-- Both only allow more than before, so what stands need not be looked at again.
ALTER TABLE jobs DROP CONSTRAINT jobs_queue_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_queue_check
    CHECK (queue IN ('email', 'sync', 'notification', 'webhook')) NOT VALID;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_channel_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_channel_check CHECK (channel IN ('email', 'sms', 'webhook')) NOT VALID;
