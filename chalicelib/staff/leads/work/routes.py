"""What staff do to a lead; each answers with the lead as it is then."""

from collections.abc import Callable
from uuid import UUID

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import Conflict, NotFound
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation
from chalicelib.platform.http.listing import id_in_address
from chalicelib.platform.models import Body
from chalicelib.staff.leads.erasure import service as erasure
from chalicelib.staff.leads.models import LeadDetail
from chalicelib.staff.leads.service import get_detail
from chalicelib.staff.leads.work import service
from chalicelib.staff.leads.work.models import LeadPatch, Merge

api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=STAFF)
_LEAD = "/admin/leads/{id}"


def _operation(
    method: str, path: str, summary: str, description: str, *, body: type[Body] | None = None
) -> Operation:
    return Operation(
        method=method,
        path=path,
        summary=summary,
        description=f"{description} The id of a merged submission stands for its lead.",
        answer=LeadDetail,
        status=200,
        refusals=(NotFound, Conflict),
        guard=_guard,
        body=body,
    )


def _done(act: Callable[[Call, UUID], None], call: Call, written: str) -> Answer:
    lead_id = id_in_address(written)
    act(call, lead_id)
    return Answer.of(get_detail(lead_id))


@api.operation(
    _operation(
        "PATCH",
        _LEAD,
        "Change a lead",
        "Its status, who has it (null: nobody), and a note that is added to the others. What changes nothing "
        "leaves no trace. NEW becomes CONTACTED, CONVERTED, CANCELLED or SPAM; CONTACTED, CONVERTED and "
        "CANCELLED become each other; SPAM becomes QUARANTINED again; everything else is a conflict.",
        body=LeadPatch,
    )
)
def change(call: Call, patch: LeadPatch, id: str) -> Answer:  # noqa: A002  the address's own name
    """Change what the body names."""
    return _done(lambda call, lead_id: service.change(call, lead_id, patch), call, id)


@api.operation(
    _operation(
        "POST",
        f"{_LEAD}/merge",
        "Merge another lead into this one",
        "The other's submissions and notes become this one's; its own address leads here from then on.",
        body=Merge,
    )
)
def merge(call: Call, body: Merge, id: str) -> Answer:  # noqa: A002  the address's own name
    """Let the other lead join this one."""
    return _done(lambda call, lead_id: service.merge(call, lead_id, body.other_id), call, id)


@api.operation(
    _operation(
        "POST",
        f"{_LEAD}/release",
        "Release a lead from quarantine",
        "It is NEW, and causes all that a new lead causes: its row, notices to staff, the visitor's mail.",
    )
)
def release(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """Let it count as a lead."""
    return _done(service.release, call, id)


@api.operation(
    _operation("POST", f"{_LEAD}/reject", "Reject a lead in quarantine", "It is SPAM, and nothing is sent.")
)
def reject(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """Call it spam."""
    return _done(service.reject, call, id)


@api.operation(
    _operation(
        "POST",
        f"{_LEAD}/erase",
        "Erase the person of a lead",
        "For good: names, phones, addresses, words, quotes and notes of all its submissions. Its row in the "
        "sheet keeps the id and ERASED. A second time changes nothing.",
    )
)
def erase(call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """Forget the person."""
    return _done(erasure.erase, call, id)
