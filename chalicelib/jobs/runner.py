"""
Does the jobs of one type one after the other: claim, do, finish.

What a job causes in PostgreSQL commits together with its end, or not at all, so a job that runs twice has one
effect. Its neighbours: `batch` runs it for a queue's messages, `dispatch` within a request when the broker is
away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chalicelib.jobs import ledger, outbox
from chalicelib.jobs.envelope import QUEUES, Job
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import RETRY_AFTER_S, Claimed, Outcome, dead, deferred, done, failed
from chalicelib.platform import clock, deadline, logs
from chalicelib.platform.errors import DatabaseBusy, DependencyError
from chalicelib.platform.postgres import Transaction, database

_SEND_BUDGET_S = 3.0
_TRY_AGAIN_S, _LAST_TRY_S = 0.5, 1.0
log = logs.EventLog("runner")


class Later(Exception):
    """An outage: the job is deferred for *after_s* seconds, and no attempt is spent."""

    def __init__(self, reason: str, after_s: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after_s = after_s


class Refusal(Exception):
    """Somebody answered with an error: one attempt is spent. The text is kept; it names no person."""


class Impossible(Exception):
    """The job itself is wrong; running it again cannot help. The text is kept; it names no person."""


class ClaimLost(Exception):
    """Another worker has the job by now; this one has nothing more to do or to say."""


@dataclass(frozen=True)
class Effect:
    """What commits together with the end of a job: *write*, which returns the jobs that it causes."""

    write: Callable[[Transaction], Sequence[Job]] = lambda _transaction: ()
    note: str | None = None  # why nothing was done, where that is how it ended


@dataclass(frozen=True)
class OneByOne:
    """
    The work of one job type: *do* is given one claimed job and returns its effect.

    *reserve_s* is the longest that one job may take: a worker begins none with less time left.
    *request_cost_s* is what it takes when all is well, for a request that does it because the broker is
    away; None means never in a request. *is_warm* tells whether that figure holds in this process now.
    After the nth failure the job rests for the nth of *retry_after_s*.
    """

    type: str
    do: Callable[[Claimed, Claim], Effect]
    reserve_s: float
    request_cost_s: float | None = None
    is_warm: Callable[[], bool] = lambda: True
    retry_after_s: Sequence[int] = RETRY_AFTER_S

    def __call__(self, woken_by: Sequence[UUID]) -> None:  # noqa: ARG002  a message is only a wake-up call
        """Drain everything that is due, as far as the deadline allows."""
        while deadline.remaining_s(60) > self.reserve_s:
            claim = ledger.claim_due(database(), QUEUES[self.type], self.type, 1)
            if not claim.jobs:
                return
            outbox.send(self._work_off(claim), budget_s=_SEND_BUDGET_S)

    def do_one(self, job_id: UUID) -> Sequence[Job]:
        """Do this job, if it is due and nobody has it, and return the jobs that it causes; none is sent."""
        claim = ledger.claim_due(database(), QUEUES[self.type], self.type, 1, ids=[job_id])
        return self._work_off(claim) if claim.jobs else ()

    def _work_off(self, claim: Claim) -> Sequence[Job]:
        (job,) = claim.jobs
        with logs.bind(correlation_id=job.correlation_id):
            try:
                effect = self.do(job, claim)
            except ClaimLost:
                log.warning("job.claim_lost", job_id=str(job.id), type=job.type)
                return ()
            except DatabaseBusy:
                raise
            except Exception as error:  # noqa: BLE001  whatever it is, the ledger hears of it
                ledger.settle(database(), claim, [_outcome_of(job, error, self.retry_after_s)])
                return ()
            return _finish(job, claim, effect)


def _outcome_of(job: Claimed, error: Exception, retry_after_s: Sequence[int]) -> Outcome:
    now = clock.now()
    if isinstance(error, Later):
        return deferred(job, error.reason, now, now + timedelta(seconds=error.after_s))
    if isinstance(error, DependencyError):
        wait = timedelta(seconds=error.retry_after_s or 1)
        return deferred(job, type(error).__name__, now, now + wait)
    if isinstance(error, Impossible):
        return dead(job, str(error))
    if isinstance(error, Refusal):
        return failed(job, str(error), now, retry_after_s)
    log.failure("job.crashed", error, job_id=str(job.id), type=job.type)
    return failed(job, type(error).__name__, now, retry_after_s)


def _finish(job: Claimed, claim: Claim, effect: Effect) -> Sequence[Job]:
    """
    Commit the end of a job with its effect.

    What was done outside cannot be undone, and a lost end means that it is done again: so a database that is
    away is waited for as long as the invocation lasts.
    """
    outcomes = [Outcome(job.id, "done", 1, None, effect.note) if effect.note else done(job)]
    while True:
        try:
            with database().transaction() as transaction:
                held = ledger.write(transaction, claim, outcomes)
                caused = effect.write(transaction) if held else ()
            break
        except DatabaseBusy:
            if deadline.remaining_s(60) < _LAST_TRY_S:
                raise
            log.warning("job.end_not_written", job_id=str(job.id), type=job.type)
            clock.sleep(_TRY_AGAIN_S)
    ledger.announce(claim, outcomes, held)
    ledger.count_queued(caused)
    return caused
