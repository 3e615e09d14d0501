"""What became of rows and calls, by rules that touch nothing: written, refused, left alone, or an outage."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chalicelib.gateways.google_sheets import SheetBroken, Throttled
from chalicelib.gateways.http import NoAnswer
from chalicelib.jobs.outcome import Claimed, Outcome, deferred, done, failed
from chalicelib.platform.errors import ServiceUnavailable

DEFER_S, _BROKEN_DEFER_S = 15, 60
OUTAGES = (NoAnswer, ServiceUnavailable, Throttled, SheetBroken)


class Outage(Exception):
    """Nothing more can be done in this run; *until* says when to try again."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until


@dataclass
class Sent:
    """What became of rows that were to be written: those that Google refused, and those left alone."""

    refused: set[UUID] = field(default_factory=set)
    moved: set[UUID] = field(default_factory=set)  # another's id stands where the row should be
    taken: set[UUID] = field(default_factory=set)  # something stood where the row was to go; it gets another


def outage_of(error: Exception, now: datetime) -> Outage:
    """The outage that *error*, one of `OUTAGES`, means; 429 waits for the next minute's quota."""
    if isinstance(error, NoAnswer):
        return Outage(f"no answer: {error}", now + timedelta(seconds=DEFER_S))
    if isinstance(error, ServiceUnavailable):
        return Outage("SERVICE_UNAVAILABLE", now + timedelta(seconds=error.retry_after_s or DEFER_S))
    if isinstance(error, Throttled):
        return Outage("throttled", now.replace(second=0, microsecond=0) + timedelta(seconds=61))
    return Outage(f"sheet: {error}"[:200], now + timedelta(seconds=_BROKEN_DEFER_S))


def outcome_of(job: Claimed, sent: Sent, now: datetime) -> Outcome:
    """How *job* ends by what became of its lead's row."""
    if job.subject_id in sent.refused:
        return failed(job, "Google refuses this row", now)
    if job.subject_id in sent.moved:
        return Outcome(job.id, "done", 1, None, "the row was moved by a person and is left alone")
    if job.subject_id in sent.taken:
        return deferred(job, "its new row was taken by a person; the next one is tried", now, now)
    return done(job)
