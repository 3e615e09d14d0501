"""Leads: listed, read, and followed on their way."""

from uuid import UUID

from chalicelib.guards.access import STAFF
from chalicelib.guards.admission import Admission
from chalicelib.platform.errors import NotFound
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation, Parameter
from chalicelib.platform.http.listing import id_in_address, page_of, position_in, query_of
from chalicelib.platform.postgres import database
from chalicelib.staff.leads import rules, store
from chalicelib.staff.leads.models import (
    LeadDetail,
    LeadPage,
    LeadView,
    Timeline,
)
from chalicelib.staff.leads.service import get_detail

api = ApiBlueprint(__name__)
_guard = Admission("SIGNED_IN", roles=STAFF)
_PAGE = 50
_EVENTS_AT_MOST = 2000
_QUERY: dict[str, str | Parameter] = {**rules.FILTERS, "cursor": "The nextCursor of the page before."}


@api.operation(
    Operation(
        method="GET",
        path="/admin/leads",
        summary="List and search leads",
        description="A submission that was merged into another is found, and shown as that one.",
        answer=LeadPage,
        status=200,
        refusals=(),
        guard=_guard,
        query=_QUERY,
    )
)
def list_leads(call: Call) -> Answer:
    """Leads, the latest first."""
    query = query_of(call)
    before = position_in(query, UUID)
    found = store.list_leads(database(), rules.filters_in(query), before=before, limit=_PAGE + 1)
    rows, cursor = page_of(found, _PAGE, lambda row: (row["created_at"], row["id"]))
    return Answer.of(LeadPage(items=[LeadView(**row) for row in rows], next_cursor=cursor))


@api.operation(
    Operation(
        method="GET",
        path="/admin/leads/{id}",
        summary="Read a lead",
        description="The id of a merged submission answers with the lead that it was merged into.",
        answer=LeadDetail,
        status=200,
        refusals=(NotFound,),
        guard=_guard,
    )
)
def read_lead(_call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """One lead with all that belongs to it."""
    return Answer.of(get_detail(id_in_address(id)))


@api.operation(
    Operation(
        method="GET",
        path="/admin/leads/{id}/timeline",
        summary="Follow a lead on its way",
        description="Every request, job, attempt, retry, deferral and delivery of the lead and of what was "
        "merged into it, in the order of time; of more than 2,000 the latest.",
        answer=Timeline,
        status=200,
        refusals=(NotFound,),
        guard=_guard,
    )
)
def read_timeline(_call: Call, id: str) -> Answer:  # noqa: A002  the address's own name
    """The journey of one lead."""
    found = store.list_events(database(), id_in_address(id), _EVENTS_AT_MOST + 1)
    if not found:
        raise NotFound("There is no such lead.")
    events = [rules.event_of(row) for row in reversed(found[:_EVENTS_AT_MOST])]
    return Answer.of(
        Timeline(lead_id=found[0]["lead_id"], events=events, is_complete=len(found) <= _EVENTS_AT_MOST)
    )
