"""Alerts in SQL: one row a kind, subject and window."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.platform.postgres import Database, Row

_ALERT = """
INSERT INTO alerts (kind, dedupe_key, subject, body, at, told_at) VALUES (%s, %s, %s, %s, %s, NULL)
ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
"""
_TOLD = "UPDATE alerts SET told_at = %s WHERE id = ANY(%s)"
_UNTOLD = """
SELECT id, kind, subject, body FROM alerts WHERE told_at IS NULL AND at > %s AND at <= %s ORDER BY at LIMIT %s
"""


def record_alert(
    database: Database, *, kind: str, dedupe_key: str, subject: str, body: str, now: datetime
) -> int | None:
    """Keep an alert and return its number, unless one with *dedupe_key* stands already."""
    row = database.row(_ALERT, [kind, dedupe_key, subject, body, now])
    return None if row is None else int(row["id"])


def mark_told(database: Database, ids: Sequence[int], now: datetime) -> None:
    """Note that these are on the topic."""
    database.rows(_TOLD, [now, list(ids)])


def find_untold(database: Database, *, since: datetime, until: datetime, limit: int) -> list[Row]:
    """Alerts of that time which the topic has not taken yet, the oldest first."""
    return database.rows(_UNTOLD, [since, until, limit])
