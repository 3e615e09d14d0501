"""
The ledger in SQL. waiting → queued → running → done | retrying | deferred | dead.

A claim is one UPDATE with a fresh token; finishing needs that token, so a worker that slept past its lease
changes nothing. Instants come from the product's clock. Every change of state leaves a line in
`job_events`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

# For the statement of a use case: needs the job_* parameters and a relation `job_source` (type, subject_id),
# of which each row makes the job of its type come true. Returns the ids of those that did.
INSERT = """
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at)
SELECT job.id, job.queue, job.type, job_source.subject_id, 'waiting',
       %(now)s::timestamptz, %(correlation_id)s, %(now)s::timestamptz
FROM job_source
JOIN unnest(%(job_ids)s::uuid[], %(job_queues)s::text[], %(job_types)s::text[]) AS job (id, queue, type)
USING (type)
RETURNING id
"""

# The same for jobs that the statement makes up itself: needs a relation `job_each` (id, queue, type,
# subject_id, recipient_id) and the parameters now and correlation_id.
INSERT_EACH = """
INSERT INTO jobs (id, queue, type, subject_id, recipient_id, state, due_at, correlation_id, created_at)
SELECT id, queue, type, subject_id, recipient_id, 'waiting',
       %(now)s::timestamptz, %(correlation_id)s, %(now)s::timestamptz
FROM job_each
RETURNING id
"""

_INSERT_ONCE = """
INSERT INTO jobs (id, queue, type, subject_id, recipient_id, state, due_at, correlation_id, created_at)
VALUES (%(id)s, %(queue)s, %(type)s, %(subject_id)s, %(recipient_id)s, 'waiting', %(now)s,
        %(correlation_id)s, %(now)s)
ON CONFLICT (id) DO NOTHING RETURNING id
"""

_INSERT_CHILDREN = """
INSERT INTO jobs (id, queue, type, subject_id, recipient_id, parent_id,
                  state, due_at, correlation_id, created_at)
SELECT job.id, job.queue, job.type, parent.subject_id, job.recipient_id, parent.id,
       'waiting', %(now)s::timestamptz, parent.correlation_id, %(now)s::timestamptz
