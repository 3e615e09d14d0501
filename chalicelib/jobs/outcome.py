"""
What became of one execution, by rules that touch nothing: done, again in 1, 2, 4 s, later for free, or
dead.

An answered error spends an attempt, and the fourth is the last, unless the job's type has a schedule of
its own. An outage (no answer, throttling, an open circuit, a lock or database that is busy) only defers,
for up to 24 hours. A job that is itself wrong is dead at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

RETRY_AFTER_S = (1, 2, 4)
DEFER_AT_MOST = timedelta(hours=24)
MAX_LOST_LEASES = 10


@dataclass(frozen=True)
class Claimed:
    """A job that this worker holds."""

    id: UUID
    type: str
    queue: str
    subject_id: UUID
    recipient_id: UUID | None
    attempts: int
    epoch: int
    lost_leases: int
    deferred_since: datetime | None
    correlation_id: str


@dataclass(frozen=True)
class Outcome:
    """The row that `store.finish` writes: *spent* is 1 when the execution counts as an attempt."""

    job_id: UUID
    state: str
    spent: int
    due_at: datetime | None = None
    reason: str | None = None


def done(job: Claimed) -> Outcome:
    """It is done."""
    return Outcome(job.id, "done", 1)


def failed(job: Claimed, reason: str, now: datetime, retry_after_s: Sequence[int] = RETRY_AFTER_S) -> Outcome:
    """An answered error: again after *retry_after_s*; the execution after the last of these was the last."""
    if job.attempts >= len(retry_after_s):
        return Outcome(job.id, "dead", 1, None, reason)
    return Outcome(job.id, "retrying", 1, now + timedelta(seconds=retry_after_s[job.attempts]), reason)


def deferred(job: Claimed, reason: str, now: datetime, until: datetime) -> Outcome:
    """An outage: later, and no attempt is spent; dead once it has lasted 24 hours."""
    if job.deferred_since is not None and now - job.deferred_since > DEFER_AT_MOST:
        return Outcome(job.id, "dead", 0, None, f"deferred for 24 h: {reason}")
    return Outcome(job.id, "deferred", 0, until, reason)


def dead(job: Claimed, reason: str) -> Outcome:
    """The job itself is wrong; running it again cannot help."""
    return Outcome(job.id, "dead", 1, None, reason)


def buried(job: Claimed) -> Outcome:
    """Ten workers died over it; a lost lease spends no attempt, and neither does the last of them."""
    return Outcome(job.id, "dead", 0, None, "ten workers died over it")


def is_worn_out(job: Claimed) -> bool:
    """Whether ten workers died over it, which says more of the job than of the workers."""
    return job.lost_leases >= MAX_LOST_LEASES
