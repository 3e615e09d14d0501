"""The audit log as staff read it."""

from typing import Any
from uuid import UUID

from chalicelib.platform.models import Instant, View


class Actor(View):
    """Who did it, in the role that they had then; *email* is null once the account is gone."""

    id: UUID
    email: str | None
    role: str


class AuditEntry(View):
    """One action: to what, and what changed by it. Personal fields are named, never shown."""

    id: UUID
    at: Instant
    actor: Actor
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    ip: str | None
    correlation_id: str


class AuditPage(View):
    """A page of the log, the latest first."""

    items: list[AuditEntry]
    next_cursor: str | None
