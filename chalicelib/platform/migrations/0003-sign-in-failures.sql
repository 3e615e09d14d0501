-- Failed sign-ins of each address, whether it has an account or not: ten in fifteen minutes, then none is tried.

CREATE TABLE sign_in_failures (
    account_digest text PRIMARY KEY,             -- HMAC of the lower-cased address under a server key
    failed_at timestamptz[] NOT NULL,            -- at most as many as the limit, oldest first
    expires_at timestamptz NOT NULL              -- when the latest of them has left the window
);
CREATE INDEX sign_in_failures_by_expiry ON sign_in_failures (expires_at);