FROM jobs AS parent, unnest(
    %(job_ids)s::uuid[], %(job_queues)s::text[], %(job_types)s::text[], %(recipient_ids)s::uuid[]
) AS job (id, queue, type, recipient_id)
WHERE parent.id = %(parent_id)s
"""

# Whether a worker may have a row of jobs; needs the parameter now.
CLAIMABLE = """(
    due_at <= %(now)s AND state IN ('waiting', 'queued', 'retrying', 'deferred')
    OR state = 'running' AND lease_until <= %(now)s
)"""

_CLAIM_DUE = f"""
WITH due AS (
    SELECT id, state FROM jobs
    WHERE queue = %(queue)s AND type = %(type)s AND state NOT IN ('done', 'dead') AND {CLAIMABLE}
      AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE jobs SET state = 'running', claim_token = %(token)s, lease_until = %(lease_until)s, started_at =
    %(now)s,
                    lost_leases = lost_leases + (due.state = 'running')::integer
    FROM due WHERE jobs.id = due.id
    RETURNING jobs.*
), told AS (
    INSERT INTO job_events (job_id, at, status, attempt)
    SELECT id, %(now)s, 'started', attempts + 1 FROM claimed
)
SELECT id, subject_id, recipient_id, type, queue, attempts, epoch, lost_leases, deferred_since, correlation_id
FROM claimed ORDER BY created_at, id
"""

_FINISH = """
WITH outcome AS (
    SELECT * FROM unnest(
        %(ids)s::uuid[], %(states)s::text[], %(spent)s::integer[], %(due)s::timestamptz[], %(reasons)s::text[]
    ) AS outcome (id, state, spent, due_at, reason)
), finished AS (
    UPDATE jobs SET
        state = outcome.state, claim_token = NULL, lease_until = NULL, reason = outcome.reason,
        attempts = attempts + outcome.spent, due_at = coalesce(outcome.due_at, jobs.due_at),
        deferred_since = CASE WHEN outcome.state = 'deferred' THEN coalesce(deferred_since, %(now)s) END,
        finished_at = CASE WHEN outcome.state IN ('done', 'dead') THEN %(now)s::timestamptz END
    FROM outcome WHERE jobs.id = outcome.id AND claim_token = %(token)s AND jobs.state = 'running'
    RETURNING jobs.id, jobs.state, jobs.attempts, jobs.reason, outcome.spent
), told AS (
    INSERT INTO job_events (job_id, at, status, attempt, detail)
    SELECT id, %(now)s, CASE state WHEN 'done' THEN 'completed' ELSE state END, attempts + 1 - spent, reason
    FROM finished
)
SELECT id FROM finished
"""

_DEFER_UNCLAIMED = f"""
WITH deferred AS (
    UPDATE jobs SET state = 'deferred', due_at = %(until)s, reason = %(reason)s,
                    deferred_since = coalesce(deferred_since, %(now)s), claim_token = NULL, lease_until = NULL
    WHERE queue = %(queue)s AND type = %(type)s AND state NOT IN ('done', 'dead') AND {CLAIMABLE}
      AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
    RETURNING id, attempts
), told AS (
    INSERT INTO job_events (job_id, at, status, attempt, detail)
    SELECT id, %(now)s, 'deferred', attempts + 1, %(reason)s FROM deferred
)
SELECT id FROM deferred
"""

_FIND = "SELECT id, epoch, state, due_at, lease_until FROM jobs WHERE id = ANY(%s)"

_TO_SEND = """
SELECT id, type, epoch, correlation_id FROM jobs
WHERE state NOT IN ('done', 'dead') AND (
    state = 'waiting' AND due_at <= %(fresh)s
    OR state IN ('queued', 'deferred') AND due_at <= %(now)s
    OR state = 'retrying' AND due_at <= %(stale)s
    OR state = 'running' AND lease_until <= %(now)s
) AND (sent_at IS NULL OR sent_at <= %(stale)s OR sent_at < due_at)
ORDER BY due_at LIMIT %(limit)s
"""

_MARK_SENT = """
WITH sent AS (
    SELECT id, state FROM jobs WHERE id = ANY(%(ids)s) AND state NOT IN ('done', 'dead') FOR UPDATE
), marked AS (
    UPDATE jobs SET sent_at = %(now)s,
                    state = CASE WHEN jobs.state = 'waiting' THEN 'queued' ELSE jobs.state END
    FROM sent WHERE jobs.id = sent.id
    RETURNING jobs.id, jobs.attempts, sent.state AS was
)
INSERT INTO job_events (job_id, at, status, attempt, detail)
SELECT id, %(now)s, 'queued', attempts + 1, 'sent by the relay' FROM marked WHERE was = 'waiting'
"""

_DEAD = """
SELECT id, type, attempts, finished_at, reason, correlation_id, epoch, subject_id, recipient_id FROM jobs
WHERE queue = %(queue)s AND state = 'dead'
  AND (%(before)s::timestamptz IS NULL
       OR (finished_at, id) < (%(before)s::timestamptz, %(before_id)s::uuid))
