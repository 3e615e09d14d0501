"""What the staff desk asks the ledger beside `jobs.store`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

# What waits for a worker: all that is unfinished, save what one holds under a lease that has not run out. A
# worker that died leaves its jobs running, and they wait like the others once their lease is over.
WAITS = "(state <> 'running' OR lease_until <= %(now)s)"
# One row a queue. `stuck`: something was due before *idle_since*, and nothing has been finished since then.
_FIGURES = f"""
SELECT queue.name, unfinished.*, finished.*, failures.failed, dead.dead,
       unfinished.oldest_due <= %(idle_since)s AND NOT finished.since_idle AS stuck
FROM unnest(%(queues)s::text[]) AS queue (name)
CROSS JOIN LATERAL (
    SELECT count(*) AS depth,
           count(*) FILTER (WHERE state = 'running') AS in_flight,
           count(*) FILTER (WHERE state IN ('retrying', 'deferred') AND due_at > %(now)s) AS delayed,
           min(due_at) FILTER (WHERE {WAITS}) AS oldest_due
    FROM jobs WHERE queue = queue.name AND state NOT IN ('done', 'dead')
) AS unfinished
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE finished_at > %(rate_since)s) AS finished,
           avg(extract(epoch FROM finished_at - started_at) * 1000)
               FILTER (WHERE state = 'done') AS average_ms,
           coalesce(bool_or(finished_at > %(idle_since)s), false) AS since_idle
    FROM jobs WHERE queue = queue.name AND finished_at > %(hour_ago)s
) AS finished
CROSS JOIN LATERAL (
    SELECT count(*) AS failed FROM job_events JOIN jobs ON jobs.id = job_id
    WHERE at > %(hour_ago)s AND status IN ('retrying', 'dead') AND jobs.queue = queue.name
) AS failures
CROSS JOIN LATERAL (SELECT count(*) AS dead FROM jobs WHERE queue = queue.name AND state = 'dead') AS dead
ORDER BY queue.name
"""
RATE_OVER = timedelta(minutes=5)
IDLE_AFTER = timedelta(seconds=120)
_STATE = "SELECT state FROM jobs WHERE id = %s AND queue = %s"
_COUNT_DEAD = "SELECT count(*) AS dead FROM jobs WHERE queue = %s AND state = 'dead'"


def figures(database: Database, queues: Sequence[str], now: datetime) -> list[Row]:
    """How each of *queues* stands: what is unfinished now, and what the last hour finished."""
    parameters = {
        "queues": list(queues),
        "now": now,
        "idle_since": now - IDLE_AFTER,
        "rate_since": now - RATE_OVER,
        "hour_ago": now - timedelta(hours=1),
    }
    return database.rows(_FIGURES, parameters)


def find_state(database: Database, queue: str, job_id: UUID) -> str | None:
    """The state of a job of *queue*; None if there is no such job."""
    row = database.row(_STATE, [job_id, queue])
    return None if row is None else str(row["state"])


def count_dead(transaction: Transaction, queue: str) -> int:
    """How many jobs of *queue* are dead."""
    row = transaction.row(_COUNT_DEAD, [queue])
    return int(row["dead"]) if row else 0
