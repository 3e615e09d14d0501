-- Which link confirms an account: the latest sign-up's. It stands in the account's own row, since two sign-ups at once meet
-- there, and a statement that waited for the row does not see the links that the other one stored. NULL: made before this
-- column was; any of its links will do.
ALTER TABLE users ADD COLUMN confirm_link_id uuid;
