"""`POST /auth/signup`, from JSON or from a plain HTML form, and `POST /auth/verify`."""

from chalicelib.accounts.sign_up import service
from chalicelib.accounts.sign_up.models import Confirmation, NewAccount, SignUpReceived
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import (
    CaptchaFailed,
    CaptchaUnavailable,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    RequestInProgress,
)
from chalicelib.platform.http import Answer, ApiBlueprint, Call, form
from chalicelib.platform.http.edge import Operation

api = ApiBlueprint(__name__)
_guard = Admission("SIGNUP", idempotent=True)


@api.operation(
    Operation(
        method="POST",
        path="/auth/signup",
        summary="Sign up",
        description="The answer does not tell whether the address has an account; a mail does, to its owner. "
        "The account can be used once the link in the mail was followed, within 24 hours.",
        answer=SignUpReceived,
        status=201,
        refusals=(
            CaptchaFailed,
            CaptchaUnavailable,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            RequestInProgress,
        ),
        guard=_guard,
        body=NewAccount,
        takes_form=True,
        form_only=("next",),
        idempotent=True,
    )
)
def sign_up(call: Call, account: NewAccount) -> Answer:
    """Take the sign-up; a browser's form is sent on, a program gets JSON."""
    address = form.onward(call)
    return form.sent_on(service.sign_up(call, account, _guard.reservation), address)


@api.operation(
    Operation(
        method="POST",
        path="/auth/verify",
        summary="Confirm an address",
        description="With the token of the link in the mail. Within its 24 hours the same token may be sent "
        "again; whatever is wrong with another, the answer is the same.",
        answer=None,
        status=204,
        refusals=(),
        guard=Admission("READS"),
        body=Confirmation,
    )
)
def verify(_call: Call, confirmation: Confirmation) -> Answer:
    """Confirm the address that the link was sent to."""
    service.confirm(confirmation.token)
    return Answer(204)
