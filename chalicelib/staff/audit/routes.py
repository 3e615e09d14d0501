"""`GET /admin/audit`."""

from uuid import UUID

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import page_of, position_in, query_of
from chalicelib.platform.postgres import Row, database
from chalicelib.staff.audit import store
from chalicelib.staff.audit.models import Actor, AuditEntry, AuditPage

api = ApiBlueprint(__name__)
_PAGE = 50


@api.operation(
    Operation(
        method="GET",
        path="/admin/audit",
        summary="List what staff did",
        answer=AuditPage,
        status=200,
        refusals=(),
        guard=Admission("SIGNED_IN", roles=STAFF),
        query={"cursor": "The nextCursor of the page before."},
    )
)
def list_entries(call: Call) -> Answer:
    """The actions of staff, the latest first."""
    before = position_in(query_of(call), UUID)
    found = store.list_entries(database(), before=before, limit=_PAGE + 1)
    rows, cursor = page_of(found, _PAGE, lambda row: (row["at"], row["id"]))
    return Answer.of(AuditPage(items=[_entry(row) for row in rows], next_cursor=cursor))


def _entry(row: Row) -> AuditEntry:
    actor = Actor(id=row["actor_id"], email=row["actor_email"], role=row["actor_role"])
    return AuditEntry(actor=actor, **row)
