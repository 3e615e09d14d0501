"""
The fencing numbers in PostgreSQL: issued after a lease is taken, checked with the row locked by every write
under it.
"""

from chalicelib.platform.postgres import Database, Transaction

_ISSUE = """
INSERT INTO fences (name, number) VALUES (%(name)s, 1)
ON CONFLICT (name) DO UPDATE SET number = fences.number + 1
RETURNING number
"""
_HOLD = "SELECT 1 FROM fences WHERE name = %(name)s AND number = %(number)s FOR UPDATE"


class FenceLost(Exception):
    """A later holder has taken over; nothing may be written any more."""


def issue_fence(database: Database, name: str) -> int:
    """Issue the next fencing number of *name*; every earlier holder's writes are refused from now on."""
    row = database.row(_ISSUE, {"name": name})
    if row is None:
        raise RuntimeError("INSERT … RETURNING returned no row")
    return int(row["number"])


def hold_fence(transaction: Transaction, name: str, number: int) -> None:
    """
    Lock the fence's row for the rest of the transaction.

    Raises:
        FenceLost: *number* is not the latest any more; the transaction must roll back.
    """
    if transaction.row(_HOLD, {"name": name, "number": number}) is None:
        raise FenceLost(f"{name}: a later holder took over from {number}")
