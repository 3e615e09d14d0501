"""Begins runs over the sheet in the name of staff, and tests the connection; the worker does the rest."""

from uuid import UUID

from chalicelib.guards.access import caller_of
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.room import check_room
from chalicelib.platform import clock
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings
from chalicelib.sheets.connection import check
from chalicelib.sheets.runs import service as runs
from chalicelib.staff.audit import service as audit
from chalicelib.staff.sheets.models import Connection


def start(call: Call, kind: str) -> UUID:
    """
    Begin a run of *kind*, or find the one that is under way; only a new one is audited.

    Raises:
        QueueFull: the sync queue has no room.
    """
    check_room("sync")
    with database().transaction() as transaction:
        run_id, job = runs.start(
            transaction, kind, correlation_id=call.correlation_id, started_by=caller_of(call).id
        )
        if job is not None:
            target = f"sheets/runs/{run_id}"
            audit.record(
                transaction,
                call,
                f"sheet.{kind}_started",
                target=target,
                before=None,
                after={"kind": kind},
                now=clock.now(),
            )
    if job is not None:
        dispatch([job], began_s=call.began_s)
    return run_id


def test_connection() -> Connection:
    """
    Ask Google for the tab now.

    Raises:
        ServiceUnavailable: the circuit is open, or Google does not answer.
    """
    rows, problem = check()
    return Connection(ok=problem is None, tab=settings().sheet_tab, rows=rows, problem=problem)
