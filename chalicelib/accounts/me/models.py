"""All that is kept of a person with an account."""

from uuid import UUID

from pydantic import Field

from chalicelib.accounts.models import Me
from chalicelib.platform.models import Instant, View


class KeptAccount(Me):
    """The account with what only its owner should know of it."""

    confirmed_at: Instant | None
    wants_lead_mail: bool


class KeptSession(View):
    """One sign-in."""

    began_at: Instant
    used_at: Instant
    ends_at: Instant
    ended_at: Instant | None
    ended_by: str | None = Field(examples=["sign_out"])


class KeptLink(View):
    """A link that was sent by mail."""

    purpose: str = Field(examples=["welcome"])
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None


class KeptNotification(View):
    """What the person was told in the app."""

    id: UUID
    lead_id: UUID | None
    announcement_id: UUID | None
    created_at: Instant
    read_at: Instant | None


class KeptAction(View):
    """What the person did as staff."""

    at: Instant
    action: str = Field(examples=["setting.changed"])
    target: str = Field(examples=["setting/phone"])
    ip: str | None = Field(examples=["203.0.113.7"])


class Export(View):
    """Everything that is kept under an account; never a password, nor its hash."""

    account: KeptAccount
    sessions: list[KeptSession]
    links: list[KeptLink]
    notifications: list[KeptNotification]
    actions: list[KeptAction]
