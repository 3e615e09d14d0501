"""What the staff desk asks the ledger beside `jobs.store`."""

from uuid import UUID

from chalicelib.platform.postgres import Database, Transaction

_STATE = "SELECT state FROM jobs WHERE id = %s AND queue = %s"
_COUNT_DEAD = "SELECT count(*) AS dead FROM jobs WHERE queue = %s AND state = 'dead'"


def find_state(database: Database, queue: str, job_id: UUID) -> str | None:
    """The state of a job of *queue*; None if there is no such job."""
    row = database.row(_STATE, [job_id, queue])
    return None if row is None else str(row["state"])


def count_dead(transaction: Transaction, queue: str) -> int:
    """How many jobs of *queue* are dead."""
    row = transaction.row(_COUNT_DEAD, [queue])
    return int(row["dead"]) if row else 0
