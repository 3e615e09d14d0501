"""Alerts as staff read them."""

from chalicelib.platform.models import Instant, View


class AlertView(View):
    """One alert; the same is said once per kind, subject and window."""

    at: Instant
    kind: str
    subject: str
    body: str


class AlertPage(View):
    """A page of alerts, the latest first."""

    items: list[AlertView]
    next_cursor: str | None
