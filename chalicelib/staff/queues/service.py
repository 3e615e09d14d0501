"""
Brings dead jobs back to life, with all their attempts, in a new epoch.

The ledger's change and its audit entry commit together; the messages after that are only wake-up calls, and
what is not sent here is the relay's.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chalicelib.guards.access import caller_of
from chalicelib.jobs import ledger
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.dispatch import dispatch
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.room import check_room
from chalicelib.platform import clock, logs
from chalicelib.platform.errors import Conflict, NotFound
from chalicelib.platform.http import Call
from chalicelib.platform.postgres import Transaction, database
from chalicelib.staff.audit import service as audit
from chalicelib.staff.queues import store
from chalicelib.staff.queues.health import STAFF_QUEUES
from chalicelib.staff.queues.models import Redriven

REDRIVEN_AT_ONCE = 1000
_WOKEN_AT_ONCE = 100  # a worker that is awake drains what is due, so not every job needs a message of its own
log = logs.EventLog("queues")


def known_queue(name: str) -> str:
    """
    The queue that an address names.

    Raises:
        NotFound: there is no such queue.
    """
    if name not in STAFF_QUEUES:
        raise NotFound(f"There is no such queue; there are {', '.join(STAFF_QUEUES)}.")
    return name


def redrive(call: Call, queue: str, job_id: UUID) -> Redriven:
    """
    Bring one dead job back to life.

    Raises:
        NotFound: the queue has no such job.
        Conflict: the job is not dead.
        QueueFull: the queue has no room.
    """
    check_room(queue)
    now = clock.now()
    with database().transaction() as transaction:
        jobs = _wake(transaction, call, queue, [job_id], now)
        if jobs:
            epoch = jobs[0].epoch
            audit.record(
                transaction,
                call,
                "job.redriven",
                target=f"jobs/{job_id}",
                before={"state": "dead", "epoch": epoch - 1},
                after={"state": "waiting", "epoch": epoch},
                now=now,
            )
        remaining = store.count_dead(transaction, queue)
    if not jobs:
        state = store.find_state(database(), queue, job_id)
        if state is None:
            raise NotFound("This queue has no such job.")
        how = "being redriven by somebody else" if state == "dead" else state
        raise Conflict(f"This job is {how}; only a dead one can be redriven.")
    return _send(call, queue, jobs, remaining)


def redrive_all(call: Call, queue: str) -> Redriven:
    """
    Bring up to 1,000 dead jobs of *queue* back to life, those that died first; none is no error.

    Raises:
        QueueFull: the queue has no room.
    """
    check_room(queue)
    now = clock.now()
    with database().transaction() as transaction:
        jobs = _wake(transaction, call, queue, None, now)
        if jobs:
            audit.record(
                transaction,
                call,
                "queue.redriven",
                target=f"queues/{queue}",
                before=None,
                after={"redriven": len(jobs)},
                now=now,
            )
        remaining = store.count_dead(transaction, queue)
    return _send(call, queue, jobs, remaining)


def _wake(
    transaction: Transaction, call: Call, queue: str, ids: Sequence[UUID] | None, now: datetime
) -> list[Job]:
    rows = jobs_store.redrive(
        transaction,
        queue,
        ids=ids,
        now=now,
        detail=f"by staff ({caller_of(call).role})",
        limit=REDRIVEN_AT_ONCE,
    )
    return [Job(**row) for row in rows]


def _send(call: Call, queue: str, jobs: Sequence[Job], remaining: int) -> Redriven:
    log.info("jobs.redriven", queue=queue, jobs=len(jobs), remaining=remaining)
    dispatch(jobs[:_WOKEN_AT_ONCE], began_s=call.began_s)
    ledger.count_queued(jobs[_WOKEN_AT_ONCE:])
    return Redriven(redriven=len(jobs), remaining=remaining)
