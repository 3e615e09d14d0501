"""A lead as staff see it, and its journey."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import Instant, View
from chalicelib.staff.audit.models import Actor

Status = Literal["NEW", "CONTACTED", "CONVERTED", "CANCELLED", "QUARANTINED", "SPAM"]
Source = Literal["CONTACT_FORM", "QUOTE_FORM", "FURNITURE_QUOTE"]


class LeadView(View):
    """
    A lead with the words of its latest submission, as its row in the sheet has them.

    People's fields are null once they are erased; *assignedTo* is null while nobody has it.
    """

    id: UUID
    status: Status
    source: Source
    name: str | None
    phone: str | None
    email: str | None
    content: str | None
    quote: dict[str, Any] | None
    submission_count: int
    assigned_to: UUID | None
    created_at: Instant
    correlation_id: str


class LeadPage(View):
    """A page of leads, the latest first."""

    items: list[LeadView]
    next_cursor: str | None


class Submission(View):
    """One time that the visitor sent a form: the lead's own first, and each that was merged into it."""

    id: UUID
    name: str | None
    email: str | None
    content: str | None
    quote: dict[str, Any] | None
    quarantine_reasons: list[str]
    created_at: Instant
    correlation_id: str


class Related(View):
    """Another lead of the same phone."""

    id: UUID
    source: Source
    status: Status
    created_at: Instant


class StatusChange(View):
    """One change of the status, and who made it."""

    at: Instant
    by: Actor
    from_: Status = Field(alias="from")
    to: Status


class Note(View):
    """What somebody of staff said of the lead; *text* is null once the lead is erased."""

    id: UUID
    at: Instant
    by: Actor
    text: str | None = Field(examples=["Call after five."])


class ConsentView(View):
    """Which consent text was accepted, and when."""

    version: str
    accepted: Literal[True] = True
    at: Instant


class LeadDetail(LeadView):
    """Everything that staff know of a lead; changes and notes stand in the order in which they were made."""

    locale: str
    submissions: list[Submission]
    status_history: list[StatusChange]
    notes: list[Note]
    related: list[Related]
    first_contact_at: Instant | None
    consent: ConsentView
    utm: dict[str, Any] | None
    erased_at: Instant | None


class TimelineEvent(View):
    """Something that happened to a lead or because of it; *detail* is a sentence without people's data."""

    at: Instant
    kind: Literal["request", "lead", "job", "delivery", "staff"]
    queue: str | None = None
    job_id: UUID | None = None
    attempt: int | None = None
    status: str
    detail: str | None = None
    correlation_id: str


class Timeline(View):
    """The journey of a lead and all that was merged into it; the latest 2,000 events where there are more."""

    lead_id: UUID
    events: list[TimelineEvent]
    is_complete: bool
