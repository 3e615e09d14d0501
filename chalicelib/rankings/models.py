"""A contractor's place as visitors see it, with everything that it was computed from."""

from typing import Generic, TypeVar
from uuid import UUID

from pydantic import Field

from chalicelib.platform.models import Instant, Number, View


class QualityInputs(View):
    """Verified reviews, what they weigh by their age in fresh ones, the stars lent, and the mean of all."""

    reviews: int
    effective_reviews: Number
    prior_stars: Number
    mean_stars: Number


class ExperienceInputs(View):
    """Completed projects, and how many make the scale full."""

    completed_projects: int
    full_at: int


class ResponsivenessInputs(View):
    """
    Invitations that were answered or had their time, the replies, and their mean time (null without any).

    *reply_rate* and *reply_speed* are the posteriors, 0 to 1; a reply at once has the speed 1.
    """

    invitations: int
    replies: int
    mean_reply_seconds: int | None
    reply_rate: Number
    reply_speed: Number


class VerificationInputs(View):
    """Of what we have seen proof."""

    identity: bool
    licence: bool
    insurance: bool


Inputs = TypeVar("Inputs", bound=View)


class Component(View, Generic[Inputs]):
    """One part of the score: its own *score* 0–100, and the *weight* of that in percent."""

    score: Number
    weight: int
    inputs: Inputs


class Components(View):
    """The four parts; score = Σ weight × score / 100, rounded half up to two digits."""

    quality: Component[QualityInputs]
    experience: Component[ExperienceInputs]
    responsiveness: Component[ResponsivenessInputs]
    verification: Component[VerificationInputs]


class RankingView(View):
    """A contractor's place among all, 1 the best, as of *calculated_at*; null is a place they had none in."""

    contractor_id: UUID
    name: str = Field(examples=["Xây dựng Minh Phát"])
    region: str = Field(examples=["VN-HN"])
    rank: int
    previous_rank: int | None
    score: Number
    components: Components
    weights_version: int
    calculated_at: Instant


class Explanation(View):
    """A sentence for each component."""

    quality: str = Field(examples=["4.6 stars of 23 verified reviews."])
    experience: str = Field(examples=["18 completed projects."])
    responsiveness: str = Field(examples=["Answers most invitations within a day."])
    verification: str = Field(examples=["Identity and licence are verified."])


class ExplainedRankingView(RankingView):
    """A place, and in words why it is this one."""

    explanation: Explanation


class RankingPage(View):
    """Places, the best first."""

    items: list[RankingView]
    next_cursor: str | None
