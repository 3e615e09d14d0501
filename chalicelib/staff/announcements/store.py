"""The one statement of an announcement."""

from typing import Any

from chalicelib.jobs import store as jobs
from chalicelib.platform.postgres import Database
from chalicelib.staff.audit import store as audit

_ANNOUNCE = f"""
WITH wanted AS (
    SELECT id, position FROM unnest(%(user_ids)s::uuid[]) WITH ORDINALITY AS wanted (id, position)
), missing AS (
    SELECT position FROM wanted LEFT JOIN users USING (id) WHERE users.id IS NULL
), announced AS (
    INSERT INTO announcements (id, title, content, channels, user_ids, created_by, created_at)
    SELECT %(id)s::uuid, %(title)s, %(content)s, %(channels)s::text[], %(user_ids)s::uuid[],
           (SELECT id FROM users WHERE id = %(actor_id)s), %(now)s  -- a token may outlive its account
    WHERE NOT EXISTS (SELECT FROM missing)
    RETURNING id
), job_source AS (
    SELECT 'announcement' AS type, id AS subject_id FROM announced
), queued AS ({jobs.INSERT}
), audit_source AS (
    SELECT 'announcements/' || id AS target, NULL::jsonb AS before, %(after)s::jsonb AS after FROM announced
), audited AS ({audit.INSERT}
)
SELECT coalesce(array_agg(position - 1 ORDER BY position), '{{}}') AS missing FROM missing
"""


def announce(database: Database, parameters: dict[str, Any]) -> list[int]:
    """
    Store an announcement, its job and its audit entry together, in one statement that commits by itself.

    Returns the places of `user_ids` that nobody has; nothing is stored then.
    """
    row = database.row(_ANNOUNCE, parameters)
    if row is None:
        raise RuntimeError("an aggregate without GROUP BY returned no row")
    return list(row["missing"])
