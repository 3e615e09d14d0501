"""What a scrape asks PostgreSQL: the unfinished jobs by their partial index, and who is connected."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.platform.postgres import Database, Row
from chalicelib.staff.queues.store import IDLE_AFTER, WAITS

_QUEUES = f"""
SELECT queue.name AS queue, unfinished.depth, unfinished.oldest_due_at, unfinished.oldest_caused_at,
       coalesce(unfinished.oldest_due_at <= %(idle_since)s, false) AND NOT EXISTS (
           SELECT FROM jobs WHERE queue = queue.name AND finished_at > %(idle_since)s
       ) AS stuck
FROM unnest(%(queues)s::text[]) AS queue (name)
CROSS JOIN LATERAL (
    SELECT count(*) AS depth, min(due_at) FILTER (WHERE {WAITS}) AS oldest_due_at,
           min(created_at) AS oldest_caused_at
    FROM jobs WHERE queue = queue.name AND state NOT IN ('done', 'dead')
) AS unfinished
"""
_CONNECTIONS = """
SELECT CASE WHEN state = 'active' THEN 'active' WHEN state LIKE 'idle in transaction%' THEN 'in_transaction'
            ELSE 'idle' END AS state,
       count(*) AS connections
FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user GROUP BY 1
"""


def queues(database: Database, names: Sequence[str], now: datetime) -> list[Row]:
    """Each queue's depth, when its oldest job was due and caused, and whether its worker stands still."""
    return database.rows(_QUEUES, {"queues": list(names), "now": now, "idle_since": now - IDLE_AFTER})


def connections(database: Database) -> list[Row]:
    """How many connections our role has, by state."""
    return database.rows(_CONNECTIONS)
