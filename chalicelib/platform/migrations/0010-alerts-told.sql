-- When an alert was put on the topic; null until then, so that one that could not be published is tried again.
-- Releases before this one publish at once and say nothing, so what they write counts as told.
ALTER TABLE alerts ADD COLUMN told_at timestamptz DEFAULT '-infinity';
CREATE INDEX alerts_untold ON alerts (at) WHERE told_at IS NULL;
