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
    """What the person was told in the app; the words of a note about a lead are of another person."""

    id: UUID
    lead_id: UUID | None
    announcement_id: UUID | None
    title: str | None = Field(examples=["Meeting"])
    content: str | None = Field(examples=["On Monday at nine."])
    created_at: Instant
    read_at: Instant | None


class KeptAction(View):
    """What the person did as staff."""

    at: Instant
    action: str = Field(examples=["setting.changed"])
    target: str = Field(examples=["setting/phone"])
    ip: str | None = Field(examples=["203.0.113.7"])


class KeptProject(View):
    """One project of a contractor."""

    completed_at: Instant | None


class KeptReview(View):
    """What somebody thought of a contractor's work."""

    rating: int
    is_verified: bool
    created_at: Instant


class KeptBid(View):
    """When a contractor was asked for an offer, and when they replied."""

    invited_at: Instant
    replied_at: Instant | None


class KeptContractor(View):
    """The contractor whose account it is, and all that their place in the rankings is made of."""

    id: UUID
    name: str
    category_id: UUID | None
    region: str = Field(examples=["VN-SG"])
    identity_verified_at: Instant | None
    licence_verified_at: Instant | None
    insurance_verified_at: Instant | None
    joined_at: Instant
    projects: list[KeptProject]
    reviews: list[KeptReview]
    bids: list[KeptBid]


class Export(View):
    """Everything that is kept under an account; never a password, nor its hash."""

    account: KeptAccount
    sessions: list[KeptSession]
    links: list[KeptLink]
    notifications: list[KeptNotification]
    actions: list[KeptAction]
    contractor: KeptContractor | None
