"""
Claims jobs for a worker and settles what became of them, with a log line for each and a burial for the
dead.

A claim lasts for the function's own timeout and 10 s more: then the worker is certainly gone, and the relay
wakes another. An expired claim spends no attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from chalicelib.jobs import dead_letters, store
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.outcome import Claimed, Outcome, buried, is_worn_out
from chalicelib.platform import clock, logs, metrics
from chalicelib.platform.postgres import Database, Transaction

FUNCTION_TIMEOUT_S = {
    "email": 20,
    "sync": 45,
    "notification": 20,
    "webhook": 20,
}  # .chalice/config.json says the same; a test compares
_LEASE_GRACE_S = 10
_COUNTED_AS = {"done": "completed", "retrying": "retried"}
_EVENTS = {"done": "job.completed", "retrying": "job.retried", "deferred": "job.deferred"}
log = logs.EventLog("jobs")


@dataclass(frozen=True)
class Claim:
    """Jobs that this worker holds under one token."""

    token: UUID
    jobs: tuple[Claimed, ...]


def claim_due(
    database: Database, queue: str, job_type: str, limit: int, *, ids: Sequence[UUID] | None = None
) -> Claim:
    """Claim up to *limit* due jobs (of *ids*, where given); what ten workers died over is buried instead."""
    while True:
        now, token = clock.now(), uuid4()
        rows = store.claim_due(
            database,
            queue=queue,
            job_type=job_type,
            token=token,
            now=now,
            lease_until=now + timedelta(seconds=FUNCTION_TIMEOUT_S[queue] + _LEASE_GRACE_S),
            limit=limit,
            ids=ids,
        )
        found = [Claimed(**row) for row in rows]
        worn_out = [job for job in found if is_worn_out(job)]
        if worn_out:
            burials = [buried(job) for job in worn_out]
            settle(database, Claim(token, tuple(worn_out)), burials)
        claim = Claim(token, tuple(job for job in found if not is_worn_out(job)))
        if claim.jobs or not found:
            break
    for job in claim.jobs:
        _log("job.started", job, job.attempts + 1)
    return claim


def write(within: Database | Transaction, claim: Claim, outcomes: Sequence[Outcome]) -> set[UUID]:
    """
    Write the *outcomes* and return the ids that the claim still held; `announce` them once they are
    committed.
    """
    return store.finish(within, token=claim.token, now=clock.now(), outcomes=outcomes) if outcomes else set()


def announce(claim: Claim, outcomes: Sequence[Outcome], held: set[UUID]) -> None:
    """
    Log what was committed, and bury the dead. A claim that was lost is its new holder's business. Never
    raises.
    """
    by_id = {job.id: job for job in claim.jobs}
    for outcome in outcomes:
        job = by_id[outcome.job_id]
        if outcome.job_id not in held:
            log.warning("job.claim_lost", job_id=str(job.id), type=job.type)
            continue
        _count(job, outcome)
        if _has_failed(outcome):
            _log("job.failed", job, job.attempts + 1, outcome)
        if outcome.state == "dead":
            dead_letters.bury(job, outcome)
        else:
            _log(_EVENTS[outcome.state], job, job.attempts + 1, outcome)


def _has_failed(outcome: Outcome) -> bool:
    """An execution that failed is tried again or was the last; a deferral is none."""
    return bool(outcome.spent) and outcome.state in {"retrying", "dead"}


def _count(job: Claimed, outcome: Outcome) -> None:
    metrics.count(metrics.JOBS, job.queue, _COUNTED_AS.get(outcome.state, outcome.state))
    if _has_failed(outcome):
        metrics.count(metrics.JOBS, job.queue, "failed")


def count_queued(jobs: Sequence[Job]) -> None:
    """Count *jobs* that were committed or redriven: so queued = completed + dead + those unfinished."""
    for job in jobs:
        metrics.count(metrics.JOBS, job.queue, "queued")


def settle(database: Database, claim: Claim, outcomes: Sequence[Outcome]) -> None:
    """Write and announce the *outcomes* in one go."""
    announce(claim, outcomes, write(database, claim, outcomes))


def _log(event: str, job: Claimed, attempt: int, outcome: Outcome | None = None) -> None:
    fields = (
        {"due_at": outcome.due_at, "reason": outcome.reason} if outcome and outcome.state != "done" else {}
    )
    with logs.bind(correlation_id=job.correlation_id):
        log.info(event, job_id=str(job.id), type=job.type, queue=job.queue, attempt=attempt, **fields)
