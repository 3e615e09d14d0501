"""Alerts in SQL: one row a kind, subject and window."""

from datetime import datetime

from chalicelib.platform.postgres import Database

_ALERT = """
INSERT INTO alerts (kind, dedupe_key, subject, body, at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
"""


def record_alert(
    database: Database, *, kind: str, dedupe_key: str, subject: str, body: str, now: datetime
) -> bool:
    """Keep an alert, unless one with *dedupe_key* stands already; True when it is new."""
    return database.row(_ALERT, [kind, dedupe_key, subject, body, now]) is not None
