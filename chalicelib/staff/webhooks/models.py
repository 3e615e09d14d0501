"""A webhook on its way in and out; its secret is shown when it is made, and never again."""

from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, Field

from chalicelib.platform.models import Body, Instant, Line, View
from chalicelib.staff.catalogue.models import changes_to
from chalicelib.webhooks.models import Event


def _each_once(events: list[Event]) -> list[Event]:
    if len(set(events)) != len(events):
        raise ValueError("Name each event once.")
    return sorted(events, key=get_args(Event).index)


_URL_EXAMPLE = "https://crm.example.com/hooks/plumbline"
_Url = Annotated[Line, Field(min_length=1, max_length=2000, examples=[_URL_EXAMPLE])]
_Events = Annotated[list[Event], Field(min_length=1, max_length=10), AfterValidator(_each_once)]
_Description = Annotated[Line, Field(max_length=200, examples=["Our CRM"])]


class NewWebhook(Body):
    """The body of `POST /admin/webhooks`."""

    url: _Url
    events: _Events
    description: _Description = ""
    includes_personal_data: bool = False
    enabled: bool = True


WebhookChange = changes_to(NewWebhook)


class WebhookView(View):
    """
    A webhook.

    *disabledReason* is `failing` after five days without a success, `gone` after the answer 410;
    *previousSecretUntil* is when the secret before the last rotation stops signing.
    """

    id: UUID
    url: str = Field(examples=[_URL_EXAMPLE])
    events: list[Event]
    description: str = Field(examples=["Our CRM"])
    includes_personal_data: bool
    enabled: bool
    disabled_reason: Literal["staff", "failing", "gone"] | None
    failing_since: Instant | None
    previous_secret_until: Instant | None
    created_at: Instant


class WebhookWithSecret(WebhookView):
    """A webhook with its secret: keep it, it is not shown again."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookList(View):
    """Every webhook."""

    items: list[WebhookView]
    next_cursor: str | None = None


class DeliveryView(View):
    """
    One event for one webhook; *id* is the header `webhook-id` of every attempt.

    *attempts* counts the calls, *responseStatus* is the answer to the last of them; null: there was none.
    """

    id: UUID
    event: Event
    lead_id: UUID
    at: Instant
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    response_status: int | None = Field(examples=[204])
    next_attempt_at: Instant | None


class DeliveryPage(View):
    """A page of deliveries, the latest first."""

    items: list[DeliveryView]
    next_cursor: str | None
