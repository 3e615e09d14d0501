"""`GET /admin/staff`."""

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.postgres import database
from chalicelib.staff.people import store
from chalicelib.staff.people.models import StaffList, StaffMember

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="GET",
        path="/admin/staff",
        summary="List staff",
        description="Managers and administrators with a confirmed address: a lead can be given to them.",
        answer=StaffList,
        status=200,
        refusals=(),
        guard=Admission("SIGNED_IN", roles=STAFF),
    )
)
def list_staff(_call: Call) -> Answer:
    """Staff by name."""
    return Answer.of(StaffList(items=[StaffMember(**row) for row in store.list_staff(database())]))
