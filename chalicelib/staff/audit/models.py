"""The audit log as staff read it."""

from typing import Any
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import CorrelationId, Instant, View


class Actor(View):
    """Who did it, in the role that they had then; *email* is null once the account is gone."""

    id: UUID
    email: str | None = Field(examples=["admin@plumbline.test"])
    role: str = Field(examples=["ADMIN"])


class AuditEntry(View):
    """One action: to what, and what changed by it. Personal fields are named, never shown."""

    id: UUID
    at: Instant
    actor: Actor
    action: str = Field(examples=["setting.changed"])
    target: str = Field(examples=["setting/phone"])
    before: dict[str, Any] | None = Field(examples=[{"value": "1900 1234"}])
    after: dict[str, Any] | None = Field(examples=[{"value": "1900 5678"}])
    ip: str | None = Field(examples=["203.0.113.7"])
    correlation_id: CorrelationId


class AuditPage(View):
    """A page of the log, the latest first."""

    items: list[AuditEntry]
    next_cursor: str | None
