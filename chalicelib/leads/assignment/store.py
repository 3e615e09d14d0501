"""
Giving leads away, in SQL.

The turn is a row that is locked before anybody is chosen, in a statement of its own: the one that chooses
then sees what the turns before it gave away, so two leads at once are two turns.
"""

from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

_MODE = """
SELECT settings.value #>> '{}' AS mode FROM settings, leads
WHERE key = 'leadAssignment' AND leads.id = %s
  AND leads.assigned_to IS NULL AND leads.erased_at IS NULL AND leads.merged_into IS NULL
"""
_TAKE_TURN = "SELECT last_id FROM lead_turn FOR UPDATE"
_MANAGERS = "SELECT id FROM users WHERE role = 'MANAGER' AND confirmed_at IS NOT NULL"
_NEXT = {
    "round_robin": f"""
        {_MANAGERS} ORDER BY coalesce(id > (SELECT last_id FROM lead_turn), true) DESC, id LIMIT 1
    """,
    "least_busy": f"""
        SELECT id FROM ({_MANAGERS}) AS manager ORDER BY (
            SELECT count(*) FROM leads
            WHERE assigned_to = manager.id AND status IN ('NEW', 'CONTACTED')
              AND merged_into IS NULL AND erased_at IS NULL
        ), coalesce(id > (SELECT last_id FROM lead_turn), true) DESC, id LIMIT 1
    """,
}
_GIVE = """
WITH chosen AS ({next}), given AS (
    UPDATE leads SET assigned_to = chosen.id FROM chosen
    WHERE leads.id = %(lead_id)s AND assigned_to IS NULL AND erased_at IS NULL AND merged_into IS NULL
    RETURNING assigned_to
)
UPDATE lead_turn SET last_id = given.assigned_to FROM given RETURNING given.assigned_to
"""


def find_mode(database: Database, lead_id: UUID) -> str | None:
    """How leads are given away; None if this one has somebody already, or cannot be worked on."""
    row: Row | None = database.row(_MODE, [lead_id])
    return None if row is None else row["mode"]


def take_turn(transaction: Transaction) -> None:
    """Wait until nobody else gives a lead away; until the commit it is our turn."""
    transaction.rows(_TAKE_TURN)


def give(transaction: Transaction, lead_id: UUID, mode: str) -> UUID | None:
    """Give the lead to whoever is next by *mode*; None if there is nobody, or somebody has it already."""
    row = transaction.row(_GIVE.format(next=_NEXT[mode]), {"lead_id": lead_id})
    return None if row is None else row["assigned_to"]
