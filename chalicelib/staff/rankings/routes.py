"""`POST /admin/rankings/recalculate`."""

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import LockTimeout
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.staff.rankings import service
from chalicelib.staff.rankings.models import Recalculated

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="POST",
        path="/admin/rankings/recalculate",
        summary="Judge every contractor anew",
        description="Done when it is answered. While another run is under way it waits for it, at most 5 s.",
        answer=Recalculated,
        status=202,
        refusals=(LockTimeout,),
        guard=Admission("SIGNED_IN", roles=STAFF),
    )
)
def recalculate(call: Call) -> Answer:
    """Recalculate the rankings now."""
    run = service.recalculate(call)
    told = Recalculated(
        run_id=run.id,
        calculated_at=run.calculated_at,
        contractors=run.contractors,
        weights_version=run.weights_version,
    )
    return Answer.of(told, status=202)
