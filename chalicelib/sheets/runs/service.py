"""
Starts and does runs over the whole sheet.

A backfill writes every lead's row again, a call's worth at a time, new leads first; how far it has come is
committed after each call, so whoever comes next goes on from there. A reconciliation reads the id column as
it was at one instant and holds it against the ledger. Both hold the sheet as the sync does, with its lock,
fence and circuit; an outage only makes them wait.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chalicelib.alerts import service as alerts
from chalicelib.jobs import store as jobs_store
from chalicelib.jobs.envelope import Job
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import Effect, Impossible, Later
from chalicelib.platform import clock, deadline, logs
from chalicelib.platform.postgres import Database, Transaction, database
from chalicelib.resilience.lock import Lease
from chalicelib.resilience.store import FenceLost
from chalicelib.sheets.outcomes import Outage
from chalicelib.sheets.runs import store
from chalicelib.sheets.service import BATCH_ROWS, CALL_BUDGET_S, SheetSync

BACKFILL, RECONCILE, ADOPT = "backfill", "reconcile", "adopt"
JOB_TYPES = {BACKFILL: "sheet_backfill", RECONCILE: "sheet_reconcile", ADOPT: "sheet_reconcile"}
_OVER = frozenset({"done", "failed"})
RUNS_KEPT_FOR = timedelta(days=90)
_NOT_SETTLED_S = 30.0
_ALERT_WINDOW = timedelta(hours=12)
log = logs.EventLog("sheets")


def start(
    within: Database | Transaction, kind: str, *, correlation_id: str, started_by: UUID | None
) -> tuple[UUID, Job | None]:
    """
    Begin a run of *kind*, and return its id and its job, to be sent once this is committed.

    While one of its kind is under way that is the run, and there is no new job; one whose job is dead is not.
    """
    job, run_id = Job.new(JOB_TYPES[kind], correlation_id), uuid4()
    parameters: dict[str, Any] = {
        **jobs_store.insert_parameters([job]),
        "run_id": run_id,
        "kind": kind,
        "job_id": job.id,
        "job_type": job.type,
        "started_by": started_by,
        "correlation_id": correlation_id,
        "now": clock.now(),
    }
    store.give_up_dead(within, kind, clock.now())
    while True:
        if store.start(within, parameters) is not None:
            return run_id, job
        found = store.find_open(within, kind)
        if found is not None:
            return found, None


def backfill(sync: SheetSync, job: Claimed) -> Effect:
    """Write what is left of the run, as far as the invocation's time allows; the rest is for a next job."""
    store.begin_backfill(database(), job.subject_id)
    with _alone(sync) as (lease, fence):
        while True:
            sync.drain_under(lease, fence)
            run = store.take(database(), job.subject_id)
            if run is None or run["state"] in _OVER:
                return Effect(note="the run is over")
            leads = store.next_leads(database(), run, BATCH_ROWS)
            if not leads:
                return Effect(lambda transaction: _finish(transaction, job.subject_id))
            if deadline.remaining_s(60) < CALL_BUDGET_S:
                return Effect(lambda transaction: _carry_on(transaction, job))
            batch, total = run["done"] // BATCH_ROWS + 1, -(-run["total"] // BATCH_ROWS)
            log.info("sheets.batch", batch=batch, total=max(batch, total), run_id=str(run["id"]))
            ids = [lead["id"] for lead in leads]
            sent = sync.write(lease, fence, ids)
            refused = len(sent.refused)
            if sent.taken:  # a person's words stood where they were to go; their next numbers may be free
                refused += len(sync.write(lease, fence, sorted(sent.taken)).refused)
            last = leads[-1]
            with sync.transaction(fence) as transaction:
                store.advance(
                    transaction,
                    run["id"],
                    done=len(leads),
                    refused=refused,
                    after_at=last["created_at"],
                    after_id=last["id"],
                )


def reconcile(sync: SheetSync, job: Claimed) -> Effect:
    """Compare the sheet with the ledger, and draw the consequences, in one transaction under the fence."""
    run = store.take(database(), job.subject_id)
    if run is None:
        raise Impossible("there is no such run")
    if run["state"] in _OVER:
        return Effect(note="the run is over")
    store.begin(database(), run["id"])
    with _alone(sync) as (lease, fence):
        sync.drain_under(lease, fence)
        if deadline.remaining_s(60) < CALL_BUDGET_S:
            raise Later("new leads came first", 1.0)
        column = sync.ids(lease)
        cells = [
            (number, cell.strip()) for number, cell in enumerate(column, 1) if number > 1 and cell.strip()
        ]
        rows = [number for number, _ in cells]
        with sync.transaction(fence) as transaction:
            if store.count_unsettled(transaction):
                raise Later("a call to the sheet may still land", _NOT_SETTLED_S)
            found = Counter(
                store.compare(transaction, run["id"], rows=rows, ids=[_id_in(cell) for _, cell in cells])
            )
            store.follow(
                transaction,
                run["id"],
                rows=rows,
                adopt=run["kind"] == ADOPT,
                now=clock.now(),
                correlation_id=job.correlation_id,
            )
            store.finish(transaction, run["id"], clock.now(), done=len(rows))
    log.info("sheets.reconciled", run_id=str(run["id"]), rows=len(rows), **found)
    _tell(run["kind"], found)
    return Effect()


def start_nightly() -> Job | None:
    """The schedule's reconciliation; None while one is under way."""
    _, job = start(database(), RECONCILE, correlation_id=f"nightly-{uuid4()}", started_by=None)
    return job


def forget_old(now: datetime) -> int:
    """Delete runs that ended three months ago."""
    return store.forget_before(database(), now - RUNS_KEPT_FOR)


@contextmanager
def _alone(sync: SheetSync) -> Iterator[tuple[Lease, int]]:
    """Hold the sheet; an outage, or a lease that was lost, makes the job wait and spends nothing."""
    try:
        with sync.alone() as held:
            yield held
    except Outage as outage:
        raise Later(outage.reason, max(1.0, (outage.until - clock.now()).total_seconds())) from outage
    except FenceLost as error:
        raise Later("FENCE_LOST", 1.0) from error


def _carry_on(transaction: Transaction, job: Claimed) -> list[Job]:
    following = Job.new(job.type, job.correlation_id)
    store.carry_on(transaction, job.subject_id, following, clock.now())
    return [following]


def _finish(transaction: Transaction, run_id: UUID) -> list[Job]:
    store.finish(transaction, run_id, clock.now())
    return []


def _id_in(cell: str) -> UUID | None:
    """The id that stands in a cell as we write it; what a person typed is none."""
    try:
        found = UUID(cell)
    except ValueError:
        return None
    return found if str(found) == cell else None


def _tell(kind: str, found: Counter[str]) -> None:
    counts = [f"{found[name]} {name}" for name in ("missing", "moved", "doubled", "foreign") if found[name]]
    if not counts:
        return
    after = "are ours again where they are" if kind == ADOPT else "are left alone until somebody adopts them"
    body = f"Rows: {', '.join(counts)}. Missing ones are written again; moved ones {after}."
    alerts.raise_alert("sheet_differs", "The sheet differs from our ledger", body, window=_ALERT_WINDOW)
