"""An announcement on its way in."""

from collections.abc import Hashable
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field

from chalicelib.platform.models import Body, Line, Text, View

Each = TypeVar("Each", bound=Hashable)


def _unique(values: list[Each]) -> list[Each]:
    if len(set(values)) != len(values):
        raise ValueError("Name each one once.")
    return values


class NewAnnouncement(Body):
    """The body of `POST /admin/notifications`."""

    user_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000), AfterValidator(_unique)]
    channels: Annotated[list[Literal["in_app", "email", "sms"]], Field(min_length=1), AfterValidator(_unique)]
    title: Annotated[Line, Field(min_length=1, max_length=120, examples=["Tết opening hours"])]
    content: Annotated[Text, Field(min_length=1, max_length=2000, examples=["We are closed from Monday."])]


class AnnouncementAccepted(View):
    """It is stored, and will be told to each person by each channel."""

    id: UUID
