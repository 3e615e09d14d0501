"""Signing in, and every blueprint of the accounts."""

from chalicelib.accounts import service
from chalicelib.accounts.me.routes import api as me_api
from chalicelib.accounts.models import Credentials, SignedIn
from chalicelib.accounts.password_reset.routes import api as password_reset_api
from chalicelib.accounts.sessions import cookie, device
from chalicelib.accounts.sessions.routes import api as sessions_api
from chalicelib.accounts.sign_up.routes import api as sign_up_api
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Forbidden, Unauthenticated
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation

api = ApiBlueprint(__name__)
apis = (api, sign_up_api, sessions_api, password_reset_api, me_api)


@api.operation(
    Operation(
        method="POST",
        path="/auth/login",
        summary="Sign in",
        description="The access token goes into `Authorization: Bearer …` and is valid for 15 minutes. The "
        "refusal is the same for every reason; after 10 failures in 15 minutes the right one gets it too. "
        "A browser in which the account was used has ten failures of its own. The cookie "
        f"`{cookie.NAME}` is for `POST /auth/refresh`.",
        answer=SignedIn,
        status=200,
        refusals=(Unauthenticated, Forbidden),
        guard=Admission("LOGIN"),
        body=Credentials,
    )
)
def sign_in(call: Call, credentials: Credentials) -> Answer:
    """Give an access token and a cookie for an address and its password."""
    cookie.check_origin(call)
    known = device.find(call, credentials.email)
    begun = service.sign_in(credentials, former=cookie.find(call), device=known)
    answer = Answer.of(begun.body)
    answer.cookies += [begun.cookie, device.of(known, credentials.email)]
    return answer
