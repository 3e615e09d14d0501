"""`POST /auth/password-reset` and its `/confirm`."""

from chalicelib.accounts.password_reset import service
from chalicelib.accounts.password_reset.models import NewPassword, ResetReceived, ResetRequest
from chalicelib.guards.admission import Admission
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation

api = ApiBlueprint(__name__)


@api.operation(
    Operation(
        method="POST",
        path="/auth/password-reset",
        summary="Ask for a new password",
        description="The answer does not tell whether the address has an account. If it has, its owner gets "
        "a link that is good for 30 minutes.",
        answer=ResetReceived,
        status=202,
        refusals=(),
        guard=Admission("LOGIN"),
        body=ResetRequest,
    )
)
def ask(call: Call, request: ResetRequest) -> Answer:
    """Send the owner of the address a link, if it has one."""
    service.ask(call, request.email)
    return Answer.of(ResetReceived(), status=202)


@api.operation(
    Operation(
        method="POST",
        path="/auth/password-reset/confirm",
        summary="Set a new password",
        description="With the token of the link in the mail, once. All sessions of the account end; whatever "
        "is wrong with another token, the answer is the same.",
        answer=None,
        status=204,
        refusals=(),
        guard=Admission("LOGIN"),
        body=NewPassword,
    )
)
def confirm(call: Call, chosen: NewPassword) -> Answer:
    """Set the password and end all sessions."""
    service.confirm(call, chosen.token, chosen.password)
    return Answer(204)
