"""`GET /admin/overview`."""

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.staff.overview import service
from chalicelib.staff.overview.models import Overview

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="GET",
        path="/admin/overview",
        summary="See how everything stands",
        description="Leads of the last 30 days (UTC), how soon they were called and what became of them, "
        "what waits now, queues, circuits, and the alerts of the last 24 hours, 20 at most.",
        answer=Overview,
        status=200,
        refusals=(),
        guard=Admission("SIGNED_IN", roles=STAFF),
    )
)
def read_overview(_call: Call) -> Answer:
    """The overview."""
    return Answer.of(service.overview())
