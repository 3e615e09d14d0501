"""
What staff change of a lead, in SQL; each is called with the lead locked by `journal.service`.

A slot names the lead that the next submission of its phone and source joins, so whatever ends a lead's time
as NEW ends its slots.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.platform.postgres import Transaction

_IS_STAFF = """
SELECT id FROM users WHERE id = %s AND role IN ('ADMIN', 'MANAGER') AND confirmed_at IS NOT NULL FOR KEY SHARE
"""
_ASSIGN = "UPDATE leads SET assigned_to = %s WHERE id = %s"
_NOTE = """
INSERT INTO lead_notes (id, lead_id, at, by_id, by_role, text)
VALUES (gen_random_uuid(), %(lead_id)s, %(now)s, %(by_id)s, %(by_role)s, %(text)s)
"""
_SLOTS_OF = """lead_id = %(lead_id)s AND (phone, source) IN (
    SELECT phone, source FROM leads WHERE id = %(lead_id)s OR merged_into = %(lead_id)s
)"""
_CLOSE_SLOTS = f"DELETE FROM lead_slots WHERE {_SLOTS_OF}"
_HAND_SLOTS_ON = f"UPDATE lead_slots SET lead_id = %(primary_id)s WHERE {_SLOTS_OF}"
_OPEN_SLOT = """
INSERT INTO lead_slots AS slot (phone, source, lead_id, opened_at, asked)
SELECT phone, source, id, %(now)s, array_remove(ARRAY[ask], NULL) FROM leads WHERE id = %(lead_id)s
ON CONFLICT (phone, source) DO UPDATE SET
    lead_id = excluded.lead_id, opened_at = excluded.opened_at, asked = excluded.asked
WHERE slot.opened_at <= %(merge_after)s
"""
_RELEASED = "UPDATE leads SET released_at = %s WHERE id = %s"
_MERGE = """
UPDATE leads SET merged_into = %(primary_id)s,
                 merged_at = CASE WHEN id = %(other_id)s THEN %(now)s ELSE merged_at END
WHERE id = %(other_id)s OR merged_into = %(other_id)s
RETURNING id
"""
_TAKE_OVER = """
UPDATE leads SET
    first_contact_at = least(leads.first_contact_at, other.first_contact_at),
    assigned_to = coalesce(leads.assigned_to, other.assigned_to)
FROM leads AS other WHERE leads.id = %(primary_id)s AND other.id = %(other_id)s
"""


def is_staff(transaction: Transaction, user_id: UUID) -> bool:
    """Whether *user_id* is somebody to whom a lead can be given; they stay until the commit."""
    return transaction.row(_IS_STAFF, [user_id]) is not None


def assign(transaction: Transaction, lead_id: UUID, user_id: UUID | None) -> None:
    """Give the lead to *user_id*, or to nobody."""
    transaction.rows(_ASSIGN, [user_id, lead_id])


def note(transaction: Transaction, parameters: dict[str, Any]) -> None:
    """Keep what somebody says of the lead."""
    transaction.rows(_NOTE, parameters)


def close_slots(transaction: Transaction, lead_id: UUID) -> None:
    """Let nothing join the lead any more; a submission that is joining it now is waited for."""
    transaction.rows(_CLOSE_SLOTS, {"lead_id": lead_id})


def hand_slots_on(transaction: Transaction, lead_id: UUID, primary_id: UUID) -> None:
    """Let what would have joined the lead join *primary_id*."""
    transaction.rows(_HAND_SLOTS_ON, {"lead_id": lead_id, "primary_id": primary_id})


def open_slot(transaction: Transaction, lead_id: UUID, *, now: datetime, merge_after: datetime) -> None:
    """Let submissions join the lead from now on, unless another's slot stands open for them."""
    transaction.rows(_OPEN_SLOT, {"lead_id": lead_id, "now": now, "merge_after": merge_after})


def mark_released(transaction: Transaction, lead_id: UUID, now: datetime) -> None:
    """Note when the lead was let out of quarantine."""
    transaction.rows(_RELEASED, [now, lead_id])


def merge(transaction: Transaction, *, primary_id: UUID, other_id: UUID, now: datetime) -> int:
    """Let *other_id* and all its submissions be submissions of *primary_id*; returns how many they are."""
    parameters = {"primary_id": primary_id, "other_id": other_id, "now": now}
    transaction.rows(_TAKE_OVER, parameters)
    return len(transaction.rows(_MERGE, parameters))
