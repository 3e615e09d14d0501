"""Exports in SQL: what was asked, how far the file is, and when it goes."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database, Row, Transaction

_COLUMNS = """
id, requested_by, filters, upload_id, parts, rows_written, position_at, position_id, created_at, expires_at,
completed_at
"""

_CREATE = f"""
WITH created AS (
    INSERT INTO exports (id, requested_by, filters, upload_id, created_at, expires_at)
    VALUES (%(id)s, %(requested_by)s, %(filters)s::jsonb, %(upload_id)s, %(now)s, %(expires_at)s)
    RETURNING id
), job_source AS (SELECT 'lead_export' AS type, id AS subject_id FROM created
)
{jobs.INSERT}
"""

# Each slice of a file is a job of its own, so the latest tells how the export does.
_STATE = """
(SELECT state FROM jobs WHERE subject_id = exports.id ORDER BY created_at DESC, id LIMIT 1) AS job_state
"""

# A file from before an erasure may hold the person, so it is over too.
_IS_OVER = "(expires_at <= %(now)s OR EXISTS (SELECT FROM erasures WHERE erasures.at > exports.created_at))"

_FIND = f"SELECT {_COLUMNS}, {_STATE} FROM exports WHERE id = %(id)s AND NOT {_IS_OVER}"

_UNDER_WAY = f"""
SELECT id FROM (
    SELECT id, created_at, {_STATE} FROM exports
    WHERE requested_by = %(requested_by)s AND filters = %(filters)s::jsonb
      AND completed_at IS NULL AND NOT {_IS_OVER}
) AS export
WHERE job_state IS DISTINCT FROM 'dead' ORDER BY created_at DESC LIMIT 1
"""

_ADVANCE = """
UPDATE exports SET parts = parts || %(tags)s::text[], rows_written = rows_written + %(rows)s,
                   position_at = %(position_at)s, position_id = %(position_id)s
WHERE id = %(id)s
"""

_COMPLETE = """
UPDATE exports SET filters = filters - 'search', rows_written = rows_written + %(rows)s,
                   completed_at = %(now)s, expires_at = %(expires_at)s
WHERE id = %(id)s
"""

_BEGIN_AGAIN = """
UPDATE exports SET upload_id = %(upload_id)s, parts = '{}', rows_written = 0,
                   position_at = NULL, position_id = NULL
WHERE id = %(id)s AND completed_at IS NULL
"""

_OVER = f"SELECT id, upload_id FROM exports WHERE {_IS_OVER} ORDER BY expires_at LIMIT %(limit)s"
_DELETE = "DELETE FROM exports WHERE id = %s"


def create(
    transaction: Transaction,
    *,
    export_id: UUID,
    requested_by: UUID,
    filters: dict[str, str],
    upload_id: str,
    job: Any,
    correlation_id: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep what was asked, with the *job* (`envelope.Job`) that writes the first slice of the file."""
    parameters = {
        "id": export_id,
        "requested_by": requested_by,
        "filters": json.dumps(filters),
        "upload_id": upload_id,
        "correlation_id": correlation_id,
        "now": now,
        "expires_at": expires_at,
        **jobs.insert_parameters([job]),
    }
    transaction.rows(_CREATE, parameters)


def find(database: Database, export_id: UUID, now: datetime) -> Row | None:
    """The export with the state of its latest job; None if there is none, or it is over."""
    return database.row(_FIND, {"id": export_id, "now": now})


def find_under_way(
    database: Database, requested_by: UUID, filters: dict[str, str], now: datetime
) -> UUID | None:
    """The unfinished export that *requested_by* has already asked for with the same *filters*."""
    parameters = {"requested_by": requested_by, "filters": json.dumps(filters), "now": now}
    row = database.row(_UNDER_WAY, parameters)
    return row["id"] if row else None


def advance(
    transaction: Transaction,
    export_id: UUID,
    *,
    tags: Sequence[str],
    rows: int,
    position: tuple[datetime, UUID],
) -> None:
    """Note the parts of a slice, and the last lead in them."""
    parameters = {"id": export_id, "tags": list(tags), "rows": rows}
    transaction.rows(_ADVANCE, {**parameters, "position_at": position[0], "position_id": position[1]})


def complete(
    transaction: Transaction, export_id: UUID, *, rows: int, now: datetime, expires_at: datetime
) -> None:
    """Note that the file is there; what was searched for is forgotten."""
    transaction.rows(_COMPLETE, {"id": export_id, "rows": rows, "now": now, "expires_at": expires_at})


def begin_again(database: Database, export_id: UUID, upload_id: str) -> None:
    """Forget all parts: another upload takes their place."""
    database.rows(_BEGIN_AGAIN, {"id": export_id, "upload_id": upload_id})


def list_over(database: Database, now: datetime, limit: int) -> list[Row]:
    """Exports whose time has passed, or since whose beginning somebody was erased."""
    return database.rows(_OVER, {"now": now, "limit": limit})


def delete(database: Database, export_id: UUID) -> None:
    """Forget an export."""
    database.rows(_DELETE, [export_id])
