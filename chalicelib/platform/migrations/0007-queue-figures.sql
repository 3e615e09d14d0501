-- What the figures of the queues look at: what was finished lately.
CREATE INDEX jobs_finished ON jobs (queue, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_events_failures ON job_events (at) WHERE status IN ('retrying', 'dead');
