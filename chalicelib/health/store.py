"""The one statement of the health check."""

from datetime import datetime

from chalicelib.platform.postgres import Database, Row

_QUEUES = """
SELECT queue, count(*) AS depth, min(due_at) FILTER (WHERE state <> 'deferred') AS oldest_due_at
FROM jobs WHERE state NOT IN ('done', 'dead') GROUP BY queue
"""
_STUCK = "SELECT 1 FROM jobs WHERE finished_at > %s AND queue = %s LIMIT 1"


def queue_depths(database: Database) -> list[Row]:
    """Depth and oldest due instant of each queue that has unfinished jobs."""
    return database.rows(_QUEUES)


def has_finished_since(database: Database, queue: str, since: datetime) -> bool:
    """Whether any job of *queue* ended after *since*."""
    return database.row(_STUCK, [since, queue]) is not None
