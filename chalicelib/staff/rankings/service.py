"""Has the rankings recalculated in the name of staff."""

from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Transaction, database
from chalicelib.rankings import service as rankings
from chalicelib.rankings.service import Run
from chalicelib.resilience.valkey import valkey
from chalicelib.staff.audit import service as audit


def recalculate(call: Call) -> Run:
    """
    Recalculate the rankings; the audit entry commits with the run.

    Raises:
        LockTimeout: another run is under way.
    """

    def tell(transaction: Transaction, run: Run) -> None:
        before = run.previous_run_id
        audit.record(
            transaction,
            call,
            "rankings.recalculated",
            target=f"rankings/{run.id}",
            before=None if before is None else {"runId": str(before)},
            after={"runId": str(run.id), "contractors": run.contractors},
            now=run.calculated_at,
        )

    return rankings.recalculate(database(), valkey(), tell)
