"""Alerts in SQL."""

from datetime import datetime

from chalicelib.platform.postgres import Database, Row

_LIST = """
SELECT id, at, kind, subject, body FROM alerts
WHERE %(before)s::timestamptz IS NULL OR (at, id) < (%(before)s::timestamptz, %(before_id)s::numeric)
ORDER BY at DESC, id DESC LIMIT %(limit)s
"""


def list_alerts(database: Database, *, before: tuple[datetime, int] | None, limit: int) -> list[Row]:
    """The alerts, the latest first, older than *before* (when and which)."""
    moment, alert_id = before or (None, None)
    return database.rows(_LIST, {"before": moment, "before_id": alert_id, "limit": limit})
