"""Leads that nobody has looked at, in SQL: of the few that are NEW or held back, not of all."""

from datetime import datetime

from chalicelib.platform.postgres import Database, Row

_WAITING = "merged_into IS NULL AND erased_at IS NULL"
_SINCE = "coalesce(released_at, created_at)"
_MINUTES = "(SELECT (value #>> '{}')::integer FROM settings WHERE key = 'leadSlaMinutes')"
_OVERDUE = f"""
SELECT id, assigned_to, correlation_id FROM leads AS lead
WHERE status = 'NEW' AND {_WAITING} AND first_contact_at IS NULL
  AND {_SINCE} <= %(now)s - {_MINUTES} * interval '1 minute'
  AND NOT EXISTS (SELECT FROM alerts WHERE dedupe_key = %(prefix)s || lead.id || %(suffix)s)
ORDER BY {_SINCE} LIMIT %(limit)s
"""
_OLDEST_UNCALLED = f"""
SELECT min({_SINCE}) AS came_at FROM leads
WHERE status = 'NEW' AND {_WAITING} AND first_contact_at IS NULL
"""
_COUNT_HELD = f"SELECT count(*) AS held FROM leads WHERE status = 'QUARANTINED' AND {_WAITING}"


def list_overdue(database: Database, *, now: datetime, prefix: str, suffix: str, limit: int) -> list[Row]:
    """Leads that wait too long without an alert (its key: *prefix*, id, *suffix*), the oldest first."""
    parameters = {"now": now, "prefix": prefix, "suffix": suffix, "limit": limit}
    return database.rows(_OVERDUE, parameters)


def count_held(database: Database) -> int:
    """How many leads are held back."""
    row = database.row(_COUNT_HELD)
    return int(row["held"]) if row else 0


def oldest_uncalled_at(database: Database) -> datetime | None:
    """When the lead came, or was released, that has been without a first contact for longest."""
    row = database.row(_OLDEST_UNCALLED)
    return row["came_at"] if row else None
