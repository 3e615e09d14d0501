"""Alerts as staff read them."""

from pydantic import Field

from chalicelib.platform.models import Instant, View


class AlertView(View):
    """One alert; the same is said once per kind, subject and window."""

    at: Instant
    kind: str = Field(examples=["job_dead"])
    subject: str = Field(examples=["email"])
    body: str = Field(examples=["A job of the queue email is dead; its reason stands in the dead letters."])


class AlertPage(View):
    """A page of alerts, the latest first."""

    items: list[AlertView]
    next_cursor: str | None
