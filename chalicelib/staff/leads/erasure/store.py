"""
Erasure in SQL: every field of a lead's submissions that tells of a person, and the record of it by id alone.

`UNKEPT` names the columns; a new column of `leads` that tells of a person belongs there.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chalicelib.platform.postgres import Database, Transaction

UNKEPT = ("name", "phone", "email", "content", "quote", "utm", "client_address", "ask")

_ERASE = f"""
WITH erased AS (
    UPDATE leads SET {", ".join(f"{column} = NULL" for column in UNKEPT)}, erased_at = %(now)s
    WHERE id = %(lead_id)s OR merged_into = %(lead_id)s
    RETURNING id
), unsaid AS (
    UPDATE lead_notes SET text = NULL WHERE lead_id IN (SELECT id FROM erased)
), recorded AS (
    INSERT INTO erasures (target, at, cause) SELECT 'leads/' || id, %(now)s, %(cause)s FROM erased
    ON CONFLICT (target) DO NOTHING
)
SELECT id FROM erased ORDER BY id = %(lead_id)s DESC, id
"""
# A lead is kept from the last thing that was sent or done about it.
_UNTOUCHED_SINCE = """
(SELECT id, created_at FROM leads AS lead
WHERE merged_into IS NULL AND erased_at IS NULL AND created_at <= {since} AND {which}
  AND NOT EXISTS (
      SELECT FROM leads AS joined WHERE joined.merged_into = lead.id AND joined.created_at > {since}
  )
  AND NOT EXISTS (SELECT FROM lead_status_changes WHERE lead_id = lead.id AND at > {since})
  AND NOT EXISTS (SELECT FROM lead_notes WHERE lead_id = lead.id AND at > {since})
ORDER BY created_at LIMIT %(limit)s)
"""
_OVER = f"""
{_UNTOUCHED_SINCE.format(since="%(before)s", which="true")}
UNION
{_UNTOUCHED_SINCE.format(since="%(spam_before)s", which="status = 'SPAM'")}
ORDER BY created_at LIMIT %(limit)s
"""
_FORGET_SLOTS = """
DELETE FROM lead_slots WHERE ctid IN (
    SELECT ctid FROM lead_slots WHERE opened_at <= %s ORDER BY opened_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING 1
"""
_DAYS = "SELECT key, (value #>> '{}')::integer AS days FROM settings WHERE key = ANY(%s)"
_FIND_UNERASED = """
SELECT coalesce(merged_into, id) AS id FROM leads WHERE id = ANY(%s) AND erased_at IS NULL
"""


def erase(transaction: Transaction, lead_id: UUID, *, now: datetime, cause: str) -> list[UUID]:
    """Forget the people of the locked lead's submissions; returns their ids, the lead's own first."""
    parameters = {"lead_id": lead_id, "now": now, "cause": cause}
    return [row["id"] for row in transaction.rows(_ERASE, parameters)]


def list_over(database: Database, *, before: datetime, spam_before: datetime, limit: int) -> list[UUID]:
    """Leads whose people need not be known any longer, the oldest first."""
    parameters = {"before": before, "spam_before": spam_before, "limit": limit}
    return [row["id"] for row in database.rows(_OVER, parameters)]


def delete_slots(database: Database, before: datetime, at_most: int) -> int:
    """Delete up to *at_most* slots that nothing can join any more, and return how many that were."""
    return len(database.rows(_FORGET_SLOTS, [before, at_most]))


def retention_days(database: Database, keys: Sequence[str]) -> dict[str, int]:
    """What the settings *keys* say."""
    return {row["key"]: row["days"] for row in database.rows(_DAYS, [list(keys)])}
