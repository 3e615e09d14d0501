"""What a person sees of their notifications."""

from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import Instant, View


class Notification(View):
    """One note; *type* is `lead` (then *lead_id* says which) or `announcement`."""

    id: UUID
    type: str = Field(examples=["announcement"])
    title: str = Field(examples=["Tết opening hours"])
    content: str = Field(examples=["We are closed from Monday."])
    lead_id: UUID | None = None
    read_at: Instant | None
    created_at: Instant


class NotificationList(View):
    """A page of them, the latest first."""

    items: list[Notification]
    next_cursor: str | None
