"""A job of the ledger as one would write it down without a database, for the outbox machine."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from chalicelib.jobs.ledger import Claim
    from chalicelib.jobs.outcome import Claimed, Outcome

LEASE = timedelta(seconds=55)  # the sync function's timeout and 10 s
RETRY_AFTER_S = (1, 2, 4)
_FRESH, _STALE = timedelta(seconds=5), timedelta(seconds=60)


@dataclass
class ModelJob:
    """One job: its state, what it has been through, and what `job_events` should tell of it."""

    due_at: datetime
    state: str = "waiting"
    attempts: int = 0
    lost_leases: int = 0
    epoch: int = 0
    token: UUID | None = None
    lease_until: datetime | None = None
    deferred_since: datetime | None = None
    sent_at: datetime | None = None
    executed: int = 0  # effects that were committed together with `done`
    events: list[tuple[str, int]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Nothing will ever happen to it again."""
        return self.state in {"done", "dead"}

    def is_lost(self, now: datetime) -> bool:
        """Its worker has been silent for longer than its lease."""
        return self.state == "running" and self.lease_until is not None and self.lease_until <= now

    def is_claimable(self, now: datetime) -> bool:
        """A worker may take it: it is due and nobody's, or its worker is gone."""
        is_due = self.state in {"waiting", "queued", "retrying", "deferred"} and self.due_at <= now
        return is_due or self.is_lost(now)

    def needs_message(self, now: datetime) -> bool:
        """Whether the relay should wake a worker for it."""
        since = {"waiting": self.due_at + _FRESH, "retrying": self.due_at + _STALE}.get(
            self.state, self.due_at
        )
        is_wanted = self.is_lost(now) or (self.state != "running" and not self.is_over and since <= now)
        is_silent = self.sent_at is None or self.sent_at <= now - _STALE or self.sent_at < self.due_at
        return is_wanted and is_silent

    def claim(self, token: UUID, now: datetime) -> None:
        """A worker takes it; a lost lease spends nothing, but ten are enough."""
        self.lost_leases += self.state == "running"
        self.state, self.token, self.lease_until = "running", token, now + LEASE
        self.events.append(("started", self.attempts + 1))

    def finish(self, verdict: str, now: datetime, until: datetime) -> None:
        """What its worker says becomes of it: `done`, `failed`, `deferred` or `dead`."""
        attempt = self.attempts + 1
        waited = now - self.deferred_since if self.deferred_since else timedelta(0)
        state = "retrying" if verdict == "failed" else verdict
        if (verdict == "failed" and attempt == 4) or (verdict == "deferred" and waited > timedelta(hours=24)):
            state = "dead"
        if state == "retrying":
            self.due_at = now + timedelta(seconds=RETRY_AFTER_S[self.attempts])
        elif state == "deferred":
            self.due_at = until
        self.attempts += verdict != "deferred"
        self.deferred_since = (self.deferred_since or now) if state == "deferred" else None
        self.state, self.token, self.lease_until = state, None, None
        self.events.append(("completed" if state == "done" else state, attempt))

    def bury(self) -> None:
        """Ten workers died over it."""
        self.state, self.token, self.lease_until, self.deferred_since = "dead", None, None, None
        self.events.append(("dead", self.attempts + 1))

    def put_off(self, now: datetime, until: datetime) -> None:
        """An outage before anybody claimed it."""
        self.state, self.due_at, self.token, self.lease_until = "deferred", until, None, None
        self.deferred_since = self.deferred_since or now
        self.events.append(("deferred", self.attempts + 1))

    def redrive(self, now: datetime) -> None:
        """Staff bring it back to life, in a new epoch with all its attempts."""
        self.state, self.due_at, self.epoch = "waiting", now, self.epoch + 1
        self.attempts = self.lost_leases = 0
        self.sent_at = None
        self.events.append(("redriven", 1))

    def sent(self, now: datetime) -> None:
        """The relay knows that a message is on its way."""
        self.sent_at = now
        self.state = "queued" if self.state == "waiting" else self.state


@dataclass
class Worker:
    """A container in the middle of its work: what it claimed, and what it believes to hold."""

    claim: "Claim"
    holds: set[UUID] = field(default_factory=set)


def outcome_of(job: "Claimed", verdict: str, now: datetime, until: datetime) -> "Outcome":
    """What the product makes of a worker's *verdict*."""
    from chalicelib.jobs import outcome  # noqa: PLC0415

    if verdict == "deferred":
        return outcome.deferred(job, "an outage", now, until)
    if verdict == "failed":
        return outcome.failed(job, "an answered error", now)
    return outcome.done(job) if verdict == "done" else outcome.dead(job, "the job itself is wrong")
