-- A note in the app may say that a lead waits, and not only that it came in.
ALTER TABLE notifications ADD COLUMN is_overdue boolean NOT NULL DEFAULT false;
