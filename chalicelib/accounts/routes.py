"""Signing in, and one's own account."""

from chalicelib.accounts import service
from chalicelib.accounts.models import Credentials, Me, SignedIn
from chalicelib.guards.access import EVERYBODY, caller_of
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Unauthenticated
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="POST",
        path="/auth/login",
        summary="Sign in",
        description="The access token goes into `Authorization: Bearer …` and is valid for 15 minutes. The "
        "refusal is the same for every reason; after 10 failures in 15 minutes the right one gets it too.",
        answer=SignedIn,
        status=200,
        refusals=(Unauthenticated,),
        guard=Admission("LOGIN"),
        body=Credentials,
    )
)
def sign_in(_call: Call, credentials: Credentials) -> Answer:
    """Give an access token for an address and its password."""
    return Answer.of(service.sign_in(credentials))


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
    return Answer.of(service.get_me(caller_of(call).id))
