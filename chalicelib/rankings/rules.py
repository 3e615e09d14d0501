"""
How a contractor is judged: the constants of the formula, by version, and its figures in words.

The arithmetic stands in `store.py`, as one statement; the reasons in docs/decisions/0011-rankings.md.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

HUNDREDTH, MILLIONTH = Decimal("0.01"), Decimal("0.000001")


@dataclass(frozen=True)
class Weights:
    """
    One version of the formula; the parameters of `store.calculate`, by these names.

    The four weights add up to 100, and so do the points of the three proofs. *prior_lowest* and
    *prior_highest* bound what a category lends, in stars: between them no single review can beat a hundred
    that are almost as good. What stands before any figure is known: `start_weight` reviews of *start_stars*
    for a category, and *prior_invitations* for everybody, of which *prior_replies* were answered at
    *prior_speed*.
    """

    quality: int = 40
    experience: int = 30
    responsiveness: int = 15
    verification: int = 15
    half_life_s: int = 365 * 86_400
    prior_weight: int = 10  # fresh reviews
    prior_lowest: float = 3.5
    prior_highest: float = 4.5
    start_stars: float = 4.0
    start_weight: int = 20  # fresh reviews
    full_projects: int = 50
    reply_half_life_s: int = 12 * 3600  # a reply at once has the speed 1, after this time ½
    reply_within_s: int = 72 * 3600  # an invitation that is younger and unanswered does not count yet
    prior_invitations: int = 10
    prior_replies: int = 5
    prior_speed: float = 0.5
    identity_points: int = 40
    licence_points: int = 30
    insurance_points: int = 30


# A version that was ever used stays, so that a run of it can still be read.
WEIGHTS = {1: Weights()}
VERSION = max(WEIGHTS)


def reply_rate(row: dict[str, Any], weights: Weights) -> Decimal:
    """The posterior share of invitations that are answered, to four digits."""
    rate: Decimal = Decimal(row["replies"] + weights.prior_replies) / (
        row["invitations"] + weights.prior_invitations
    )
    return rate.quantize(Decimal("0.0001"))


def reply_speed(row: dict[str, Any], weights: Weights) -> Decimal:
    """The posterior mean of 2^(−time / half-life) over the replies, to four digits."""
    lent = Decimal(weights.prior_replies) * Decimal(weights.prior_speed)
    speed: Decimal = (row["reply_speed"] * MILLIONTH + lent) / (row["replies"] + weights.prior_replies)
    return speed.quantize(Decimal("0.0001"))


def explain(row: dict[str, Any], weights: Weights) -> dict[str, str]:
    """A sentence for each component, of the figures that it was computed from."""
    hours = (
        f" (after {row['reply_seconds'] / row['replies'] / 3600:.1f} h on average)" if row["replies"] else ""
    )
    proofs = [name for name in ("identity", "licence", "insurance") if row[f"has_{name}"]]
    return {
        "quality": (
            f"Verified reviews: {row['reviews']}. By their age they weigh as much as "
            f"{row['review_weight'] * MILLIONTH:.2f} of today; with {weights.prior_weight} more of "
            f"{row['prior'] * MILLIONTH:.2f} stars, which the category lends to everybody, their mean is "
            f"{row['stars'] * MILLIONTH:.2f} of 5 stars."
        ),
        "experience": (
            f"Completed projects: {row['projects']}, on a logarithmic scale that is full at "
            f"{weights.full_projects}."
        ),
        "responsiveness": (
            f"Invitations answered: {row['replies']} of {row['invitations']}{hours}. With "
            f"{weights.prior_replies} of {weights.prior_invitations} more, lent to everybody, the rate is "
            f"{reply_rate(row, weights):.0%}; a reply counts half for coming and half for its speed, which "
            f"halves every {weights.reply_half_life_s // 3600} h and is {reply_speed(row, weights):.0%} here."
        ),
        "verification": f"Proofs seen: {', '.join(proofs) or 'none'}.",
    }
