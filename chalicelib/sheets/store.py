"""
The sheet's ledger in SQL: which lead has which row, which version stands there, and what may still be on
its way.

Google cannot check a fence, so the rows and the fence of a call are committed as in flight before it; what
an older fence left in flight is found here by its successor.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

_COLUMNS = "lead_id, row_number, version, written_version, in_flight_version"
_RAISE = f"""
INSERT INTO sheet_rows AS row (lead_id) SELECT unnest(%s::uuid[])
ON CONFLICT (lead_id) DO UPDATE SET version = row.version + 1 WHERE row.moved_at IS NULL
RETURNING {_COLUMNS}
"""
_LEFT_IN_FLIGHT = f"""
SELECT {_COLUMNS} FROM sheet_rows WHERE in_flight_fence < %s AND moved_at IS NULL
ORDER BY row_number LIMIT %s FOR UPDATE
"""
_ALLOT = """
INSERT INTO sheets (spreadsheet_id, tab, next_row) VALUES (%(spreadsheet_id)s, %(tab)s, 2 + %(count)s)
ON CONFLICT (spreadsheet_id, tab) DO UPDATE SET next_row = sheets.next_row + %(count)s
RETURNING next_row - %(count)s AS first_row
"""
_NUMBER = """
UPDATE sheet_rows SET row_number = fresh.row_number
FROM (SELECT lead_id, %(first)s + position - 1 AS row_number
      FROM unnest(%(lead_ids)s::uuid[]) WITH ORDINALITY AS one (lead_id, position)) AS fresh
WHERE sheet_rows.lead_id = fresh.lead_id
"""
_TAKE_OFF = """
UPDATE sheet_rows SET in_flight_version = version, in_flight_fence = %(fence)s,
                      rewrite_at = coalesce(%(rewrite_at)s, rewrite_at)
WHERE lead_id = ANY(%(lead_ids)s)
"""
_LANDED = """
UPDATE sheet_rows SET written_version = in_flight_version, in_flight_version = NULL, in_flight_fence = NULL
WHERE lead_id = ANY(%s) AND in_flight_fence = %s
"""
_NEVER_LEFT = """
UPDATE sheet_rows SET in_flight_version = NULL, in_flight_fence = NULL WHERE lead_id = ANY(%s) AND
in_flight_fence = %s
"""
_MOVED = """
UPDATE sheet_rows SET moved_at = %s, in_flight_version = NULL, in_flight_fence = NULL WHERE lead_id = ANY(%s)
"""
_GIVE_UP_NUMBER = (
    "UPDATE sheet_rows SET row_number = NULL WHERE lead_id = ANY(%s) AND in_flight_fence IS NULL"
)
# The latest submission's words, and how many there were: merged ones are kept as leads of their own.
_CONTENTS = """
SELECT lead.id, lead.created_at, lead.status, lead.source, lead.phone, lead.locale, lead.utm, lead.erased_at,
       lead.merged_into, latest.name, latest.email, latest.content, latest.quote,
       1 + (SELECT count(*) FROM leads AS merged WHERE merged.merged_into = lead.id) AS submissions
FROM leads AS lead CROSS JOIN LATERAL (
    SELECT name, email, content, quote FROM leads AS submission
    WHERE submission.id = lead.id OR submission.merged_into = lead.id
    ORDER BY submission.created_at DESC, submission.id LIMIT 1
) AS latest
WHERE lead.id = ANY(%s)
"""
_PROMOTE = """
WITH due AS (
    UPDATE sheet_rows SET rewrite_at = NULL
    WHERE lead_id IN (
        SELECT lead_id FROM sheet_rows WHERE rewrite_at <= %(now)s AND moved_at IS NULL LIMIT %(limit)s
    )
    RETURNING lead_id
)
INSERT INTO jobs (id, queue, type, subject_id, state, due_at, correlation_id, created_at, reason)
SELECT gen_random_uuid(), 'sync', 'google_sheets', lead_id, 'waiting', %(now)s, %(correlation_id)s, %(now)s,
       'written again: an older call may have landed late'
FROM due RETURNING id
"""


def raise_versions(transaction: Transaction, lead_ids: Sequence[UUID]) -> list[Row]:
    """Raise the version of each lead's row, as its job asks, and return the rows in that order."""
    rows = {row["lead_id"]: row for row in transaction.rows(_RAISE, [list(lead_ids)])}
    return [rows[lead_id] for lead_id in lead_ids if lead_id in rows]


def left_in_flight(transaction: Transaction, fence: int, limit: int) -> list[Row]:
    """Rows that an older fence sent and never confirmed, locked."""
    return transaction.rows(_LEFT_IN_FLIGHT, [fence, limit])


def allot_rows(transaction: Transaction, *, spreadsheet_id: str, tab: str, count: int) -> int:
    """Take *count* fresh row numbers and return the first; they are never given away again."""
    row = transaction.row(_ALLOT, {"spreadsheet_id": spreadsheet_id, "tab": tab, "count": count})
    if row is None:
        raise RuntimeError("INSERT … RETURNING returned no row")
    return int(row["first_row"])


def number_rows(transaction: Transaction, lead_ids: Sequence[UUID], first: int) -> None:
    """Give *lead_ids* the numbers from *first* on."""
    transaction.rows(_NUMBER, {"lead_ids": list(lead_ids), "first": first})


def take_off(
    transaction: Transaction, *, fence: int, lead_ids: Sequence[UUID], rewrite_at: datetime | None
) -> None:
    """
    Commit that these rows go on their way under *fence*, to be written again at *rewrite_at* where that is
    given.
    """
    parameters = {"fence": fence, "lead_ids": list(lead_ids), "rewrite_at": rewrite_at}
    transaction.rows(_TAKE_OFF, parameters)


def contents(transaction: Transaction, lead_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """What the rows of *lead_ids* should say; read after their versions, so never older than them."""
    return {row["id"]: row for row in transaction.rows(_CONTENTS, [list(lead_ids)])}


def landed(transaction: Transaction, lead_ids: Sequence[UUID], fence: int) -> None:
    """These rows stand in the sheet as they were sent under *fence*."""
    transaction.rows(_LANDED, [list(lead_ids), fence])


def never_left(within: Transaction | Database, lead_ids: Sequence[UUID], fence: int) -> None:
    """The call was refused, so nothing of it can land later."""
    within.rows(_NEVER_LEFT, [list(lead_ids), fence])


def mark_moved(transaction: Transaction, lead_ids: Sequence[UUID], now: datetime) -> None:
    """Another's id stands where these leads' rows should be: leave them alone until someone reconciles."""
    transaction.rows(_MOVED, [now, list(lead_ids)])


def give_up_number(transaction: Transaction, lead_ids: Sequence[UUID]) -> None:
    """Something stands where these rows, never sent, were to go: their next run is given other numbers."""
    transaction.rows(_GIVE_UP_NUMBER, [list(lead_ids)])


def promote_rewrites(database: Database, *, now: datetime, correlation_id: str, limit: int) -> int:
    """Make a job for every row that is due to be written again; returns how many."""
    return len(database.rows(_PROMOTE, {"now": now, "correlation_id": correlation_id, "limit": limit}))
