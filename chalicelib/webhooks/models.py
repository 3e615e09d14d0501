"""What a receiver gets: the event, and the lead as it stands when the call is made."""

from typing import Any, Literal
from uuid import UUID

from chalicelib.platform.models import Instant, View

Event = Literal["lead.created", "lead.updated", "lead.erased"]


class LeadData(View):
    """A lead without what is a person's; *mergedInto* is the lead that it is now a part of."""

    id: UUID
    status: str
    source: str
    created_at: Instant
    submission_count: int
    merged_into: UUID | None
    assigned_to: UUID | None
    erased_at: Instant | None


class PersonalLeadData(LeadData):
    """With the words of its latest submission; null once the person's data are erased."""

    name: str | None
    phone: str | None
    email: str | None
    content: str | None
    quote: dict[str, Any] | None
    locale: str


class Message(View):
    """The body of a call; *timestamp* is when the event happened, through all attempts."""

    type: Event
    timestamp: Instant
    data: PersonalLeadData | LeadData
