"""Sessions in SQL. What changes one is written under the fence of its account; what ends one needs none."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.guards import store as guards
from chalicelib.platform.postgres import Database, Row, Transaction

_BEGIN = f"""
WITH not_failed AS ({guards.TAKE_BACK_FAILURE}
), former AS (
    UPDATE sessions SET ended_at = %(now)s, ended_by = 'sign_in' WHERE id = %(former_id)s AND ended_at IS NULL
)
INSERT INTO sessions (id, user_id, epoch, began_at, used_at, ends_at)
SELECT %(session_id)s::uuid, id, sessions_epoch, %(now)s, %(now)s, %(ends_at)s
FROM users WHERE id = %(user_id)s AND password_hash = %(password_hash)s
RETURNING id
"""
_OWNER = "SELECT user_id FROM sessions WHERE id = %s AND ended_at IS NULL"
_LOCK = """
SELECT session.generation, session.rotated_at, session.used_at, session.ends_at, session.ended_at,
       session.epoch = users.sessions_epoch AS is_of_this_epoch,
       users.id, users.email, users.name, users.role
FROM sessions AS session JOIN users ON users.id = session.user_id
WHERE session.id = %s FOR UPDATE OF session
"""
_EXCHANGE = """
UPDATE sessions SET generation = generation + 1, used_at = %(now)s,
                    rotated_at = %(rotated_at)s::timestamptz[] || %(now)s::timestamptz
WHERE id = %(id)s
"""
_END = "UPDATE sessions SET ended_at = %(now)s, ended_by = %(by)s WHERE id = %(id)s AND ended_at IS NULL"
_DELETE_OVER = """
DELETE FROM sessions WHERE ctid IN (SELECT ctid FROM sessions WHERE ends_at <= %s ORDER BY ends_at LIMIT %s)
RETURNING 1
"""


def begin(database: Database, parameters: dict[str, Any]) -> bool:
    """
    Begin a session, end the one that the browser had, and take the failure back, in one round trip.

    False when the password has been changed since it was verified.
    """
    return database.row(_BEGIN, parameters) is not None


def find_owner(database: Database, session_id: UUID) -> UUID | None:
    """Whose session it is; None when there is none, or it has ended."""
    row = database.row(_OWNER, [session_id])
    return row["user_id"] if row else None


def lock(transaction: Transaction, session_id: UUID) -> Row | None:
    """The session with its account, locked for the rest of the transaction."""
    return transaction.row(_LOCK, [session_id])


def exchange(
    transaction: Transaction, session_id: UUID, now: datetime, *, rotated_at: list[datetime]
) -> None:
    """Go on to the next generation; *rotated_at* are the earlier exchanges that a grace still covers."""
    transaction.rows(_EXCHANGE, {"id": session_id, "now": now, "rotated_at": rotated_at})


def end(owner: Database | Transaction, session_id: UUID, now: datetime, *, by: str) -> None:
    """End the session, and all of its tokens, unless it has ended."""
    owner.rows(_END, {"id": session_id, "now": now, "by": by})


def delete_over(database: Database, now: datetime, at_most: int) -> int:
    """Delete up to *at_most* sessions whose time has passed, and return how many that were."""
    return len(database.rows(_DELETE_OVER, [now, at_most]))
