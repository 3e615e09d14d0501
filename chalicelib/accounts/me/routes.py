"""`GET /me`, `GET /me/export` and `DELETE /me`."""

from chalicelib.accounts import service as accounts
from chalicelib.accounts.me import service
from chalicelib.accounts.me.models import Export
from chalicelib.accounts.models import Me
from chalicelib.accounts.sessions import cookie
from chalicelib.guards.access import EVERYBODY, caller_of
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Conflict
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="GET",
        path="/me",
        summary="Read one's own account",
        answer=Me,
        status=200,
        refusals=(),
        guard=Admission("SIGNED_IN", roles=EVERYBODY),
    )
)
def read_me(call: Call) -> Answer:
    """The caller's account."""
    return Answer.of(accounts.get_me(caller_of(call).id))


@api.operation(
    Operation(
        method="GET",
        path="/me/export",
        summary="Export all that is kept of oneself",
        answer=Export,
        status=200,
        refusals=(),
        guard=Admission("SIGNED_IN", roles=EVERYBODY),
    )
)
def export(call: Call) -> Answer:
    """The account and all that hangs on it, as a file."""
    disposition = 'attachment; filename="plumbline-export.json"'
    return Answer.of(service.export(caller_of(call).id), headers={"Content-Disposition": disposition})


@api.operation(
    Operation(
        method="DELETE",
        path="/me",
        summary="Erase one's own account",
        description="For good: with its sessions, links and notifications, and a contractor's place in the "
        "rankings. Audited, without a value.",
        answer=None,
        status=204,
        refusals=(Conflict,),
        guard=Admission("SIGNED_IN", roles=EVERYBODY),
    )
)
def erase(call: Call) -> Answer:
    """Erase the caller's account."""
    service.erase(caller_of(call).id, call.correlation_id)
    return Answer(204, cookies=[cookie.CLEARED])
