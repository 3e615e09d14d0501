"""`GET /admin/alerts`."""

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import page_of, position_in, query_of
from chalicelib.platform.postgres import database
from chalicelib.staff.alerts import store
from chalicelib.staff.alerts.models import AlertPage, AlertView

api = ApiBlueprint(__name__)
_PAGE = 100


@api.operation(
    Operation(
        method="GET",
        path="/admin/alerts",
        summary="List the alerts that were raised",
        answer=AlertPage,
        status=200,
        refusals=(),
        guard=Admission("SIGNED_IN", roles=STAFF),
        query={"cursor": "The nextCursor of the page before."},
    )
)
def list_alerts(call: Call) -> Answer:
    """The alerts, the latest first."""
    before = position_in(query_of(call), int)
    found = store.list_alerts(database(), before=before, limit=_PAGE + 1)
    rows, cursor = page_of(found, _PAGE, lambda row: (row["at"], row["id"]))
    return Answer.of(AlertPage(items=[AlertView(**row) for row in rows], next_cursor=cursor))
