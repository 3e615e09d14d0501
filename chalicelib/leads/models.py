"""What a lead looks like on its way in, and what its sender is told."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chalicelib.platform.contact import Email, Phone
from chalicelib.platform.models import Body, Line, Text, View
from chalicelib.quotes.models import Breakdown, Quote

Source = Literal["CONTACT_FORM", "QUOTE_FORM", "FURNITURE_QUOTE"]
_Touch = Annotated[Line, Field(max_length=500, examples=["newsletter"])]


def _accepted(value: bool) -> bool:  # noqa: FBT001  a validator is given the value and nothing else
    if not value:
        raise PydanticCustomError("must_be_true", "We may only take your request with your consent.")
    return value


class Consent(Body):
    """Which consent text was shown, and that it was accepted."""

    version: Annotated[Line, Field(min_length=1, max_length=40, examples=["2026-01"])]
    accepted: Annotated[bool, AfterValidator(_accepted), Field(json_schema_extra={"const": True})]


class Touch(Body):
    """Where a visitor came from, once."""

    source: _Touch | None = None
    medium: _Touch | None = None
    campaign: _Touch | None = None
    term: _Touch | None = None
    content: _Touch | None = None
    referrer: _Touch | None = None
    landing_page: _Touch | None = None


class Utm(Body):
    """The first and the last touch."""

    first: Touch | None = None
    last: Touch | None = None


_EXAMPLE: dict[str, Any] = {
    "name": "Nguyễn Thị Hoa",
    "phone": "0912 345 678",
    "email": "hoa@example.com",
    "content": "Tôi muốn sửa lại nhà bếp.",
    "source": "CONTACT_FORM",
    "consent": {"version": "2026-01", "accepted": True},
    "utm": {"first": {"source": "newsletter", "campaign": "spring"}},
    "locale": "vi",
    "elapsedMs": 42_000,
    "website": "",
    "turnstileToken": "0.XXXX.DUMMY.TOKEN.XXXX",
}


class NewLead(Body):
    """The body of `POST /leads`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Annotated[Line, Field(min_length=2, max_length=100)]
    phone: Phone
    email: Email | None = None
    content: Annotated[Text, Field(min_length=10, max_length=2000)] | None = None
    source: Source
    quote: Quote | None = None
    consent: Consent
    utm: Utm | None = None
    locale: Literal["en", "vi"] = "vi"
    elapsed_ms: Annotated[int, Field(ge=0, le=10**12)] | None = None
    website: Annotated[str, Field(max_length=2000)] = ""
    turnstile_token: Annotated[str, Field(max_length=2048)] | None = None


class LeadReceived(View):
    """
    The public answer, the same for a new, merged or quarantined lead.

    *quote* is what the server computed; it is left out where none was asked for.
    """

    id: UUID
    status: Literal["RECEIVED"] = "RECEIVED"
    quote: Breakdown | None = Field(default=None, exclude_if=lambda value: value is None)
