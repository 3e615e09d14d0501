"""`POST /auth/refresh` and `POST /auth/logout`: what the cookie is for."""

from chalicelib.accounts.models import SignedIn
from chalicelib.accounts.sessions import cookie, service
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Forbidden, LockTimeout, Unauthenticated
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="POST",
        path="/auth/refresh",
        summary="Stay signed in",
        description=f"Takes the cookie `{cookie.NAME}` and answers with the next one: each is good for one "
        "exchange, which may be repeated for 10 seconds. One that comes later ends the session. Sessions "
        "last 30 days at most, and 7 without use.",
        answer=SignedIn,
        status=200,
        refusals=(Unauthenticated, Forbidden, LockTimeout),
        guard=Admission("READS"),
    )
)
def refresh(call: Call) -> Answer:
    """Exchange the cookie for an access token and the next cookie."""
    cookie.check_origin(call)
    continued = service.refresh(cookie.find(call))
    answer = Answer.of(continued.body)
    answer.cookies.append(continued.cookie)
    return answer


@api.operation(
    Operation(
        method="POST",
        path="/auth/logout",
        summary="Sign out",
        description="Ends the session of the cookie and takes the cookie away; also answered without one. An "
        "access token that was given out before lives for its 15 minutes.",
        answer=None,
        status=204,
        refusals=(Forbidden,),
        guard=Admission("READS"),
    )
)
def sign_out(call: Call) -> Answer:
    """End the session."""
    cookie.check_origin(call)
    service.end(cookie.find(call))
    return Answer(204, cookies=[cookie.CLEARED])
