"""What the sync queue's jobs do, with the parts of this process."""

import uuid
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from chalicelib.gateways.google_sheets import google_sheet
from chalicelib.jobs import outbox
from chalicelib.jobs.batch import Work
from chalicelib.jobs.ledger import Claim
from chalicelib.jobs.outcome import Claimed
from chalicelib.jobs.runner import Effect, OneByOne
from chalicelib.platform import clock, metrics
from chalicelib.platform.postgres import database
from chalicelib.platform.settings import settings
from chalicelib.resilience.valkey import valkey
from chalicelib.sheets import store
from chalicelib.sheets.runs import service as runs
from chalicelib.sheets.service import CALL_BUDGET_S, SheetSync

_PROMOTED_AT_MOST = 1000


@cache
def sheet_sync() -> SheetSync:
    """This process's sync of the configured tab."""
    known = settings()
    return SheetSync(database(), valkey(), google_sheet(), known.spreadsheet_id, known.sheet_tab)


def sync(woken_by: Sequence[UUID]) -> None:
    """Drain everything that is due."""
    sheet_sync().drain(woken_by)


def _backfill(job: Claimed, _claim: Claim) -> Effect:
    return runs.backfill(sheet_sync(), job)


def _reconcile(job: Claimed, _claim: Claim) -> Effect:
    return runs.reconcile(sheet_sync(), job)


# A run is not begun without the time for a call.
_RESERVE_S = CALL_BUDGET_S + 8.0  # a lock that is waited for, and the end of the job
KINDS: dict[str, Work] = {
    "google_sheets": sync,
    "sheet_backfill": OneByOne("sheet_backfill", _backfill, reserve_s=_RESERVE_S),
    "sheet_reconcile": OneByOne("sheet_reconcile", _reconcile, reserve_s=_RESERVE_S),
}


def reconcile_nightly() -> None:
    """Have the sheet compared with the ledger; the schedule's."""
    job = runs.start_nightly()
    outbox.send([] if job is None else [job])


def forget_old() -> None:
    """Delete what need not be known of old runs; part of the retention schedule."""
    runs.forget_old(clock.now())


def promote_rewrites() -> None:
    """Make jobs for rows that are due to be written again; part of the relay's schedule."""
    correlation_id = f"relay-{uuid.uuid4()}"
    promoted = store.promote_rewrites(
        database(), now=clock.now(), correlation_id=correlation_id, limit=_PROMOTED_AT_MOST
    )
    if promoted:
        metrics.count(metrics.JOBS, "sync", "queued", by=promoted)
