"""What a refresh token is worth: a pure decision over its session's row."""

from datetime import datetime, timedelta
from enum import Enum

from chalicelib.platform.postgres import Row

GRACE = timedelta(seconds=10)  # for answers that were lost, and for tabs that ask at once
IDLE_FOR = timedelta(days=7)
VALID_FOR = timedelta(days=30)


class Verdict(Enum):
    """What to do about a token that was shown."""

    EXCHANGE = "exchange"
    REPEAT = "repeat"
    REUSED = "reused"
    REFUSED = "refused"


def judge(session: Row | None, generation: int, now: datetime) -> Verdict:
    """
    Whether the token of *generation* is the one that counts (EXCHANGE), was exchanged within the last 10 s
    (REPEAT the answer), was exchanged before (REUSED: whoever shows it second stole it, or was robbed), or
    its session is over.
    """
    if session is None or session["ended_at"] is not None or not session["is_of_this_epoch"]:
        return Verdict.REFUSED
    if now >= session["ends_at"] or now >= session["used_at"] + IDLE_FOR:
        return Verdict.REFUSED
    behind = session["generation"] - generation
    if behind <= 0:
        return Verdict.EXCHANGE if behind == 0 else Verdict.REFUSED
    exchanged_at = session["rotated_at"][-behind:][:1] if behind <= len(session["rotated_at"]) else []
    return Verdict.REPEAT if exchanged_at and now < exchanged_at[0] + GRACE else Verdict.REUSED


def within_grace(rotated_at: list[datetime], now: datetime) -> list[datetime]:
    """*rotated_at*, the newest last, without its beginning that no grace covers any more."""
    first = next((place for place, at in enumerate(rotated_at) if now < at + GRACE), len(rotated_at))
    return rotated_at[first:]