ORDER BY finished_at DESC, id DESC LIMIT %(limit)s
"""

_REDRIVE = """
WITH redriven AS (
    UPDATE jobs SET state = 'waiting', epoch = epoch + 1, attempts = 0, lost_leases = 0, due_at = %(now)s,
                    deferred_since = NULL, sent_at = NULL, reason = NULL, finished_at = NULL
    WHERE id IN (
        SELECT id FROM jobs WHERE queue = %(queue)s AND state = 'dead'
          AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
        ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    RETURNING id, type, correlation_id, epoch
), told AS (
    INSERT INTO job_events (job_id, at, status, attempt, detail)
    SELECT id, %(now)s, 'redriven', 1, %(detail)s FROM redriven
)
SELECT id, type, correlation_id, epoch FROM redriven
"""


def insert_parameters(jobs: Sequence[Any]) -> dict[str, Any]:
    """The job_* parameters of `INSERT` for *jobs* (`envelope.Job`)."""
    return {
        "job_ids": [job.id for job in jobs],
        "job_queues": [job.queue for job in jobs],
        "job_types": [job.type for job in jobs],
    }


def insert_once(database: Database, job: Any, *, subject_id: UUID, recipient_id: UUID, now: datetime) -> bool:
    """Make *job* (`envelope.Job`) for one person, unless there has ever been one with its id."""
    parameters = {
        "id": job.id,
        "queue": job.queue,
        "type": job.type,
        "subject_id": subject_id,
        "recipient_id": recipient_id,
        "correlation_id": job.correlation_id,
        "now": now,
    }
    return database.row(_INSERT_ONCE, parameters) is not None


def insert_children(
    transaction: Transaction, parent_id: UUID, children: Sequence[tuple[Any, UUID | None]], now: datetime
) -> None:
    """Make a job for each (`envelope.Job`, recipient) about the subject of *parent_id*."""
    parameters = {
        **insert_parameters([job for job, _ in children]),
        "recipient_ids": [recipient_id for _, recipient_id in children],
        "parent_id": parent_id,
        "now": now,
    }
    transaction.rows(_INSERT_CHILDREN, parameters)


def claim_due(
    database: Database,
    *,
    queue: str,
    job_type: str,
    token: UUID,
    now: datetime,
    lease_until: datetime,
    limit: int,
    ids: Sequence[UUID] | None = None,
) -> list[Row]:
    """Claim up to *limit* jobs (of *ids*, where given) that are due or lost their worker, oldest first."""
    parameters = {
        "queue": queue,
        "type": job_type,
        "token": token,
        "now": now,
        "lease_until": lease_until,
        "limit": limit,
        "ids": ids,
    }
    return database.rows(_CLAIM_DUE, parameters)


def finish(
    within: Database | Transaction, *, token: UUID, now: datetime, outcomes: Sequence[Any]
) -> set[UUID]:
    """Write *outcomes* (`outcome.Outcome`) of jobs that *token* still holds; returns the ids that it held."""
    parameters = {
        "token": token,
        "now": now,
        "ids": [outcome.job_id for outcome in outcomes],
        "states": [outcome.state for outcome in outcomes],
        "spent": [outcome.spent for outcome in outcomes],
        "due": [outcome.due_at for outcome in outcomes],
        "reasons": [outcome.reason for outcome in outcomes],
    }
    return {row["id"] for row in within.rows(_FINISH, parameters)}


def defer_due(
    database: Database,
    *,
    queue: str,
    job_type: str,
    now: datetime,
    until: datetime,
    reason: str,
    ids: Sequence[UUID] | None = None,
) -> int:
    """Defer what is due of *job_type* (only *ids*, where given); returns how many that were."""
    parameters = {"queue": queue, "type": job_type, "now": now, "until": until, "reason": reason, "ids": ids}
    return len(database.rows(_DEFER_UNCLAIMED, parameters))


_COUNT_DUE = f"SELECT count(*) AS due FROM jobs WHERE queue = %(queue)s AND type = %(type)s AND {CLAIMABLE}"


def count_due(database: Database, *, queue: str, job_type: str, now: datetime) -> int:
    """How many jobs of *job_type* a worker could claim now."""
    row = database.row(_COUNT_DUE, {"queue": queue, "type": job_type, "now": now})
    return int(row["due"]) if row else 0


def find(database: Database, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The present state of each job that exists."""
    return {row["id"]: row for row in database.rows(_FIND, [list(ids)])}


def to_send(database: Database, *, now: datetime, fresh: datetime, stale: datetime, limit: int) -> list[Row]:
    """Jobs that need a message: due, with a lost lease, or sent at *stale* or before in vain."""
    return database.rows(_TO_SEND, {"now": now, "fresh": fresh, "stale": stale, "limit": limit})


def mark_sent(database: Database, ids: Sequence[UUID], now: datetime) -> None:
    """Note that a message was sent for each job."""
    database.rows(_MARK_SENT, {"ids": list(ids), "now": now})


_COUNT_UNFINISHED = """
SELECT count(*) AS depth FROM (
    SELECT 1 FROM jobs WHERE queue = %s AND state NOT IN ('done', 'dead') LIMIT %s
) AS unfinished
"""


def count_unfinished(database: Database, queue: str, *, at_most: int) -> int:
    """How many jobs of *queue* are not finished; counting stops at *at_most*."""
    row = database.row(_COUNT_UNFINISHED, [queue, at_most])
    return int(row["depth"]) if row else 0


def list_dead(
    database: Database, queue: str, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Dead jobs of *queue*, the latest first, older than *before* (when and which)."""
    moment, job_id = before or (None, None)
    return database.rows(_DEAD, {"queue": queue, "before": moment, "before_id": job_id, "limit": limit})


def redrive(
    within: Database | Transaction,
    queue: str,
    *,
    ids: Sequence[UUID] | None,
    now: datetime,
    detail: str,
    limit: int,
) -> list[Row]:
    """
    Bring dead jobs of *queue* (only *ids*, where given) back to life in a new epoch with all their attempts.

    A message of an older epoch wakes nobody any more. Returns what `envelope.Job` takes.
    """
    parameters = {"queue": queue, "ids": ids, "now": now, "detail": detail, "limit": limit}
    return within.rows(_REDRIVE, parameters)
