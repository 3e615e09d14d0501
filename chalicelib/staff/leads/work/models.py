"""What staff send to change a lead."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import Body, Text
from chalicelib.staff.leads.models import Status


class LeadPatch(Body):
    """The body of `PATCH /admin/leads/{id}`: what is left out stays; *assignedTo* null: nobody."""

    status: Status | None = None
    assigned_to: UUID | None = None
    note: Annotated[Text, Field(min_length=1, max_length=2000, examples=["Call after five."])] | None = None

    @property
    def assigns(self) -> bool:
        """Whether *assigned_to* was given, be it null."""
        return "assigned_to" in self.model_fields_set


class Merge(Body):
    """The body of `POST /admin/leads/{id}/merge`: which lead joins the one in the address."""

    other_id: UUID
