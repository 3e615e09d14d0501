"""Staff as they see each other."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import View


class StaffMember(View):
    """Somebody to whom a lead can be given."""

    id: UUID
    name: str
    email: str = Field(examples=["manager@plumbline.test"])
    role: Literal["ADMIN", "MANAGER"]


class StaffList(View):
    """All of them, by name."""

    items: list[StaffMember]
    next_cursor: None = None
