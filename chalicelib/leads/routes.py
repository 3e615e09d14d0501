"""`POST /leads`: from JSON, or from a plain HTML form that is sent on to its `next`."""

from chalicelib.guards.admission import Admission
from chalicelib.leads import service
from chalicelib.leads.models import LeadReceived, NewLead
from chalicelib.platform.errors import (
    CaptchaFailed,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    RequestInProgress,
)
from chalicelib.platform.http import Answer, ApiBlueprint, Call, form
from chalicelib.platform.http.edge import Operation

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
    address = form.onward(call)
    return form.sent_on(service.submit(call, lead, _guard.reservation), address)
