-- Who is signed in. A session is one family of refresh tokens; a token is derived from the session's id and its
-- generation under a server key, so nothing of it stands here.

-- Raised whenever all sessions of an account end: one that was just begun with the former password ends with them.
ALTER TABLE users ADD COLUMN sessions_epoch integer NOT NULL DEFAULT 0;

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    epoch integer NOT NULL,                      -- the account's when it began; it lasts as long as they agree
    generation integer NOT NULL DEFAULT 0,       -- of the token that is to be shown next
    rotated_at timestamptz[] NOT NULL DEFAULT '{}',   -- when the latest tokens were exchanged, newest last; the grace's only
    began_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,                -- at the latest, however often it is used
    ended_at timestamptz,
    ended_by text CHECK (ended_by IN ('sign_out', 'sign_in', 'reuse'))
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

CREATE INDEX link_tokens_unused ON link_tokens (user_id) WHERE used_at IS NULL;
