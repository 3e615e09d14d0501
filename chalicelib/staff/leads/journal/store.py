"""
Leads under a lock, and the jobs of their changes, in SQL.

The lock is FOR NO KEY UPDATE: it keeps other changes out, and lets a submission refer to the lead while it
holds the slot that a change may be waiting for. Slots come after leads, always.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Row, Transaction

_PRIMARIES = "SELECT id, coalesce(merged_into, id) AS primary_id FROM leads WHERE id = ANY(%s)"
_LOCK = """
SELECT id, status, source, phone, email, quote IS NOT NULL AS has_quote, ask, assigned_to, first_contact_at,
       merged_into, erased_at
FROM leads WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
_MOVE = """
WITH moved AS (
    UPDATE leads SET status = %(to)s, first_contact_at = CASE
        WHEN %(to)s IN ('CONTACTED', 'CONVERTED') THEN coalesce(first_contact_at, %(now)s)
        ELSE first_contact_at END
    WHERE id = %(lead_id)s RETURNING id
)
INSERT INTO lead_status_changes (lead_id, at, by_id, by_role, from_status, to_status)
SELECT id, %(now)s, %(by_id)s, %(by_role)s, %(from)s, %(to)s FROM moved
"""
# What is for people happens once in a lead's life; and what has no row in the sheet (held back, or merged on
# arrival) gets none by being changed.
_JOBS = f"""
WITH job_source AS (
    SELECT wanted.type, lead.id AS subject_id
    FROM leads AS lead, unnest(%(job_types)s::text[]) AS wanted (type)
    CROSS JOIN LATERAL (SELECT EXISTS (
        SELECT FROM jobs WHERE subject_id = %(lead_id)s AND type = wanted.type AND recipient_id IS NULL
    ) AS was) AS before
    WHERE lead.id = %(lead_id)s AND CASE
        WHEN wanted.type = 'google_sheets'
            THEN before.was OR lead.merged_into IS NULL AND lead.status NOT IN ('QUARANTINED', 'SPAM')
        WHEN wanted.type IN ('lead_notice', 'quotation', 'notification') THEN NOT before.was
        ELSE true END
)
{jobs.INSERT}
"""


def find_primaries(transaction: Transaction, lead_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The primary of each of *lead_ids* that there is; its own id where it was not merged."""
    return {row["id"]: row["primary_id"] for row in transaction.rows(_PRIMARIES, [list(lead_ids)])}


def lock(transaction: Transaction, lead_ids: Sequence[UUID]) -> dict[UUID | None, Row]:
    """Those leads as they stand now, by id, locked in the order of ids."""
    return {row["id"]: row for row in transaction.rows(_LOCK, [list(lead_ids)])}


def move(transaction: Transaction, parameters: dict[str, Any]) -> None:
    """Change a lead's status, with its line in the history."""
    transaction.rows(_MOVE, parameters)


def insert_jobs(transaction: Transaction, parameters: dict[str, Any]) -> set[UUID]:
    """Make those of the jobs that are due by the lead's past; returns their ids."""
    return {row["id"] for row in transaction.rows(_JOBS, parameters)}
