"""`POST /leads`: from JSON, or from a plain HTML form that is sent on to its `next`."""

from urllib.parse import urlsplit

from chalicelib.guards.admission import Admission
from chalicelib.leads import service
from chalicelib.leads.models import LeadReceived, NewLead
from chalicelib.platform.errors import (
    CaptchaFailed,
    FieldError,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    RequestInProgress,
    ValidationFailed,
)
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.settings import settings

api = ApiBlueprint(__name__)
_guard = Admission("LEADS", idempotent=True)


@api.operation(
    Operation(
        method="POST",
        path="/leads",
        summary="Submit a lead",
        description="A lead that is answered with 2xx is stored for good. Send an Idempotency-Key, and "
        "repeat the same request with the same key until it is answered.",
        answer=LeadReceived,
        status=201,
        refusals=(CaptchaFailed, IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInProgress),
        guard=_guard,
        body=NewLead,
        takes_form=True,
        repeated=("quote.materialIds",),
        form_only=("next",),
        idempotent=True,
    )
)
def submit(call: Call, lead: NewLead) -> Answer:
    """Take the lead; a browser's form is sent on, a program gets JSON."""
    onward = (
        _onward(call) if call.is_form and "application/json" not in call.headers.get("accept", "") else None
    )
    answer = service.submit(call, lead, _guard.reservation)
    return answer if onward is None else Answer(303, "", "text/plain", {"Location": onward})


def _onward(call: Call) -> str:
    """
    Where the form wants to go: a path of this site, or an address on one of FORM_RETURN_ORIGINS.

    Raises:
        ValidationFailed: anywhere else, before the lead is stored.
    """
    wanted = call.form_only.get("next", "/")
    known = settings()
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable():
        return known.site_url.rstrip("/") + wanted
    parts = urlsplit(wanted)
    origins = (known.site_url.rstrip("/"), *known.form_return_origins)
    if wanted.isprintable() and f"{parts.scheme}://{parts.netloc}" in origins:
        return wanted
    raise ValidationFailed([FieldError("/next", "not_allowed", "`next` must be a path of this site.")])
