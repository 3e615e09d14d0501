-- Contractors, what is known of them, and their places. The indexes below hold all that a recalculation reads, in the
-- order in which it reads it, so that it needs neither a sort nor a large table in memory.

CREATE TABLE contractors (
    id uuid PRIMARY KEY,
    user_id uuid UNIQUE REFERENCES users (id) ON DELETE SET NULL,   -- whose account it is, if they have one
    name text NOT NULL,
    category_id uuid REFERENCES service_categories (id) ON DELETE SET NULL,   -- what they mostly do
    region text NOT NULL,                        -- a code
    identity_verified_at timestamptz,            -- when staff saw the proof of each
    licence_verified_at timestamptz,
    insurance_verified_at timestamptz,
    joined_at timestamptz NOT NULL
);
CREATE INDEX contractors_by_region ON contractors (region);

CREATE TABLE projects (
    id uuid PRIMARY KEY,
    contractor_id uuid NOT NULL REFERENCES contractors (id) ON DELETE CASCADE,
    completed_at timestamptz                     -- NULL while the work goes on
);
CREATE INDEX projects_completed ON projects (contractor_id) WHERE completed_at IS NOT NULL;

CREATE TABLE reviews (
    id uuid PRIMARY KEY,
    contractor_id uuid NOT NULL REFERENCES contractors (id) ON DELETE CASCADE,
    rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
    is_verified boolean NOT NULL DEFAULT false,  -- whoever wrote it had the work done
    created_at timestamptz NOT NULL
);
CREATE INDEX reviews_verified ON reviews (contractor_id) INCLUDE (rating, created_at) WHERE is_verified;

CREATE TABLE bids (
    id uuid PRIMARY KEY,
    contractor_id uuid NOT NULL REFERENCES contractors (id) ON DELETE CASCADE,
    invited_at timestamptz NOT NULL,             -- when they were asked for an offer
    replied_at timestamptz CHECK (replied_at >= invited_at)
);
CREATE INDEX bids_by_contractor ON bids (contractor_id) INCLUDE (invited_at, replied_at);

-- One recalculation. The one with the highest number counts; it appears with all its places when it commits.
CREATE TABLE ranking_runs (
    number bigint PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    calculated_at timestamptz NOT NULL,          -- the instant as of which everything was judged
    weights_version integer NOT NULL
);

-- The places of a run, and of the one before it for whoever pages through that. Scores are whole hundredths of a
-- point; weights, speeds and stars whole millionths. No foreign keys: a hundred thousand checks a run would prove what
-- its one statement ensures, and a contractor who is gone is left out when it is read.
CREATE TABLE rankings (
    run bigint NOT NULL,
    contractor_id uuid NOT NULL,
    rank integer NOT NULL,
    previous_rank integer,                       -- in the run before; NULL where they had none
    score integer NOT NULL CHECK (score BETWEEN 0 AND 10000),
    quality integer NOT NULL CHECK (quality BETWEEN 0 AND 10000),
    experience integer NOT NULL CHECK (experience BETWEEN 0 AND 10000),
    responsiveness integer NOT NULL CHECK (responsiveness BETWEEN 0 AND 10000),
    verification integer NOT NULL CHECK (verification BETWEEN 0 AND 10000),
    reviews integer NOT NULL,                    -- verified ones
    review_weight bigint NOT NULL,               -- together, by age
    prior integer NOT NULL,                      -- stars that the category lends
    stars integer NOT NULL,                      -- the mean with the prior in it
    projects integer NOT NULL,                   -- completed ones
    invitations integer NOT NULL,                -- that were answered, or had their time
    replies integer NOT NULL,
    reply_speed bigint NOT NULL,                 -- together
    reply_seconds bigint NOT NULL,               -- together
    has_identity boolean NOT NULL,
    has_licence boolean NOT NULL,
    has_insurance boolean NOT NULL,
    PRIMARY KEY (run, contractor_id)
);
CREATE UNIQUE INDEX rankings_by_rank ON rankings (run, rank);
