"""
Recalculates the rankings: one run at a time, in one transaction that carries the fence.

A run that slept past its lease finds a later fence and writes nothing. Readers see the last run until the
new one commits, whole, and wait for nobody.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from chalicelib.guards import store as guards_store
from chalicelib.guards.invalidations import RANKINGS, tell_cache
from chalicelib.platform import clock, deadline, logs
from chalicelib.platform.errors import LockTimeout
from chalicelib.platform.postgres import Database, Transaction
from chalicelib.rankings import rules, store
from chalicelib.resilience.lock import TTL_S, held
from chalicelib.resilience.store import FenceLost, hold_fence, issue_fence
from chalicelib.resilience.valkey import Valkey

LOCK = "rankings"
NAMESPACE = RANKINGS  # under which the cache keeps pages and places
_BUDGET_S = TTL_S - 5  # a run ends, one way or the other, while its lease lasts
log = logs.EventLog("rankings")


@dataclass(frozen=True)
class Run:
    """One recalculation: how many were judged, as of when, and which run it followed."""

    id: uuid.UUID
    calculated_at: datetime
    contractors: int
    weights_version: int
    previous_run_id: uuid.UUID | None
    stale: dict[str, int]  # for the cache, once it is committed


def _tell_nobody(_transaction: Transaction, _run: Run) -> None:
    """Nothing else is written with the run."""


def recalculate(
    database: Database, valkey: Valkey, also: Callable[[Transaction, Run], None] = _tell_nobody
) -> Run:
    """
    Judge every contractor anew, now; *also* writes into the same transaction. The next read sees it.

    Raises:
        LockTimeout: another run is under way, or a later one took over; its result is as good.
    """
    with held(valkey, LOCK), deadline.within(_BUDGET_S):
        fence = issue_fence(database, LOCK)
        try:
            run = calculate_under(database, fence, also)
        except FenceLost as error:
            log.warning("rankings.fence_lost", detail=str(error))
            raise LockTimeout("A later run took over; its rankings stand.", retry_after_s=5) from error
    tell_cache(run.stale)
    return run


def calculate_under(
    database: Database, fence: int, also: Callable[[Transaction, Run], None] = _tell_nobody
) -> Run:
    """
    Write a new run under *fence*, and with it that what the cache keeps is stale.

    Raises:
        FenceLost: a later holder took over; nothing was written.
    """
    run_id, now, version = uuid.uuid4(), clock.now(), rules.VERSION
    parameters = {**asdict(rules.WEIGHTS[version]), "now": now, "run_id": run_id, "version": version}
    with database.transaction() as transaction:
        hold_fence(transaction, LOCK, fence)
        found = store.calculate(transaction, parameters)
        stale = guards_store.make_stale(transaction, [NAMESPACE])
        run = Run(run_id, now, found["contractors"], version, found["previous_run_id"], stale)
        also(transaction, run)
    log.info("rankings.calculated", run_id=str(run_id), contractors=run.contractors)
    return run
