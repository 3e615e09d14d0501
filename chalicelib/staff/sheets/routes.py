"""`/admin/sheets`: backfill, reconcile, adopt, their runs, and the test of the connection."""

from uuid import UUID

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import NotFound, QueueFull, ServiceUnavailable
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import id_in_address, page_of, position_in, query_of
from chalicelib.platform.postgres import database
from chalicelib.sheets.runs import store
from chalicelib.staff.sheets import service
from chalicelib.staff.sheets.models import Connection, Finding, RunAccepted, RunDetail, RunPage, RunView

api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=STAFF)
_PAGE, _FINDINGS = 50, 200
_QUERY = {"cursor": "The nextCursor of the page before."}


@api.operation(
    Operation(
        method="POST",
        path="/admin/sheets/backfill",
        summary="Write every lead to the sheet again",
        description="In calls of 100 rows, new leads first; while a backfill is under way it is that one.",
        answer=RunAccepted,
        status=202,
        refusals=(QueueFull,),
        guard=_guard,
    )
)
def backfill(call: Call) -> Answer:
    """Begin a backfill."""
    return Answer.of(RunAccepted(run_id=service.start(call, "backfill")), status=202)


@api.operation(
    Operation(
        method="POST",
        path="/admin/sheets/reconcile",
        summary="Compare the sheet with our ledger",
        description="Missing rows are written again; moved, doubled and foreign ones are reported and left "
        "alone. It happens each night, too.",
        answer=RunAccepted,
        status=202,
        refusals=(QueueFull,),
        guard=_guard,
    )
)
def reconcile(call: Call) -> Answer:
    """Begin a reconciliation."""
    return Answer.of(RunAccepted(run_id=service.start(call, "reconcile")), status=202)


@api.operation(
    Operation(
        method="POST",
        path="/admin/sheets/adopt",
        summary="Take over where people moved rows to",
        description="A reconciliation after which a moved row is ours in its new place, and written there.",
        answer=RunAccepted,
        status=202,
        refusals=(QueueFull,),
        guard=_guard,
    )
)
def adopt(call: Call) -> Answer:
    """Begin a reconciliation that adopts."""
    return Answer.of(RunAccepted(run_id=service.start(call, "adopt")), status=202)


@api.operation(
    Operation(
        method="GET",
        path="/admin/sheets/runs",
        summary="List runs over the sheet",
        answer=RunPage,
        status=200,
        refusals=(),
        guard=_guard,
        query=_QUERY,
    )
)
def list_runs(call: Call) -> Answer:
    """Runs, the latest first."""
    found = store.list_runs(database(), before=position_in(query_of(call), UUID), limit=_PAGE + 1)
    rows, cursor = page_of(found, _PAGE, lambda row: (row["created_at"], row["id"]))
    return Answer.of(RunPage(items=[RunView(**row) for row in rows], next_cursor=cursor))


@api.operation(
    Operation(
        method="GET",
        path="/admin/sheets/runs/{id}",
        summary="Follow a run",
        description="While the circuit of the sheet is open it stays running, and waits.",
        answer=RunDetail,
        status=200,
        refusals=(NotFound,),
        guard=_guard,
    )
)
def read_run(_call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """One run with what it found."""
    row = store.find(database(), id_in_address(id))
    if row is None:
        raise NotFound("There is no such run; runs are kept for 90 days.")
    findings = [Finding(**each) for each in store.list_findings(database(), row["id"], _FINDINGS)]
    return Answer.of(RunDetail(findings=findings, **row))


@api.operation(
    Operation(
        method="POST",
        path="/admin/sheets/check",
        summary="Test the connection to the sheet",
        answer=Connection,
        status=200,
        refusals=(ServiceUnavailable,),
        guard=_guard,
    )
)
def check(_call: Call) -> Answer:
    """Ask Google now."""
    return Answer.of(service.test_connection())
